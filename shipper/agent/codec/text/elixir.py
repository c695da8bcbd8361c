"""Elixir's console: `10:00:00.123 request_id=F2x [info] Sent 200 in 12ms`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp
from shipper.agent.codec.text.pairs import read_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_LINE = re.compile(
    r" (?P<metadata>(?:[a-z_]{1,40}=\S{1,200} ){0,20})"
    r"\[(?P<level>debug|info|notice|warning|warn|error|critical|alert|emergency)\] (?P<message>.*)",
    re.DOTALL,
)
_NAMES = {"request_id": "http.request.id", "file": "log.origin.file.name", "line": "log.origin.file.line",
          "mfa": "log.origin.function", "trace_id": "trace.id", "span_id": "span.id"}  # fmt: skip


class Elixir(TextFormat):
    """`10:00:00.123 [info] GET /`, with metadata before the level; Phoenix and Ecto print it."""

    name = "elixir"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if "[" in line[:400] else None
        match = None if found is None else _LINE.fullmatch(line, found[1])
        if found is None or match is None or not (match["metadata"] or found[0].missing == "date"):
            return None  # a date and no metadata: structlog's layout too
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        for key, value in read_pairs(match["metadata"]) or ():
            fields.setdefault(_NAMES.get(key, f"labels.{key}"), value)
        return fields


ELIXIR_FORMATS: Sequence[TextFormat] = (Elixir(),)
