"""Records straight to Logstash: python-logstash-async over its Beats transport, through a bounded queue on disk."""

from __future__ import annotations

import socket
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pylogbeat
from logstash_async.handler import AsynchronousLogstashHandler

from shipper.app.formatter import EcsFormatter, Service

if TYPE_CHECKING:
    import logging

_LOOK_EVERY = 1.0  # seconds between two looks at the queue's size


@dataclass(frozen=True, slots=True)
class LogstashTarget:
    """Where the records go.

    Attributes:
        host, port: Logstash's beats input.
        queue: SQLite file that keeps records while Logstash is away.
        queue_bytes: size of the queue from which on new records are dropped and counted.
        ca: CA certificates (PEM) to verify Logstash with; None means a plain connection.
        certificate, key: this service's own certificate for mutual TLS (PEM).
        timeout: seconds for one network step of the sending thread; the service itself never waits.
    """

    host: str
    port: int
    queue: Path | str
    queue_bytes: int = 256 * 1024**2
    ca: Path | str | None = None
    certificate: Path | str | None = None
    key: Path | str | None = None
    timeout: float = 5.0


class LogstashHandler(AsynchronousLogstashHandler):  # type: ignore[misc]  # python-logstash-async is untyped
    """Hands records to the sending thread and returns at once, whether Logstash is there or not."""

    def __init__(self, target: LogstashTarget, service: Service) -> None:
        queue = Path(target.queue)
        queue.parent.mkdir(parents=True, exist_ok=True)
        queue.touch(mode=0o600)
        super().__init__(target.host, target.port, str(queue), transport=_BeatsTransport(target))
        self.setFormatter(EcsFormatter(service, event_id=True))
        self.dropped = 0
        self._queue_file = queue
        self._queue_limit = target.queue_bytes
        self._full = False
        self._looked = float("-inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record, or count it in `dropped` while the queue is at its limit."""
        if self._queue_is_full():
            self.dropped += 1
            return
        super().emit(record)

    def _queue_is_full(self) -> bool:
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return self._full
        self._looked = now
        was_full, self._full = self._full, self._size() >= self._queue_limit
        if self._full and not was_full:
            print(  # noqa: T201 - the logging system itself is what is full
                f"shipper.app: the queue {self._queue_file} is full; records are dropped until Logstash takes some",
                file=sys.stderr,
            )
        return self._full

    def _size(self) -> int:
        try:
            return self._queue_file.stat().st_size
        except OSError:
            return 0


class _BeatsTransport:
    """python-logstash-async's Beats transport, over the client below."""

    def __init__(self, target: LogstashTarget) -> None:
        self._target = target

    def send(self, events: list[bytes], *, use_logging: bool = False) -> None:
        batch = list(events)
        with _VerifyingClient(self._target, use_logging=use_logging) as client:
            for start in range(0, len(batch), 500):
                client.send(batch[start : start + 500])

    def close(self) -> None:
        """Nothing stays open between two sends."""


class _VerifyingClient(pylogbeat.PyLogBeatClient):  # type: ignore[misc]  # pylogbeat is untyped
    """pylogbeat with hostname verification, IPv6, no leaked sockets, and whole writes and reads."""

    _socket: socket.socket

    def __init__(self, target: LogstashTarget, *, use_logging: bool) -> None:
        super().__init__(
            target.host,
            target.port,
            timeout=target.timeout,
            ssl_enable=target.ca is not None,
            use_logging=use_logging,
        )
        self._target = target

    def _create_and_connect_socket(self) -> None:
        # create_connection closes the socket of a failed attempt; pylogbeat leaves it to the collector
        self._socket = socket.create_connection((self._target.host, self._target.port), self._target.timeout)

    def _setup_ssl_socket(self) -> None:
        # pylogbeat turns the hostname check off; this is the standard library's verifying default
        context = ssl.create_default_context(cafile=str(self._target.ca))
        if self._target.certificate is not None:
            context.load_cert_chain(str(self._target.certificate), self._target.key and str(self._target.key))
        plain = self._socket
        try:
            self._socket = context.wrap_socket(plain, server_hostname=self._target.host)
        except OSError:
            plain.close()
            raise

    def _send_payload(self, compressed_payload: bytes) -> None:
        self._socket.sendall(compressed_payload)

    def _read_ack(self) -> None:
        frame = b""
        while len(frame) < 6:
            part = self._socket.recv(6 - len(frame))
            if not part:
                raise ConnectionError("Logstash closed the connection before it acknowledged")
            frame += part
        self._assert_frame_type_is_ack(frame[1:2])
        self._last_ack = int.from_bytes(frame[2:], "big")
