"""Expectations of a rule's test that were not met, as a person mends them: where, what was expected, what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shipper.config import ConfigFile
    from shipper.rules.cases import CaseResult
    from shipper.rules.change import Change

SHOWN = 8
"""Changes before an unmet expectation that are shown, the latest."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """One key of one entry of `expect`.

    Attributes:
        entry: its place in `expect`, from 0.
        at: seconds after the start of the case.
    """

    entry: int
    at: int
    group: Mapping[str, str]
    name: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        who = f" {dict(self.group)}" if self.group else ""
        if self.name == "text_has":
            return f"at {self.at}s{who}: the last text is {self.found!r}, without {self.expected!r}"
        return f"at {self.at}s{who}: {self.name} is {self.found}, expected {self.expected}"


def where(file: ConfigFile, case: int, unmet: Unmet) -> str:
    """`file:line` of the key in the case's file; `case` counts from 0."""
    return file.where(("tests", case, "expect", unmet.entry, unmet.name)).partition(": ")[0]


def shown(result: CaseResult, file: ConfigFile, case: int) -> Iterator[str]:
    """Lines for a person: a difference (`-` expected, `+` got) below each entry, and what happened until then."""
    yield f"{result.rule}: {result.case}  (- expected, + got)"
    for entry in dict.fromkeys(unmet.entry for unmet in result.failures):
        some = [unmet for unmet in result.failures if unmet.entry == entry]
        first = some[0]
        who = "".join(f"  {name}={value}" for name, value in first.group.items())
        yield f"  {where(file, case, first)}: at {clock(first.at)}{who}"
        for unmet in some:
            yield f"    - {unmet.name}: {_value(unmet.expected)}"
            yield f"    + {unmet.name.removesuffix('_has')}: {_value(unmet.found)}"
        yield from _story(result.changes, result.start, first)


def clock(seconds: float) -> str:
    """Seconds as test files write them: `45s`, `2m`, `2m10s`, `1h0m5s`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    long = (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "")
    return long + (f"{rest}s" if rest or not long else "")


def _story(changes: Sequence[Change], start: int, unmet: Unmet) -> Iterator[str]:
    until = [
        change
        for change in changes
        if change.at - start <= unmet.at and (not unmet.group or change.labels == unmet.group)
    ]
    if not until:
        yield "      nothing changed until then"
        return
    if len(until) > SHOWN:
        yield f"      {len(until) - SHOWN} changes before"
    for change in until[-SHOWN:]:
        who = "" if unmet.group else "".join(f"  {name}={value}" for name, value in change.labels.items())
        sent = f"  [{change.send.value} sent]" if change.send else ""
        step = f"{change.before.value} -> {change.after.value}"
        yield f"      {clock(change.at - start):>7}{who}  {step}  {change.text}{sent}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f"{value:.10g}" if isinstance(value, float) else str(value) or "nothing was sent"
