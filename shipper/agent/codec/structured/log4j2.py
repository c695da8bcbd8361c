"""log4j 2's JsonLayout, as Logstash and many Java services write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common
from shipper.agent.codec.structured.errors import stack_text
from shipper.ecs.instant import SECOND

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()
_ORIGIN = {"file": "log.origin.file.name", "line": "log.origin.file.line", "method": "log.origin.function"}


class Log4j2(JsonLogger):
    """`{"instant":{"epochSecond":…,"nanoOfSecond":…},"level":"INFO","loggerName":…,"message":…,"thrown":{…}}`."""

    name = "log4j2"

    def recognises(self, entry: Entry) -> bool:
        if "level" not in entry:
            return False
        instant = entry.get("instant")
        return "timeMillis" in entry or (isinstance(instant, dict) and "epochSecond" in instant)

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {}
        _time(rest, fields)
        thrown = rest.pop("thrown", None)
        if isinstance(thrown, dict):
            _error(fields, thrown)
        source = rest.get("source")
        if isinstance(source, dict) and "class" in source:
            fields.update({name: source[key] for key, name in _ORIGIN.items() if source.get(key) not in (None, "")})
            rest["source"] = {key: value for key, value in source.items() if key not in _ORIGIN}
        event = rest.get("logEvent")  # Logstash's own layout
        if isinstance(event, dict) and isinstance(event.get("message"), str):
            rest["message"] = event["message"]
            rest["logEvent"] = {key: value for key, value in event.items() if key != "message"}
        return {**_COMMON.fields(rest), **fields}


def _time(rest: Entry, fields: Fields) -> None:
    instant = rest.get("instant")
    if isinstance(instant, dict):
        seconds, nanos = _count(instant.get("epochSecond"), 10**11), _count(instant.get("nanoOfSecond", 0), SECOND)
        if seconds is not None and nanos is not None:
            fields["@timestamp"] = seconds * SECOND + nanos
            del rest["instant"]
            rest.pop("timeMillis", None)
    elif _count(rest.get("timeMillis"), 10**14) is not None:
        fields["@timestamp"] = rest.pop("timeMillis")


def _count(value: Any, below: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < below else None


def _error(fields: Fields, thrown: Entry) -> None:
    for key, name in (("name", "error.type"), ("message", "error.message")):
        if isinstance(thrown.get(key), str):
            fields[name] = thrown[key]
    stack = thrown.get("extendedStackTrace")
    text = stack_text(stack)
    if text is None:
        return
    if isinstance(stack, list):  # frames as objects: the head is told apart
        head = ": ".join(str(thrown[key]) for key in ("name", "message") if thrown.get(key))
        text = "\n".join([head, *(_frame(frame) for frame in stack)])
    fields["error.stack_trace"] = text.rstrip("\n")


def _frame(frame: Any) -> str:
    if not isinstance(frame, dict):
        return str(frame)
    place = f"{frame.get('file') or 'Unknown Source'}:{frame.get('line', '')}".rstrip(":")
    return f"\tat {frame.get('class', '?')}.{frame.get('method', '?')}({place})"
