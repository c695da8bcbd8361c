"""Input `tcp`: lines over connections. There is no acknowledgement: what a kill catches unread is the sender's loss."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Annotated

from shipper.errors import UnavailableError
from shipper.logstash_runner import tree
from shipper.logstash_runner.codec import make_decoder
from shipper.logstash_runner.input.open_deliveries import OpenDeliveries
from shipper.logstash_runner.input.tls_options import ListenerOptions, check_port, server_tls
from shipper.logstash_runner.plugin import Boolean, Codec, Number, String, one_of
from shipper.lumberjack.tls import TlsContext

if TYPE_CHECKING:
    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext, Make, Written

_log = logging.getLogger(__name__)
_READ = 256 * 1024
_HANDSHAKE_SECONDS = 10.0


class TcpOptions(ListenerOptions, frozen=True, kw_only=True):
    """As Logstash's server mode; names are not looked up."""

    port: Number
    host: String = "0.0.0.0"  # noqa: S104 - Logstash's default
    mode: Annotated[str, one_of("server")] = "server"
    codec: Codec = tree.Plugin("line", ())
    dns_reverse_lookup_enabled: Boolean = True
    tcp_keep_alive: Boolean = False


def prepare(options: TcpOptions, written: Written) -> Make:
    """Check the options of a tcp input.

    Raises:
        InvalidPluginError: TLS options that do not fit.
    """
    check_port(options.port, written.plugin)
    decoder = make_decoder(options.codec, written.environment)
    tls = server_tls(options, written.plugin)

    def make(context: InputContext, port: int | None) -> TcpInput:
        address = (options.host, int(options.port) or port or 0)
        return TcpInput(address, decoder, context, TlsContext(tls) if tls else None)

    return make


class TcpInput:
    """Listens; a thread a connection reads only as fast as the outputs accept."""

    def __init__(
        self, address: tuple[str, int], decoder: Decoder, context: InputContext, tls: TlsContext | None = None
    ) -> None:
        """Bind the address.

        Raises:
            UnavailableError: the address is taken or not ours.
        """
        self._decoder = decoder
        self._context = context
        self._tls = tls
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        try:
            self._listener = socket.create_server(address, family=family)
        except OSError as error:
            raise UnavailableError(
                f"cannot listen: {error.strerror}", where=f"{address[0]}:{address[1]}", hint="choose another port"
            ) from error
        self._listener.settimeout(0.2)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._peers: dict[socket.socket, threading.Thread] = {}
        self._thread = threading.Thread(target=self._accept, name="tcp-accept", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) that clients reach."""
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._listener.close()
        with self._lock:
            peers = dict(self._peers)
        for peer, thread in peers.items():
            with contextlib.suppress(OSError):
                socket.socket.shutdown(peer, socket.SHUT_RD)
            thread.join(timeout)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                peer, address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError as error:
                _log.error("cannot accept connections now: %s", error)
                self._context.clock.wait(self._stopping, 1.0)
                continue
            thread = threading.Thread(target=self._serve, args=(peer, address), name="tcp-peer", daemon=True)
            with self._lock:
                self._peers[peer] = thread
            thread.start()

    def _serve(self, peer: socket.socket, address: tuple[str, int]) -> None:
        deliveries = OpenDeliveries(self._context)
        try:
            with self._secured(peer) as connection:
                self._read(connection, address, deliveries)
        except OSError as error:
            _log.info("%s: connection lost: %s", address[0], error)
        finally:
            deliveries.drain()
            with self._lock:
                del self._peers[peer]

    def _secured(self, peer: socket.socket) -> socket.socket:
        if self._tls is None:
            return peer
        peer.settimeout(_HANDSHAKE_SECONDS)
        connection = self._tls.current().wrap_socket(peer, server_side=True)
        connection.settimeout(None)
        return connection

    def _read(self, connection: socket.socket, address: tuple[str, int], deliveries: OpenDeliveries) -> None:
        stream = self._decoder.stream()
        while data := _receive(connection):
            deliveries.submit(_marked(stream.feed(data), address))
        deliveries.submit(_marked(stream.flush(), address))


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_READ)
    except (ConnectionResetError, ssl.SSLEOFError):
        return b""


def _marked(documents: list[Document], address: tuple[str, int]) -> list[Document]:
    source = {"ip": address[0], "name": address[0], "port": address[1]}
    for document in documents:
        metadata = document.setdefault("@metadata", {})
        if isinstance(metadata, dict):
            metadata["input"] = {"tcp": {"source": dict(source)}}
    return documents
