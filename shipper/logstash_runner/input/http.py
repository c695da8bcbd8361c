"""Input `http`: webhooks. 200 means that every output accepted the events."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import msgspec

from shipper.logstash_runner.codec import make_decoder
from shipper.logstash_runner.input.http_server import HttpAccess, HttpLimits, HttpServer, Request, Response
from shipper.logstash_runner.input.tls_options import ListenerOptions, check_port, server_tls
from shipper.logstash_runner.plugin import Hash, InvalidPluginError, Number, Password, String
from shipper.logstash_runner.tree import Plugin
from shipper.lumberjack.tls import TlsContext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext, Make, Written

_HOST_PORT = re.compile(r"(?:\[(.*)\]|([^:]+)):(\d+)")
_ANSWER_SECONDS = 30.0
_PREFIXED = ("accept", "host", "user_agent")
"""Headers that Logstash notes as `http_…`, as null where they are missing; the others keep their names."""
_UNNOTED = frozenset({*_PREFIXED, "authorization"})
_BACKLOG_EVENTS = 20_000
"""More waiting events than this, and senders are told to come again."""


class HttpOptions(ListenerOptions, frozen=True, kw_only=True):
    """As Logstash's; `max_pending_requests` is its own business and changes nothing here."""

    host: String = "0.0.0.0"  # noqa: S104 - Logstash's default
    port: Number = 8080
    user: String | None = None
    password: Password | None = None
    threads: Number = 4
    max_pending_requests: Number = 200
    max_content_length: Number = 100 * 1024 * 1024
    additional_codecs: Hash = msgspec.field(default_factory=lambda: {"application/json": "json"})


def prepare(options: HttpOptions, written: Written) -> Make:
    """Check the options of an http input.

    Raises:
        InvalidPluginError: a user without a password, or TLS options that do not fit.
    """
    check_port(options.port, written.plugin)
    if (options.user is None) != (options.password is None):
        raise InvalidPluginError("user and password belong together", where=str(written.plugin.place))
    access = HttpAccess(options.user, options.password.reveal() if options.password else None)
    limits = HttpLimits(threads=int(options.threads), body=int(options.max_content_length))
    place = written.plugin.place
    decoders = {
        kind.lower(): make_decoder(Plugin(str(codec), (), place), written.environment)
        for kind, codec in options.additional_codecs.items()
    }
    decoder = make_decoder(options.codec, written.environment)
    tls = server_tls(options, written.plugin)

    def make(context: InputContext, port: int | None) -> HttpInput:
        return HttpInput(
            (options.host, int(options.port) or port or 0),
            (decoder, decoders),
            context,
            limits=limits,
            access=access,
            tls=TlsContext(tls) if tls else None,
        )

    return make


class HttpInput:
    """An HTTP server in front of the pipeline.

    Args:
        decoders: content type -> codec, for the bodies; others go to `decoder`.
    """

    def __init__(
        self,
        address: tuple[str, int],
        decoders: tuple[Decoder, Mapping[str, Decoder]],
        context: InputContext,
        *,
        limits: HttpLimits,
        access: HttpAccess,
        tls: TlsContext | None = None,
    ) -> None:
        self._decoder, self._decoders = decoders
        self._context = context
        self._server = HttpServer(address, self._answer, limits=limits, access=access, tls=tls)

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) that clients reach."""
        return self._server.address

    def start(self) -> None:
        self._server.start()

    def stop(self, timeout: float) -> None:
        self._server.stop(timeout)

    def _answer(self, request: Request) -> Response:
        if self._context.backlog() > _BACKLOG_EVENTS:
            return Response(429, "busy", (("Retry-After", "1"),))
        kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        documents = self._decoders.get(kind, self._decoder).decode(request.body)
        for document in documents:
            _describe(document, request)
        answered = threading.Event()
        accepted: list[bool] = []

        def done(value: bool) -> None:
            accepted.append(value)
            answered.set()

        self._context.submit(documents, done)
        if not answered.wait(_ANSWER_SECONDS) or not accepted[0]:
            return Response(503, "not stored yet, send it again", (("Retry-After", "5"),))
        return Response(200, "ok")


def _describe(document: Document, request: Request) -> None:
    """What Logstash notes about the request in ECS v8, over whatever the body says."""
    headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
    noted: dict[str, str | None] = {name: value for name, value in headers.items() if name not in _UNNOTED}
    noted |= {f"http_{name}": headers.get(name) for name in _PREFIXED}
    noted |= {"request_path": request.path, "request_method": request.method, "http_version": request.version}
    _put(document, ("@metadata", "input", "http", "request", "headers"), noted)
    _put(document, ("host", "ip"), request.peer)
    _put(document, ("http", "version"), request.version)
    _put(document, ("http", "method"), request.method)
    _put(document, ("url", "path"), request.path)
    _put_host(document, headers.get("host"))
    for name, place in (
        ("user_agent", ("user_agent", "original")),
        ("content_type", ("http", "request", "mime_type")),
        ("content_length", ("http", "request", "body", "bytes")),
    ):
        if name in headers:
            _put(document, place, headers[name])


def _put_host(document: Document, host: str | None) -> None:
    if host is None:
        return
    match = _HOST_PORT.fullmatch(host)
    _put(document, ("url", "domain"), (match.group(1) or match.group(2)) if match else host)
    if match:
        _put(document, ("url", "port"), int(match.group(3)))


def _put(document: Document, place: tuple[str, ...], value: Any) -> None:
    """Set a nested field, unless the body has something else than an object on the way."""
    node: Any = document
    for name in place[:-1]:
        node = node.setdefault(name, {})
        if not isinstance(node, dict):
            return
    node[place[-1]] = value
