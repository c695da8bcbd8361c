"""Input `beats`: Lumberjack v2, acknowledged when every output accepted the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.config import Duration
from shipper.logstash_runner.codec import make_decoder
from shipper.logstash_runner.input.tls_options import ListenerOptions, check_port, server_tls
from shipper.logstash_runner.plugin import Boolean, InvalidPluginError, Number, String, Strings
from shipper.lumberjack.server import LumberjackServer, ServerSettings, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext, Make, Written
    from shipper.lumberjack.server import Peer

    Done = Callable[[bool], None]

ENRICHMENTS = ("source_metadata", "codec_metadata", "ssl_peer_metadata")
"""What `enrich` may name, beside all and none."""


class BeatsOptions(ListenerOptions, frozen=True, kw_only=True):
    """As Logstash's; thread counts are its own business and change nothing here."""

    port: Number
    host: String = "0.0.0.0"  # noqa: S104 - Logstash's default
    client_inactivity_timeout: Number = 60
    enrich: Strings = ("all",)
    include_codec_tag: Boolean = True
    executor_threads: Number = 1
    event_loop_threads: Number = 0


def prepare(options: BeatsOptions, written: Written) -> Make:
    """Check the options of a beats input.

    Raises:
        InvalidPluginError: `enrich` or TLS options that do not fit.
    """
    check_port(options.port, written.plugin)
    enrich = _enrichments(options, written)
    decoder = make_decoder(options.codec, written.environment) if written.plugin.attribute("codec") else None
    tls = server_tls(options, written.plugin)
    session = SessionSettings(
        idle_timeout=Duration(options.client_inactivity_timeout),
        handshake_timeout=Duration(options.ssl_handshake_timeout / 1000),
    )

    def make(context: InputContext, port: int | None) -> BeatsInput:
        chosen = int(options.port) or port or 0
        settings = ServerSettings(host=options.host, port=chosen, tls=tls, session=session)
        return BeatsInput(settings, enrich, decoder, context)

    return make


def _enrichments(options: BeatsOptions, written: Written) -> frozenset[str]:
    given = frozenset(options.enrich)
    unknown = given - {*ENRICHMENTS, "all", "none"}
    if unknown or (len(given) > 1 and given & {"all", "none"}):
        raise InvalidPluginError(
            f"enrich takes all, none, or some of {', '.join(ENRICHMENTS)}; not {', '.join(options.enrich)}",
            where=str(written.plugin.place),
        )
    if "all" in given:
        return frozenset(ENRICHMENTS) if options.include_codec_tag else frozenset(ENRICHMENTS) - {"codec_metadata"}
    return given - {"none"}


class BeatsInput:
    """A Lumberjack server in front of the pipeline.

    Args:
        enrich: which of `ENRICHMENTS` are added.
        decoder: applied to `message` where the configuration names a codec, else None.
    """

    def __init__(
        self, settings: ServerSettings, enrich: frozenset[str], decoder: Decoder | None, context: InputContext
    ) -> None:
        self._context = context
        self._decoder = decoder
        self._source = "source_metadata" in enrich
        self._codec = "codec_metadata" in enrich
        self._server = LumberjackServer(settings, self._take, context.clock)

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) that clients reach."""
        return self._server.address

    def start(self) -> None:
        self._server.start()

    def stop(self, timeout: float) -> None:
        self._server.stop(timeout)

    def _take(self, events: list[dict[str, Any]], peer: Peer, done: Done) -> None:
        documents: list[Document] = events
        if self._decoder is not None:
            documents = [made for event in events for made in self._decoded(event, self._decoder)]
        if self._source:
            for document in documents:
                metadata = document.get("@metadata")
                if type(metadata) is not dict:
                    metadata = document["@metadata"] = {}
                metadata["input"] = {"beats": {"host": {"ip": peer.host}}}
        if self._codec:
            for document in documents:
                self._mark(document)
        self._context.submit(documents, done)

    def _mark(self, document: Document) -> None:
        """The plain codec's traces: a tag, and the message a second time."""
        message = document.get("message")
        if message is None:
            _add_tag(document, "beats_input_raw_event")
            return
        if self._decoder is None:
            _add_tag(document, "beats_input_codec_plain_applied")
            event = document.setdefault("event", {})
            if isinstance(event, dict):
                event.setdefault("original", message if isinstance(message, str) else str(message))

    @staticmethod
    def _decoded(document: Document, decoder: Decoder) -> list[Document]:
        message = document.pop("message", None)
        if message is None:
            return [document]
        made = decoder.decode((message if isinstance(message, str) else str(message)).encode())
        return [{**document, **item} for item in made]


def _add_tag(document: Document, tag: str) -> None:
    tags = document.get("tags")
    if isinstance(tags, list):
        if tag not in tags:
            tags.append(tag)
    elif isinstance(tags, str):
        document["tags"] = [tags, tag]
    elif tags is None:
        document["tags"] = [tag]
