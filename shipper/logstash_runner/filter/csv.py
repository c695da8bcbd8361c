"""Filter `csv`: one line of comma-separated values becomes fields."""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import Array, Boolean, EcsCompatibility, FieldReference, FilterOptions, Hash, String
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.timestamp import Timestamp
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

_log = logging.getLogger(__name__)
_INTEGER = re.compile(r"\s*[+-]?\d+(?:_\d+)*\s*", re.ASCII)
_FLOAT = re.compile(r"\s*[+-]?\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?\s*", re.ASCII)


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _float(text: str) -> Any:
    return float(text) if _FLOAT.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text.strip().lower(), text)


def _time(text: str) -> Any:
    try:
        return Timestamp.parse(text)
    except ValueError:
        return text


_CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    "integer": _integer, "float": _float, "date": _time, "date_time": _time, "boolean": _boolean,
}  # fmt: skip


class CsvOptions(FilterOptions, frozen=True):
    """Columns without a name are `column1` and so on."""

    source: String = "message"
    columns: Array = ()
    separator: String = ","
    quote_char: String = '"'
    target: FieldReference | None = None
    autogenerate_column_names: Boolean = True
    skip_empty_columns: Boolean = False
    skip_empty_rows: Boolean = False
    skip_header: Boolean = False
    autodetect_column_names: Boolean = False
    convert: Hash = msgspec.field(default_factory=dict)
    ecs_compatibility: EcsCompatibility = "v8"


class CsvFilter:
    """Reads the first row of a text."""

    options: ClassVar[type[CsvOptions]] = CsvOptions

    def __init__(self, options: CsvOptions, context: Context) -> None:
        unknown = sorted({ruby_text(kind) for kind in options.convert.values()} - _CONVERTERS.keys())
        if unknown:
            raise context.refuse(f"Invalid conversion types: {', '.join(unknown)}", f"one of {', '.join(_CONVERTERS)}")
        if not options.separator or len(options.quote_char) != 1:
            raise context.refuse("separator and quote_char must not be empty", "such as separator => ;")
        self._options = options
        self._columns = [ruby_text(name) for name in options.columns]
        self._detecting = threading.Lock()
        self._target = () if options.target is None else parse_reference(options.target)
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        source = event.get(parse_reference(self._options.source))
        if source is None or source is False:
            return
        try:
            values = _row(source, self._options.separator, self._options.quote_char)
            if self._is_header(values):
                event.cancel()
                return
            if values is None and self._options.skip_empty_rows:
                event.tag("_csvskippedemptyfield")
                return
            if values is None:
                raise EventFault("undefined method 'each_index' for nil")  # noqa: TRY301 - as Ruby fails
            self._set(values, event)
            self._matched(event)
        except EventFault as fault:
            _log.debug("csv: %s", fault)
            event.tag("_csvparsefailure")

    def _is_header(self, values: list[str | None] | None) -> bool:
        if self._options.autodetect_column_names:
            with self._detecting:
                if not self._columns:
                    self._columns = [value or "" for value in values or []]
                    return True
        return self._options.skip_header and bool(self._columns) and self._columns == values

    def _set(self, values: list[str | None], event: Event) -> None:
        for number, value in enumerate(values):
            if self._options.skip_empty_columns and not value:
                continue
            named = number < len(self._columns)
            if not named and not self._options.autogenerate_column_names:
                continue
            name = self._columns[number] if named else f"column{number + 1}"
            kind = self._options.convert.get(name)
            typed: Any = value if value is None or kind is None else _CONVERTERS[ruby_text(kind)](value)
            event.set((*self._target, *parse_reference(name)), typed)


def _row(source: Any, separator: str, quote: str) -> list[str | None] | None:
    """The first row as Ruby's CSV reads it; None where there is none.

    Raises:
        EventFault: misplaced quotes, or no text.
    """
    if not isinstance(source, str):
        raise EventFault("no implicit conversion into String")
    if not source:
        return None
    values: list[str | None] = []
    at = 0
    while True:
        value, at = _value(source, at, separator, quote)
        values.append(value)
        if source.startswith(separator, at):
            at += len(separator)
            continue
        if at < len(source) and source[at] not in "\r\n":
            raise EventFault(f"Any value after quoted field isn't allowed at {at}")
        return [] if values == [None] else values


def _value(source: str, at: int, separator: str, quote: str) -> tuple[str | None, int]:
    """(one value, position behind it); empty without quotes is null."""
    if source.startswith(quote, at):
        parts: list[str] = []
        begin = at + 1
        while True:
            end = source.find(quote, begin)
            if end < 0:
                raise EventFault("Unclosed quoted field")
            parts.append(source[begin:end])
            if not source.startswith(quote, end + 1):
                return quote.join(parts), end + 1
            begin = end + 2
    end = at
    while end < len(source) and source[end] not in "\r\n" and not source.startswith(separator, end):
        end += 1
    if quote in source[at:end]:
        raise EventFault("Illegal quoting")
    return source[at:end] or None, end
