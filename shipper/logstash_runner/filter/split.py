"""Filter `split`: one event for each part of a field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from shipper.logstash_runner.event import clone
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import FilterOptions, String
from shipper.logstash_runner.reference import parse_reference

if TYPE_CHECKING:
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

_BLANK = "\t\n\v\f\r "
_BLANKS = re.compile(f"[{_BLANK}]+")


class SplitOptions(FilterOptions, frozen=True):
    """A text is cut at `terminator`, a list into its elements."""

    terminator: String = "\n"
    field: String = "message"
    target: String | None = None


class SplitFilter:
    """The event goes, its parts stay; a text without the terminator passes untouched."""

    options: ClassVar[type[SplitOptions]] = SplitOptions

    def __init__(self, options: SplitOptions, context: Context) -> None:  # noqa: ARG002 - every filter's signature
        self._terminator = options.terminator
        self._field = options.field
        self._target = options.target
        self._matched = Decoration(options)

    def apply(self, event: Event) -> list[Event] | None:
        path = parse_reference(self._field)
        value = event.get(path)
        if isinstance(value, list):
            parts = value
            if self._target is None:
                event.remove(path)
        elif isinstance(value, str):
            parts = _cut(value, self._terminator)
            if len(parts) == 1:
                return None
        else:
            event.tag("_split_type_failure")
            return None
        target = path if self._target is None else parse_reference(self._target)
        event.cancel()
        return [self._part(event, target, part) for part in parts if part is not None and part != ""]

    def _part(self, event: Event, target: tuple[str, ...], part: Any) -> Event:
        made = event.copy()
        made.set(target, clone(part))
        self._matched(made)
        return made


def _cut(text: str, terminator: str) -> list[str]:
    """Ruby's `text.split(terminator, -1)`."""
    if not text:
        return []
    if terminator == "":
        return [*text, ""]
    if terminator == " ":
        parts = _BLANKS.split(text.lstrip(_BLANK))
        return parts if parts != [""] else []
    return text.split(terminator)
