"""Which labels and values the rules have: a matcher on another holds for nothing, and is most likely mistyped."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.rules.fields import field_types, is_known
from shipper.rules.routing.matcher import parse_matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shipper.rules.routing.matcher import Matcher
    from shipper.rules.rule import Rule

ALIKE = 0.7
"""How alike two words are (1 = equal) of which one is taken for the other, mistyped."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What no rule has; `hint` where it is likely a slip of another word, else it may belong to rules elsewhere."""

    message: str
    hint: str | None = None


class Vocabulary:
    """The labels of the alerts of some rules, and their values where the rules alone decide them."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._values: dict[str, set[str]] = {"rule": set(), "severity": set(), "owner": set()}
        grouped: set[str] = set()
        for rule in rules:
            ours = {"rule": rule.name, "severity": rule.severity, "owner": rule.owner}
            for label, value in {**rule.labels, **ours}.items():
                self._values.setdefault(label, set()).add(value)
            grouped.update(rule.group_by)
        self._open = grouped - {"rule", "severity", "owner"}
        """Labels whose values come from documents."""

    def doubts(self, matchers: Iterable[Matcher]) -> Iterator[Doubt]:
        """What is doubtful in them: first labels, and where a label is known its values."""
        for matcher in matchers:
            doubt = self.label(matcher.label) or self._value(matcher)
            if doubt is not None:
                yield doubt

    def label(self, name: str) -> Doubt | None:
        """Why no alert has a label of this name; None where some may."""
        known = self._values.keys() | self._open
        if name in known:
            return None
        if is_known(name) and name in field_types():
            return Doubt(f"no rule groups by `{name}`: an alert has no such label")
        near = _near(name, known) or _near(name, field_types())
        return Doubt(f"no rule has the label `{name}`", near)

    def _value(self, matcher: Matcher) -> Doubt | None:
        if matcher.label in self._open:
            return None
        known = self._values[matcher.label]
        for pattern in matcher.patterns:
            alone = parse_matcher(f"{matcher.label}={pattern}")
            if pattern and not any(alone.matches({matcher.label: value}) for value in known):
                return Doubt(f"no rule has `{matcher.label}={pattern}`", _near(pattern, known))
        return None


def _near(word: str, known: Iterable[str]) -> str | None:
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=ALIKE)
    if not near and f"{word}.name" in words:
        near = [f"{word}.name"]
    return f"did you mean `{near[0]}`?" if near else None
