"""logfmt: logrus, slog, go-kit, Prometheus, structlog's renderer, Heroku's router."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import WORDS
from shipper.agent.codec.structured.common import Common
from shipper.agent.codec.text.pairs import read_pairs

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_BEGIN = re.compile(r"[A-Za-z_@][\w.\-@/]*=")
_TELLING = frozenset({
    "time", "ts", "timestamp", "t", "@timestamp", "level", "lvl", "severity", "msg", "message", "event", "at", "caller",
})  # fmt: skip
_MILLISECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)ms")
_COMMON = Common()


class Logfmt(TextFormat):
    """Pairs from the first character to the last, and one of them says that this is a log."""

    name = "logfmt"
    continuation = Continuation.TRACE

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if _BEGIN.match(line) is None:
            return None
        pairs = read_pairs(line)
        if pairs is None or len(pairs) < 2:
            return None
        entry: dict[str, Any] = {}
        for key, value in pairs:
            entry.setdefault(key if key not in entry else f"{key}_2", value)
        if _TELLING.isdisjoint(entry) and not _is_request(entry):
            return None
        fields = _heroku(entry) if "dyno" in entry else {}
        fields.update(_COMMON.fields({key: value for key, value in entry.items() if value != ""}))
        fields.setdefault("message", line)
        return fields


def _is_request(entry: dict[str, Any]) -> bool:
    """Lograge and its kin: a request without time or text."""
    return str(entry.get("method")) in web.METHODS and not {"path", "status"} - entry.keys()


def _heroku(entry: dict[str, Any]) -> Fields:
    """Takes the router's own keys out of `entry`."""
    fields: Fields = {}
    service = _MILLISECONDS.fullmatch(str(entry.get("service", "")))
    if service is not None:
        fields["event.duration"] = round(float(service[1]) * 1_000_000)
        del entry["service"]
    if isinstance(entry.get("fwd"), str):
        web.address(fields, "source", entry["fwd"].split(",")[0].strip())
    if str(entry.get("at")) in WORDS:
        fields["log.level"] = entry.pop("at")
    if isinstance(entry.get("host"), str):
        fields["url.domain"] = entry.pop("host")
    return fields
