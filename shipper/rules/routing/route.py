"""The ordered list of routes: the first that matches takes a notification, unless it says `continue`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration, Settings
from shipper.rules.entry import Entry
from shipper.rules.routing.matcher import Matcher, all_match, labels_of, parse_matcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.rules.notification import Notification


class RouteSettings(Settings, frozen=True, kw_only=True):
    """One entry of `routing:`."""

    match: tuple[str, ...] = ()
    """Matchers, all of which must hold; none = everything."""
    to: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Names of notifiers."""
    further: bool = msgspec.field(default=False, name="continue")
    """Try the entries below as well."""
    group_by: tuple[str, ...] | None = None
    """Labels whose values keep messages apart; what has the same is told together. Unset: each alert for itself."""
    group_wait: Duration = Duration(30)
    """How long the first alert of a group waits for others."""
    group_interval: Duration = Duration(300)
    """How long after a message of the group the next one may come."""

    def __post_init__(self) -> None:
        self.matchers()

    def matchers(self) -> tuple[Matcher, ...]:
        """`match`, parsed."""
        return tuple(map(parse_matcher, self.match))


class Router:
    """Decides who is told.

    Args:
        routing: the ordered list; where nothing in it matches, the rule's own `notify` decides.
        named: route -> notifiers, for `notify`.
    """

    def __init__(self, routing: Sequence[RouteSettings], named: Mapping[str, tuple[str, ...]]) -> None:
        self._routing = [(route.matchers(), route) for route in routing]
        self._named = named

    def entries(self, told: Notification, notify: Sequence[str], now: float) -> list[Entry]:
        """One entry for each receiver of `told`, made at `now` (epoch seconds)."""
        labels = labels_of(told)
        entries: dict[str, Entry] = {}
        for matchers, route in self._routing:
            if all_match(matchers, labels):
                for name in route.to:
                    entries.setdefault(name, _entry(told, name, now, route, labels))
                if not route.further:
                    return list(entries.values())
        for name in [name for route_name in notify for name in self._named[route_name]]:
            entries.setdefault(name, Entry(notification=told, receivers=[name], created=now))
        return list(entries.values())


def unreachable(routing: Sequence[RouteSettings]) -> tuple[int, int] | None:
    """The first entry (from 0) that never gets anything, and the one above that takes it all."""
    for number, route in enumerate(routing):
        for above, earlier in enumerate(routing[:number]):
            if not earlier.further and set(earlier.matchers()) <= set(route.matchers()):
                return number, above
    return None


def _entry(told: Notification, name: str, now: float, route: RouteSettings, labels: Mapping[str, str]) -> Entry:
    entry = Entry(notification=told, receivers=[name], created=now)
    if route.group_by is not None:
        shared = [f"{label}={labels.get(label, '')}" for label in route.group_by]
        entry.batch = "\n".join([*map(str, route.matchers()), "", *shared])
        entry.wait, entry.interval = float(route.group_wait), float(route.group_interval)
    return entry
