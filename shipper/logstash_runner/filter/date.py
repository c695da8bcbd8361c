"""Filter `date`: reads a time from a field."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.filter.calendar_names import NAMES
from shipper.logstash_runner.filter.dateparse import (
    UnknownZoneError,
    find_zone,
    joda_parser,
    names_of,
)
from shipper.logstash_runner.filter.instants import parse_iso, parse_tai64n, parse_unix, parse_unix_ms
from shipper.logstash_runner.plugin import Array, FilterOptions, InvalidPluginError, String
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.template import compile_template, is_dynamic
from shipper.logstash_runner.timeformat import PatternError
from shipper.logstash_runner.timestamp import Timestamp
from shipper.logstash_runner.words import ruby_inspect, ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.filter.dateparse import Parse
    from shipper.logstash_runner.plugin import Context

    Read = Callable[[Any, Event], int]

_log = logging.getLogger(__name__)
_EPOCHS: Mapping[str, Callable[[object], int]] = {
    "UNIX": parse_unix, "UNIX_MS": parse_unix_ms, "TAI64N": parse_tai64n,
}  # fmt: skip


class DateOptions(FilterOptions, frozen=True):
    """`match`: the field, then patterns, ISO8601, UNIX, UNIX_MS or TAI64N in the order to try."""

    match: Array = ()
    target: String = "@timestamp"
    timezone: String | None = None
    locale: String | None = None
    tag_on_failure: Array = ("_dateparsefailure",)


class DateFilter:
    """Sets `@timestamp`, or another field, to milliseconds."""

    options: ClassVar[type[DateOptions]] = DateOptions

    def __init__(self, options: DateOptions, context: Context) -> None:
        match = [ruby_text(item) for item in options.match]
        if len(match) < 2:
            raise InvalidPluginError(
                "The match setting should contains first a field name and at least one date format, current value is"
                f" {ruby_inspect(match)}",
                where=str(context.where),
                hint='match => ["field", "ISO8601"]',
            )
        self._source = match[0]
        self._readers = [_reader(pattern, options, context) for pattern in match[1:]]
        self._target = parse_reference(options.target)
        self._tags = [ruby_text(tag) for tag in options.tag_on_failure]
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        value = event.get(parse_reference(self._source))
        if value is None:
            return
        for read in self._readers:
            try:
                millis = read(value, event)
            except (ValueError, OverflowError) as error:
                _log.debug("date: %s", error)
                continue
            except EventFault as fault:
                _log.debug("date: %s", fault)
                break
            event.set(self._target, Timestamp(millis * 1_000_000))
            self._matched(event)
            return
        for tag in self._tags:
            event.tag(tag)


def _reader(pattern: str, options: DateOptions, context: Context) -> Read:
    epoch = _EPOCHS.get(pattern)
    if epoch is not None:
        return lambda value, _: epoch(value)
    parse = parse_iso if pattern == "ISO8601" else _joda(pattern, options, context)
    zone = _zone(options.timezone, context)

    def read(value: Any, event: Event) -> int:
        if not isinstance(value, str):
            raise ValueError("Cannot parse date for value of another type than text")
        return parse(value, zone(event))

    return read


def _joda(pattern: str, options: DateOptions, context: Context) -> Parse:
    names = names_of(options.locale or "en")
    if names is None:
        raise InvalidPluginError(
            f"the locale `{options.locale}` is outside of the subset that this runner executes",
            where=str(context.where),
            hint=f"it has: {', '.join(sorted(NAMES))}",
        )
    clock = context.clock
    try:
        return joda_parser(pattern, names, lambda: datetime.fromtimestamp(clock.time(), UTC))
    except PatternError as error:
        raise InvalidPluginError(f"{error} (in `{pattern}`)", where=str(context.where)) from error


def _zone(name: str | None, context: Context) -> Callable[[Event], tzinfo]:
    if name is None:
        return lambda _: UTC
    if is_dynamic(name):
        render = compile_template(name)
        return lambda event: find_zone(render(event))
    try:
        zone = find_zone(name)
    except UnknownZoneError as error:
        raise InvalidPluginError(str(error), where=str(context.where), hint="such as Europe/Paris") from error
    return lambda _: zone
