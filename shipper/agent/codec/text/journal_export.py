"""The systemd journal as `journalctl -o export` writes it (systemd.io/JOURNAL_EXPORT_FORMATS)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.structured.journald import Journald

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_HEAD = "__CURSOR="
_FIELD = re.compile(r"(?P<key>[A-Z_][A-Z0-9_]{0,63})(?:=(?P<value>.*))?", re.DOTALL)
_SIZE = re.compile(r"[^\0]{0,4}\0{4,8}")
"""The eight bytes of a binary field's length, as text; a decoder that met bytes that are no UTF-8 has replaced them."""
_SIZE_BYTES = 8
_JOURNALD = Journald()


class JournalExport(TextFormat):
    """`__CURSOR=…`, then `KEY=value` lines; a field of several lines is its name, its length in binary, its bytes."""

    name = "journald-export"
    continuation = Continuation.ANY
    first = "_"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        return {"message": line} if line.startswith(_HEAD) else None

    def absorbs(self, lines: list[str], line: str) -> bool:
        return not line.startswith(_HEAD) and (len(lines) > 1 or line.startswith("__"))

    def complete(self, fields: Fields, more: list[str]) -> None:
        if not any(line.startswith("__REALTIME_TIMESTAMP=") for line in more[:3]):
            super().complete(fields, more)
            return
        fields.clear()
        fields.update(_JOURNALD.fields(_entry(more)))


def _entry(lines: list[str]) -> dict[str, str]:
    entry = {"MESSAGE": ""}
    at = 0
    while at < len(lines):
        match = _FIELD.fullmatch(lines[at])
        at += 1
        if match is None:
            continue
        value = match["value"]
        if value is None:
            value, at = _binary(lines, at)
        entry[match["key"]] = value
    return entry


def _binary(lines: list[str], at: int) -> tuple[str, int]:
    """The value whose length and bytes begin at line `at`, and the line after it."""
    while at < len(lines) and not lines[at]:  # a length of ten is a newline
        at += 1
    if at == len(lines):
        return "", at
    head = _SIZE.match(lines[at])
    parts = [lines[at] if head is None else lines[at][head.end() :]]
    size = None if head is None else _length(lines[at][: head.end()])
    held = len(parts[0].encode("utf-8", "replace"))
    at += 1
    while at < len(lines) and (held < size if size is not None else _FIELD.fullmatch(lines[at]) is None):
        parts.append(lines[at])
        held += len(lines[at].encode("utf-8", "replace")) + 1
        at += 1
    return "\n".join(parts), at


def _length(text: str) -> int | None:
    data = text.encode("utf-8", "replace")
    return int.from_bytes(data, "little") if len(data) == _SIZE_BYTES and data.isascii() else None
