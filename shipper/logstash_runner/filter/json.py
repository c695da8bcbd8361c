"""Filter `json`: text that is JSON becomes fields."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import Array, Boolean, EcsCompatibility, FieldReference, FilterOptions, String
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.timestamp import Timestamp
from shipper.logstash_runner.words import rounded, ruby_text

if TYPE_CHECKING:
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

_log = logging.getLogger(__name__)


class JsonOptions(FilterOptions, frozen=True, kw_only=True):
    """Without `target`, the fields of the object go to the root of the event."""

    source: String
    target: FieldReference | None = None
    tag_on_failure: Array = ("_jsonparsefailure",)
    skip_on_invalid_json: Boolean = False
    ecs_compatibility: EcsCompatibility = "v8"


class JsonFilter:
    """Parses one field."""

    options: ClassVar[type[JsonOptions]] = JsonOptions

    def __init__(self, options: JsonOptions, context: Context) -> None:
        self._source = options.source
        self._target = None if options.target is None else parse_reference(options.target)
        self._tags = [ruby_text(tag) for tag in options.tag_on_failure]
        self._skips = options.skip_on_invalid_json
        self._clock = context.clock
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        source = event.get(parse_reference(self._source))
        if source is None or source is False:
            return
        try:
            parsed = _parsed(source)
        except ValueError as error:
            _log.debug("json: %s", error)
            if not self._skips:
                self._fail(event)
            return
        try:
            if self._target is not None:
                event.set(self._target, parsed)
            elif isinstance(parsed, dict):
                self._spread(event, parsed)
            else:
                self._fail(event)
                return
            self._matched(event)
        except EventFault as fault:
            _log.debug("json: %s", fault)
            self._fail(event)

    def _fail(self, event: Event) -> None:
        for tag in self._tags:
            event.tag(tag)

    def _spread(self, event: Event, parsed: dict[str, Any]) -> None:
        """Each key is a field reference."""
        given = parsed.pop("@timestamp", None)
        for name, value in parsed.items():
            event.set(parse_reference(name), value)
        if given is None or given is False:
            return
        try:
            event.data["@timestamp"] = _coerced(given)
        except ValueError:
            event.data["@timestamp"] = Timestamp(int(self._clock.time() * 1_000_000) * 1000)
            event.tag("_timestampparsefailure")
            event.set(("_@timestamp",), ruby_text(given))


def _coerced(given: Any) -> Timestamp:
    if isinstance(given, str):
        return Timestamp.parse(given)
    raise ValueError("a time is text")


def _parsed(source: Any) -> Any:
    """The JSON value in a text.

    Raises:
        ValueError: no text, or no JSON.
    """
    if not isinstance(source, str):
        raise ValueError("the source is no text")
    if not source.strip():
        return None
    with contextlib.suppress(orjson.JSONDecodeError):
        value = orjson.loads(source)
        if not rounded(value):
            return value
    try:  # integers beyond 64 bits, floats beyond all bounds, half surrogates
        return json.loads(source, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
