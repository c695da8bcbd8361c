"""Input `beats`: Lumberjack v2, acknowledged when every output accepted the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.lumberjack.server import LumberjackServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext
    from shipper.lumberjack.server import Peer, ServerSettings

    Done = Callable[[bool], None]

ENRICHMENTS = ("source_metadata", "codec_metadata", "ssl_peer_metadata")
"""What `enrich` may name, beside all and none."""


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
