"""The `stdin` input: lines that another program writes into ours."""

from __future__ import annotations

import os
import selectors
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, field

from shipper.agent.codec import CodecSettings
from shipper.agent.input.fields import ServiceSettings, check_fields
from shipper.agent.input.spooled import SpoolInput
from shipper.config import Duration, Settings, Size

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 65536


class StdinInputSettings(Settings, frozen=True, tag_field="type", tag="stdin"):
    """Lines on standard input, kept on disk until they are delivered.

    Attributes:
        codec: how bytes become records.
        dataset: `event.dataset`.
        service: for `service.*`.
        fields: more ECS fields, nested or dotted.
        flush_after: a whole line waits so long for lines that may belong to it.
        spool: bytes kept on disk at most; then the writer waits.
    """

    codec: CodecSettings = field(default_factory=CodecSettings)
    dataset: Annotated[str, Meta(min_length=1)] = "stdin"
    service: ServiceSettings | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    flush_after: Duration = Duration(1)
    spool: Size = Size(64 * 1024 * 1024)

    def __post_init__(self) -> None:
        check_fields(self.fields)
        if self.spool < 1 << 20:
            raise ValueError("`spool` must be at least 1MiB")

    @property
    def name(self) -> str:
        """Of its spool."""
        return "stdin"


class StdinInput(SpoolInput):
    """Reads until the writer closes its end."""

    source = 0
    """Descriptor."""

    def receive(self) -> None:
        rest = b""
        with selectors.DefaultSelector() as selector:
            wait = _waiter(selector, self.source)
            while not self.is_stopping():
                if not self.spool.wait_room(0.2) or not wait():
                    continue
                data = os.read(self.source, _CHUNK)
                lines, newline, fresh = data.rpartition(b"\n")
                if newline or not data:
                    whole = b"%b%b\n" % (rest, lines) if newline else rest and rest + b"\n"
                    if whole and not self.keep(whole):
                        return
                    rest = fresh
                else:
                    rest = self._bounded(rest + fresh)
                if not data:
                    return

        if rest:
            self.keep(rest + b"\n")

    def _bounded(self, rest: bytes) -> bytes:
        """A line beyond all measure goes to disk in pieces that the codec takes whole."""
        limit = int(self.settings.codec.max_record_bytes)
        if len(rest) > limit and self.keep(rest[:limit] + b"\n"):
            self.counts["stdin_cut"] += 1
            rest = rest[limit:]
        return rest


def _waiter(selector: selectors.BaseSelector, source: int) -> Callable[[], bool]:
    """Is there something to read, within a moment? A plain file, which no selector takes, always has."""
    try:
        selector.register(source, selectors.EVENT_READ)
    except PermissionError:
        return lambda: True
    return lambda: bool(selector.select(0.2))
