"""Filter `drop`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, ClassVar

from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import FilterOptions, Number

if TYPE_CHECKING:
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context


class DropOptions(FilterOptions, frozen=True):
    """`percentage`: of a hundred events, how many go."""

    percentage: Number = 100


class DropFilter:
    """Drops events, all or a random share."""

    options: ClassVar[type[DropOptions]] = DropOptions

    def __init__(self, options: DropOptions, context: Context) -> None:  # noqa: ARG002 - every filter's signature
        self._share = options.percentage
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        if self._share == 100 or random.random() < self._share / 100:
            event.cancel()
            self._matched(event)
