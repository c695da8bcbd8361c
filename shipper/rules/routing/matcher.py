"""`label=pattern` and `label!=pattern`: the one way in which routes, silences and maintenance windows choose alerts.

A pattern is alternatives between `|`; `*` stands for any text. A label that an alert lacks is the empty text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shipper.rules.notification import Notification

_SHAPE = re.compile(r"\s*([\w.@-]+)\s*(!?=)(.*)", re.DOTALL)


class Matcher(msgspec.Struct, frozen=True):
    """One condition on one label."""

    label: str
    patterns: tuple[str, ...]
    negated: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Does it hold for these labels?"""
        value = labels.get(self.label, "")
        return any(_like(pattern, value) for pattern in self.patterns) is not self.negated

    def __str__(self) -> str:
        return f"{self.label}{'!=' if self.negated else '='}{'|'.join(self.patterns)}"


def parse_matcher(text: str) -> Matcher:
    """One condition.

    Raises:
        ValueError: it has not the shape `label=pattern`.
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no matcher: write `label=pattern` or `label!=pattern`")
    label, sign, pattern = found.groups()
    return Matcher(label, tuple(part.strip() for part in pattern.split("|")), sign == "!=")


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Do all of them hold? True where there are none."""
    return all(matcher.matches(labels) for matcher in matchers)


def labels_of(notification: Notification) -> dict[str, str]:
    """What matchers see: the group's fields, the rule's labels, and `rule`, `severity`, `owner`, which always win."""
    ours = {"rule": notification.rule, "severity": notification.severity, "owner": notification.owner}
    return {**notification.group, **notification.labels, **ours}


def _like(pattern: str, value: str) -> bool:
    """Glob match in linear time: values come from logs, and their senders may be hostile."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == value
    *middle, last = rest
    if not value.startswith(first) or len(value) < len(first) + len(last) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in middle:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
