"""PHP's own error log, and Monolog's lines (Laravel, Symfony)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shipper.agent.codec.chronology import zone_of
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import Stamp, match_stamp
from shipper.agent.codec.structured.load import load
from shipper.ecs.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_PHP = re.compile(
    r"(?: (?P<zone>[A-Z]\w+(?:/[\w+\-]+)+))?\] (?:PHP (?P<level>Fatal error|Parse error|Recoverable fatal error"
    r"|Warning|Notice|Deprecated|Strict Standards): +)(?P<message>.*)",
    re.DOTALL,
)
_LEVELS = {"Warning": "warning", "Notice": "notice", "Deprecated": "notice", "Strict Standards": "notice"}
_MONOLOG = re.compile(
    r"\] (?P<channel>[\w\-]+)\.(?P<level>DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY): (?P<message>.*)",
    re.DOTALL,
)
_THROWN = re.compile(
    r"\[object\] \((?P<type>[\w\\]+)\(code: (?P<code>[^)]*)\): (?P<message>.*?) at \S+:\d+\)", re.DOTALL
)
_EXTRA = re.compile(r" (?P<extra>\[\]|\{[^{}]*\}) ?$")


class PhpError(TextFormat):
    """`[31-Jan-2026 12:00:00 Europe/Berlin] PHP Warning:  text in /srv/a.php on line 3`."""

    name = "php"
    continuation = Continuation.INDENTED
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None else _PHP.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        stamp = found[0] if match["zone"] is None else _in_zone(found[0], match["zone"])
        return {"@timestamp": stamp, "log.level": _LEVELS.get(match["level"], "error"), "message": match["message"]}


def _in_zone(stamp: Stamp, zone: str) -> Stamp:
    """The stamp in UTC; as it is where there is no such zone."""
    try:
        offset = datetime.fromtimestamp(stamp.ns // SECOND, UTC).replace(tzinfo=zone_of(zone)).utcoffset()
    except (ValueError, OverflowError):
        return stamp
    seconds = 0 if offset is None else int(offset.total_seconds())
    return Stamp(stamp.ns - seconds * SECOND, zoned=True)


class Monolog(TextFormat):
    """`[2026-01-31 12:00:00] production.ERROR: text {"context":1} []`."""

    name = "monolog"
    continuation = Continuation.ANY
    first = "["

    def complete(self, fields: Fields, more: list[str]) -> None:
        """A context with an exception goes over several lines, newlines inside its strings."""
        text = "\n".join([fields["message"], *more])
        brace = text.find(" {")
        if brace >= 0 and _take(fields, text[brace + 1 :].strip().removesuffix(" []")):
            fields["message"] = text[:brace]
        else:
            super().complete(fields, more)

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None else _MONOLOG.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "log.logger": match["channel"]}
        text = match["message"]
        extra = _EXTRA.search(text[-4096:])
        if extra is not None:
            text = text[: -len(extra[0])]
            _take(fields, extra["extra"])
        brace = text.find(" {")
        if brace >= 0 and _take(fields, text[brace + 1 :]):
            text = text[:brace]
        fields["message"] = text.removesuffix(" []")
        return fields


def _take(fields: Fields, text: str) -> bool:
    entry = load(text) if text.startswith("{") else None
    exception = (entry or {}).get("exception")
    thrown = _THROWN.match(exception) if isinstance(exception, str) else None
    if entry is not None and thrown is not None:
        fields["error.type"], fields["error.message"] = thrown["type"], thrown["message"]
        text = entry.pop("exception").rstrip("\n")
        if "\n" in text:
            fields["error.stack_trace"] = text
        else:  # no trace, but it says where
            fields["labels.exception"] = text
        if thrown["code"] not in ("", "0"):
            fields["error.code"] = thrown["code"]
    for key, value in (entry or {}).items():
        fields.setdefault(key if key not in ("message", "level") else f"labels.{key}", value)
    return entry is not None or thrown is not None or text == "{}"


_CAKE = re.compile(
    r" (?P<level>(?i:emergency|alert|critical|error|warning|notice|info|debug)): "
    r"(?P<message>\[(?P<type>[A-Za-z_][\w\\]*)\] (?P<text>.*?)(?: in (?P<file>\S+) on line (?P<line>\d{1,9}))?)",
    re.DOTALL,
)


class CakePhp(TextFormat):
    """`2024-05-04 10:00:00 error: [RuntimeException] text in /srv/a.php on line 3`, then request and trace."""

    name = "cakephp"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if ": [" in line[:40] else None
        match = None if found is None else _CAKE.fullmatch(line, found[1])
        if found is None or match is None or not match["type"].endswith(("Exception", "Error")):
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        fields["error.type"], fields["error.message"] = match["type"], match["text"]
        return fields

    def complete(self, fields: Fields, more: list[str]) -> None:
        begin = next((index for index, line in enumerate(more) if line.startswith("Stack Trace:")), len(more))
        if begin < len(more):
            fields["error.stack_trace"] = "\n".join([fields["message"], *more[begin:]])
        if begin:
            super().complete(fields, more[:begin])


PHP_FORMATS: Sequence[TextFormat] = (PhpError(), Monolog(), CakePhp())
