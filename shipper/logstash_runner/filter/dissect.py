"""Filter `dissect`."""

from __future__ import annotations

import logging
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.filter.dissection import Dissection, DissectionError
from shipper.logstash_runner.plugin import Array, FilterOptions, Hash
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.words import java_text, ruby_text

if TYPE_CHECKING:
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

_log = logging.getLogger(__name__)
_MAX_EXPONENT = 400


class DissectOptions(FilterOptions, frozen=True):
    """`mapping`: field -> pattern; `convert_datatype`: field -> int or float."""

    mapping: Hash = msgspec.field(default_factory=dict)
    convert_datatype: Hash = msgspec.field(default_factory=dict)
    tag_on_failure: Array = ("_dissectfailure",)


class DissectFilter:
    """Takes texts apart at delimiters, then converts."""

    options: ClassVar[type[DissectOptions]] = DissectOptions

    def __init__(self, options: DissectOptions, context: Context) -> None:
        try:
            self._dissections = [
                (name, Dissection(ruby_text(pattern))) for name, pattern in options.mapping.items() if pattern != ""
            ]
        except DissectionError as error:
            raise context.refuse(str(error), "write delimiters and %{fields}") from error
        self._conversions = [(name, ruby_text(kind)) for name, kind in options.convert_datatype.items()]
        for _, kind in self._conversions:
            if kind.lower() not in ("int", "float"):
                raise context.refuse(f"Dissector datatype conversion, datatype not supported: {kind}", "int or float")
        self._tags = [ruby_text(tag) for tag in options.tag_on_failure]
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        try:
            if not self._dissect(event):
                self._fail(event)
                return
            for name, kind in self._conversions:
                _convert(event, name, kind)
            self._matched(event)
        except EventFault as fault:
            _log.debug("dissect: %s", fault)
            self._fail(event)

    def _dissect(self, event: Event) -> bool:
        matched = True
        for name, dissection in self._dissections:
            path = parse_reference(name)
            if event.includes(path):
                matched = dissection.apply(ruby_text(event.get(path)), event) and matched
        return matched

    def _fail(self, event: Event) -> None:
        for tag in self._tags:
            event.tag(tag)


def _convert(event: Event, name: str, kind: str) -> None:
    path = parse_reference(name)
    value = event.get(path)
    number = _number("null" if value is None else java_text(value))
    if number is None:
        reason = "nullvalue" if value is None else "uncoercible"
        event.tag(f"_dataconversion{reason}_{name}_{kind}")
        return
    event.set(path, int(number) if kind.lower() == "int" else _decimal(number))


def _number(text: str) -> Decimal | None:
    """What Java's BigDecimal reads; None for the rest, and for numbers whose digits only cost memory."""
    if "_" in text or text != text.strip():
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MAX_EXPONENT else None


def _decimal(number: Decimal) -> Any:
    """A decimal without a fraction or exponent is written as a whole number."""
    return int(number) if number.as_tuple().exponent == 0 else float(number)
