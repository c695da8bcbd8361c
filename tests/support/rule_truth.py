"""What each rule type calls a breach, counted over the documents themselves: no cells, no buckets, no engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from shipper.kql.values import date_value
from tests.support.rule_stream import RULES, TIMES

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW = 20
CELL = 5
TERM_MEMORY = 90
"""Longer than the cells of `new_term` are kept."""


@dataclass(frozen=True)
class Seen:
    """What the oracle knows of a document; times in epoch seconds, the duration in nanoseconds."""

    at: float
    arrived: float
    service: str
    failed: bool
    duration: int
    cpu: float
    counter: int


def plain(document: dict[str, Any]) -> Seen:
    event = document["event"]
    return Seen(
        at=date_value(document["@timestamp"]) / 1000,
        arrived=date_value(event["ingested"]) / 1000,
        service=document["service"]["name"],
        failed=event["outcome"] == "failure",
        duration=event["duration"],
        cpu=document["system"]["cpu"]["total"]["norm"]["pct"],
        counter=document["system"]["network"]["in"]["bytes"],
    )


@dataclass(frozen=True)
class Past:
    """The documents of one group, and of all, that are visible."""

    mine: list[Seen]
    everyone: list[Seen]

    def window(self, at: int, seconds: int = WINDOW, ago: int = 0) -> list[Seen]:
        return [seen for seen in self.mine if at - ago - seconds <= seen.at < at - ago]


def count(past: Past, at: int) -> bool:
    return len(past.window(at)) > 16


def ratio(past: Past, at: int) -> bool:
    found = past.window(at)
    return len(found) >= 5 and 100 * sum(seen.failed for seen in found) / len(found) > 25


def blurred(duration: int) -> float:
    """The middle of the step of 1/32 of a power of eight (from 1024 ns) that a duration lies in."""
    low = 1024
    while duration >= low * 8:
        low *= 8
    step = low // 32
    return duration // step * step + step / 2


def percentile(found: list[Seen], percent: float) -> float:
    ordered = sorted(seen.duration for seen in found)
    exact = ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1]
    return min(max(blurred(exact), ordered[0]), ordered[-1]) / 1e6


def latency(past: Past, at: int) -> bool:
    found = past.window(at)
    return len(found) >= 5 and percentile(found, 95) > 60


def apdex(past: Past, at: int) -> bool:
    found = past.window(at)
    if len(found) < 5:
        return False
    good = [seen for seen in found if not seen.failed]
    satisfied = sum(seen.duration <= 30e6 for seen in good)
    tolerating = sum(30e6 < seen.duration <= 120e6 for seen in good)
    return (satisfied + tolerating / 2) / len(found) < 0.5


def saturation(past: Past, at: int) -> bool:
    found = past.window(at)
    return len(found) >= 5 and sum(seen.duration for seen in found) / 1e9 / WINDOW > 0.1


def change(past: Past, at: int) -> bool:
    now, before = past.window(at), past.window(at, 40, WINDOW)
    if len(before) < 5 or len(now) < 5 or not past.window(at, 10, 50):
        return False
    usual = percentile(before, 95)
    return (percentile(now, 95) - usual) / usual > 0.5


def cardinality(past: Past, at: int) -> bool:
    return len({seen.failed for seen in past.window(at)}) > 1


def spike(past: Past, at: int) -> bool:
    now, before = len(past.window(at)), len(past.window(at, 60, WINDOW))
    return before >= 5 and bool(past.window(at, 15, 65)) and now >= 10 and now / (before * WINDOW / 60) > 1.5


def burn_rate(past: Past, at: int) -> bool:
    def rate(found: list[Seen]) -> float:
        bad = sum(seen.failed for seen in found)
        return bad / len(found) / 0.1 if bad >= 2 else 0.0

    long, short = past.window(at, 60), past.window(at, 20)
    return len(long) >= 10 and rate(long) > 1 and rate(short) > 1


def new_term(past: Past, at: int) -> bool:
    known = any(at - 80 <= seen.at < at - 40 for seen in past.everyone)
    return known and not past.window(at, TERM_MEMORY, WINDOW) and bool(past.window(at))


def flatline(past: Past, at: int) -> bool:
    return len(past.window(at)) < 5


def average(past: Past, at: int) -> bool:
    found = past.window(at)
    return bool(found) and round(sum(seen.cpu for seen in found) / len(found), 9) > 0.6


def slow(past: Past, at: int) -> bool:
    found = past.window(at)
    return bool(found) and percentile(found, 90) > 30


def growth(past: Past, at: int) -> bool:
    """Per second, from the last seen of each fifth second; what is lower than before began again at zero."""
    levels: dict[int, int] = {}
    for seen in past.window(at, WINDOW + CELL):
        cell = math.floor(seen.at / CELL) * CELL
        levels[cell] = max(seen.counter, levels.get(cell, 0))
    times = sorted(levels)
    if not past.window(at) or len(times) < 2:
        return False
    added = 0
    for before, now in pairwise(times):
        fell = levels[now] < levels[before]
        added += levels[now] if fell else levels[now] - levels[before]
    return round(added / (times[-1] - times[0]), 6) > 50


def highest(past: Past, at: int) -> bool:
    return any(seen.cpu > 0.99 for seen in past.window(at))


@dataclass(frozen=True)
class Truth:
    """A rule and what it means. `span`: how far back it looks; `early`: it fires on open windows."""

    text: str
    breach: Callable[[Past, int], bool]
    span: int = WINDOW
    early: bool = True
    few: tuple[int, int] = (1, 1)
    """It takes so many breaches among so many evaluations."""
    by_outcome: bool = False


BURN = (
    "name: burn\ntype: burn_rate\nbad: 'event.outcome: failure'\nobjective_percent: 90\nmin_count: 10\nmin_bad: 2\n"
    "pairs: [{long: 60s, short: 20s, rate: 1}]\n"
)
EXPECT = "expect: [{service.name: mail}, {service.name: pay}, {service.name: shop}]\n"
SPIKE = "name: spike\ntype: spike\ntimes: 1.5\nmin_count: 10\nmin_reference: 5\nreference: 60s\n"
TERM = f"name: term\ntype: new_term\nlearn: 40s\nhistory: 60s\nmemory: {TERM_MEMORY}s\n"
MAX = "name: max\ntype: threshold\nmetric: max\nfield: system.cpu.total.norm.pct\nabove: 0.99\n"
TRUTHS: dict[str, Truth] = {
    "apdex": Truth(RULES["apdex"], apdex),
    "average": Truth(RULES["average"], average, early=False),
    "burn_rate": Truth(BURN, burn_rate, span=60),
    "cardinality": Truth(RULES["cardinality"], cardinality),
    "change": Truth(RULES["change"] + "direction: up\n", change, span=60),
    "count": Truth(RULES["count"] + "for: 10s\n", count, few=(2, 2)),
    "count of some": Truth(RULES["count"] + "breaches: {at_least: 2, of: 3}\n", count, few=(2, 3)),
    "flatline": Truth(RULES["flatline"] + EXPECT, flatline, early=False),
    "latency": Truth(RULES["latency"].partition("for:")[0], latency),
    "max": Truth(MAX, highest),
    "new_term": Truth(TERM, new_term, span=80, by_outcome=True),
    "percentile": Truth(RULES["percentile"], slow, early=False),
    "rate": Truth(RULES["rate"], growth, span=WINDOW + CELL, early=False),
    "ratio": Truth(RULES["ratio"], ratio),
    "ratio of some": Truth(RULES["ratio"] + "breaches: {at_least: 3, of: 5}\n", ratio, few=(3, 5)),
    "saturation": Truth(RULES["saturation"], saturation, span=40),
    "spike": Truth(SPIKE, spike, span=80),
}
"""Every type but `seasonal`, whose weeks need streams of their own: test_seasonal_oracle.py."""


def text_of(truth: Truth) -> str:
    grouping = "group_by: [service.name, event.outcome]" if truth.by_outcome else "group_by: [service.name]"
    return truth.text + TIMES.replace("group_by: [service.name]", grouping) + "flapping: {times: 99}\n"
