"""Filter `clone`: copies of an event, each with a tag (or a type) of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import Array, EcsCompatibility, FilterOptions
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context


class CloneOptions(FilterOptions, frozen=True, kw_only=True):
    """`clones`: a name for each copy."""

    clones: Array
    ecs_compatibility: EcsCompatibility = "v8"


class CloneFilter:
    """The event passes unchanged; its copies go through the rest of the filters beside it."""

    options: ClassVar[type[CloneOptions]] = CloneOptions

    def __init__(self, options: CloneOptions, context: Context) -> None:  # noqa: ARG002 - every filter's signature
        self._names = [ruby_text(name) for name in options.clones]
        self._tags = options.ecs_compatibility != "disabled"
        self._matched = Decoration(options)

    def apply(self, event: Event) -> list[Event]:
        return [self._copy(event, name) for name in self._names]

    def _copy(self, event: Event, name: str) -> Event:
        made = event.copy()
        if self._tags:
            made.tag(name)
        else:
            made.set(("type",), name)
        self._matched(made)
        return made
