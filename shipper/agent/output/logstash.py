"""The `logstash` output: Lumberjack v2 to a beats input, windows pipelined, hosts in turn."""

from __future__ import annotations

import math
import random
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from shipper import __version__
from shipper.agent.output.base import Limits, Settled
from shipper.agent.output.hosts import check_times, parse_address
from shipper.agent.output.pool import HostPool
from shipper.agent.output.probe import Probe, probe_host
from shipper.agent.output.tls import ClientTls, TlsSettings
from shipper.config import Duration, Settings
from shipper.lumberjack.client import LumberjackClient, connect

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from shipper.agent.batch import Batch
    from shipper.agent.output.base import Parcel
    from shipper.agent.output.hosts import Address
    from shipper.clock import Clock

_PORT = 5044
_GREETING = 3.0
"""Seconds in which Logstash answers an empty window."""
_SLOW_START = 64
"""Events of a connection's first window."""


class LogstashSettings(Settings, frozen=True, tag_field="type", tag="logstash"):
    """Logstash by its beats input.

    Attributes:
        hosts: `host:port`; connections are spread over them from a random one on, others take over when one fails.
        window: events a window, at most 2,048 as Logstash's memory likes it.
        pipelining: windows on the way at once.
        compression: 0 none, 1 fast to 3 small.
        connect_timeout: time for a connection to stand.
        backoff_max: longest time that a host that failed is left alone, with full jitter.
        ttl: time after which a connection is replaced, so that hosts are used evenly and changes of DNS are seen; 0
            for never.
        slow_start: begin a connection with small windows.
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
    backoff_max: Duration = Duration(10)
    ttl: Duration = Duration(300)
    slow_start: bool = True
    tls: TlsSettings | None = None

    def __post_init__(self) -> None:
        for host in self.hosts:
            parse_address(host, _PORT)
        if self.timeout < 10:
            raise ValueError("`timeout` must be at least 10s: Logstash keeps alive every 5s")
        check_times(self.backoff_max, self.connect_timeout)


class LogstashOutput:
    """Opens Lumberjack connections."""

    def __init__(self, settings: LogstashSettings, clock: Clock) -> None:
        """Nothing is connected yet.

        Raises:
            ConfigError: a TLS file cannot be used.
        """
        self._settings = settings
        self._clock = clock
        self._addresses = [parse_address(host, _PORT) for host in settings.hosts]
        first = random.randrange(len(self._addresses))
        self.pool = HostPool([str(each) for each in self._addresses], clock, ceiling=settings.backoff_max, first=first)
        self._tls = ClientTls(settings.tls) if settings.tls is not None else None

    @property
    def name(self) -> str:
        return f"logstash://{','.join(map(str, self._addresses))}"

    @property
    def connections(self) -> int:
        return self._settings.connections

    @property
    def limits(self) -> Limits:
        return Limits(self._settings.window, in_flight=self._settings.pipelining, ttl=self._settings.ttl)

    def open(self, place: int = 0, patience: float | None = None) -> LogstashSession:
        settings, tls = self._settings, self._tls
        stamp = tls.stamp() if tls else ()
        sock = self._connect(self._addresses[place], min(settings.connect_timeout, patience or math.inf))
        smallest = min(_SLOW_START, settings.window) if settings.slow_start else settings.window
        return LogstashSession(
            self._client(sock), settings.window, smallest, lambda: tls is not None and tls.stamp() != stamp
        )

    def probe(self, place: int = 0, patience: float | None = None) -> Probe:
        address = self._addresses[place]
        return probe_host(str(address), partial(self._ask, address, patience or math.inf))

    def _ask(self, address: Address, patience: float, probe: Probe) -> None:
        sock = self._connect(address, min(self._settings.connect_timeout, patience))
        probe.connected(sock)
        client = self._client(sock)
        try:
            probe.speaks = (
                client.greet(min(_GREETING, patience)) or None
            )  # other servers than Logstash's may not answer
        finally:
            client.close()

    def _connect(self, address: Address, timeout: float) -> socket.socket:
        context = self._tls.context() if self._tls else None
        name = self._settings.tls.server_name if self._settings.tls else None
        return connect(address.host, address.port, timeout=timeout, tls=context, name=name)

    def _client(self, sock: socket.socket) -> LumberjackClient:
        settings = self._settings
        return LumberjackClient(sock, self._clock, timeout=settings.timeout, compression=settings.compression)


class LogstashSession:
    """One connection; a parcel is settled when all its windows are acknowledged.

    Slow start: windows begin small, one at a time, and double with each acknowledgement, so that a peer that comes
    back, or chokes on something, is not handed everything at once.
    """

    def __init__(
        self, client: LumberjackClient, window: int, smallest: int, renewed: Callable[[], bool] = lambda: False
    ) -> None:
        """Use a client that is connected.

        Args:
            client: ours from now on.
            window: events a window.
            smallest: events of the first window; `window` for no slow start.
            renewed: have the TLS files changed since the connection was opened?
        """
        self._client = client
        self._window = window
        self._size = smallest
        self._renewed = renewed
        self._windows: deque[Parcel | None] = deque()  # a parcel at its last window
        self._settled: list[Settled] = []

    def send(self, parcel: Parcel) -> None:
        payloads = [payload for batch in parcel for payload in encode_payloads(batch)]
        start, total = 0, len(payloads)
        while start < total:
            while self._windows and self._size < self._window:
                self._collect(self._client.receive(1.0))
            end = min(total, start + self._size)
            self._windows.append(parcel if end == total else None)
            self._client.send(payloads[start:end])
            start = end

    def receive(self, wait: float) -> list[Settled]:
        if not self._settled:
            self._collect(self._client.receive(wait))
        settled, self._settled = self._settled, []
        return settled

    def is_stale(self) -> bool:
        return self._renewed() or not self._client.is_open()

    def interrupt(self) -> None:
        self._client.interrupt()

    def close(self) -> None:
        self._client.close()

    def _collect(self, finished: int) -> None:
        for _ in range(finished):
            parcel = self._windows.popleft()
            self._size = min(self._window, 2 * self._size)
            if parcel is not None:
                self._settled.append(Settled(parcel))


def encode_payloads(batch: Batch) -> list[bytes]:
    """Each document with the `@metadata` that the pipelines read."""
    tail = f'","stream":"{batch.stream.value}","shipper":"{__version__}"}}}}'.encode()
    join = b"".join
    return [
        join((document[:-1], b',"@metadata":{"_id":"', name.encode(), tail))
        for document, name in zip(batch.documents, batch.ids, strict=True)
    ]
