"""The `logstash` output: Lumberjack v2 to a beats input, windows pipelined, hosts in turn."""

from __future__ import annotations

import random
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from shipper import __version__
from shipper.agent.output.base import Limits, Settled
from shipper.agent.output.hosts import parse_address
from shipper.agent.output.probe import Probe, probe_host
from shipper.config import Duration, Settings
from shipper.lumberjack.client import LumberjackClient, connect

if TYPE_CHECKING:
    import socket

    from shipper.agent.batch import Batch
    from shipper.agent.output.base import Parcel
    from shipper.agent.output.hosts import Address
    from shipper.agent.output.tls import TlsSettings as _Tls
    from shipper.clock import Clock

from shipper.agent.output.tls import TlsSettings, client_context

_PORT = 5044
_GREETING = 3.0
"""Seconds in which Logstash answers an empty window."""


class LogstashSettings(Settings, frozen=True, tag_field="type", tag="logstash"):
    """Logstash by its beats input.

    Attributes:
        hosts: `host:port`; the first is a random one, the next takes over when it fails.
        window: events a window, at most 2,048 as Logstash's memory likes it.
        pipelining: windows on the way at once.
        compression: 0 none, 1 fast to 3 small.
        connect_timeout: time for a connection to stand.
        timeout: seconds of silence (no progress, no keepalive) after which a connection is given up.
        connections: connections side by side; order within a file is then kept by time only.
    """

    hosts: Annotated[list[str], Meta(min_length=1)]
    window: Annotated[int, Meta(ge=1, le=2048)] = 2048
    pipelining: Annotated[int, Meta(ge=1, le=16)] = 2
    compression: Annotated[int, Meta(ge=0, le=3)] = 1
    connect_timeout: Duration = Duration(10)
    timeout: Duration = Duration(30)
    connections: Annotated[int, Meta(ge=1, le=16)] = 1
    tls: TlsSettings | None = None

    def __post_init__(self) -> None:
        for host in self.hosts:
            parse_address(host, _PORT)
        if self.timeout < 10:
            raise ValueError("`timeout` must be at least 10s: Logstash keeps alive every 5s")


class LogstashOutput:
    """Opens Lumberjack connections."""

    def __init__(self, settings: LogstashSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._addresses = [parse_address(host, _PORT) for host in settings.hosts]
        self._first = random.randrange(len(self._addresses))
        if settings.tls is not None:
            client_context(settings.tls)  # a wrong file is told at start

    @property
    def name(self) -> str:
        return f"logstash://{','.join(map(str, self._addresses))}"

    @property
    def connections(self) -> int:
        return self._settings.connections

    @property
    def limits(self) -> Limits:
        return Limits(self._settings.window, in_flight=self._settings.pipelining)

    def open(self, attempt: int) -> LogstashSession:
        sock = self._connect(self._addresses[(self._first + attempt) % len(self._addresses)])
        return LogstashSession(self._client(sock), self._settings.window)

    def probe(self) -> list[Probe]:
        return [probe_host(str(address), partial(self._ask, address)) for address in self._addresses]

    def _ask(self, address: Address, probe: Probe) -> None:
        sock = self._connect(address)
        probe.connected(sock)
        client = self._client(sock)
        try:
            probe.speaks = client.greet(_GREETING) or None  # other servers than Logstash's may not answer
        finally:
            client.close()

    def _connect(self, address: Address) -> socket.socket:
        tls: _Tls | None = self._settings.tls
        context = client_context(tls) if tls else None
        return connect(
            address.host,
            address.port,
            timeout=self._settings.connect_timeout,
            tls=context,
            name=tls.server_name if tls else None,
        )

    def _client(self, sock: socket.socket) -> LumberjackClient:
        settings = self._settings
        return LumberjackClient(sock, self._clock, timeout=settings.timeout, compression=settings.compression)


class LogstashSession:
    """One connection; a parcel is settled when all its windows are acknowledged."""

    def __init__(self, client: LumberjackClient, window: int) -> None:
        self._client = client
        self._window = window
        self._parcels: deque[tuple[Parcel, int]] = deque()

    def send(self, parcel: Parcel) -> None:
        payloads = [payload for batch in parcel for payload in encode_payloads(batch)]
        starts = range(0, len(payloads), self._window)
        self._parcels.append((parcel, len(starts)))
        for start in starts:
            self._client.send(payloads[start : start + self._window])

    def receive(self, wait: float) -> list[Settled]:
        finished = self._client.receive(wait)
        settled = []
        while finished:
            parcel, windows = self._parcels.popleft()
            done = min(windows, finished)
            finished -= done
            if done < windows:
                self._parcels.appendleft((parcel, windows - done))
            else:
                settled.append(Settled(parcel))
        return settled

    def interrupt(self) -> None:
        self._client.interrupt()

    def close(self) -> None:
        self._client.close()


def encode_payloads(batch: Batch) -> list[bytes]:
    """Each document with the `@metadata` that the pipelines read."""
    tail = f'","stream":"{batch.stream.value}","shipper":"{__version__}"}}}}'.encode()
    join = b"".join
    return [
        join((document[:-1], b',"@metadata":{"_id":"', name.encode(), tail))
        for document, name in zip(batch.documents, batch.ids, strict=True)
    ]
