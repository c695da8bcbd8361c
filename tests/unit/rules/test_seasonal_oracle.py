"""`seasonal` against brute force: weeks of seeded streams with trouble in past weeks, lag, disorder and restarts."""

from __future__ import annotations

import bisect
import math
import random
import statistics
from typing import Any

import pytest

from shipper.clock import iso_utc
from shipper.kql.values import date_value
from shipper.rules.replay import Replay, Timeline
from shipper.rules.state import decode, encode
from tests.support.rule_oracle import Oracle
from tests.support.rule_stream import rule
from tests.support.rule_truth import Past, Seen, Truth

HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
WINDOW = 6 * HOUR
START = 1_767_571_200
"""2026-01-05T00:00:00Z, a Monday."""
GRACE, LATE = 5, 2 * WINDOW
DEVIATIONS, MIN_WEEKS, MIN_COUNT = 4, 2, 8
RULE = (
    f"name: seasonal\ntype: seasonal\ndeviations: {DEVIATIONS}\nmin_weeks: {MIN_WEEKS}\nmin_count: {MIN_COUNT}\n"
    "window: 6h\nevery: 6h\ncell: 6h\naround: 12h\ngrace: 5s\nlate: 12h\nretire: 90d\nremind: 90d\n"
    "flapping: {times: 99}\ngroup_by: [service.name]\n"
)


def stream(seed: int) -> list[dict[str, Any]]:
    """Five weeks of two services with a rhythm of day and week; each has bad times in random weeks, one in the last."""
    source = random.Random(seed)
    documents: list[dict[str, Any]] = []
    for service in ("pay", "shop"):
        bad: dict[int, float] = {}
        for _ in range(4):
            begin = source.randrange(4 * 7 * 4 + 12) if bad else source.randrange(4 * 7 * 4, 4 * 7 * 4 + 12)
            bad |= dict.fromkeys(range(begin, begin + source.randrange(1, 4)), source.choice([0.1, 3.0, 5.0]))
        for window in range(4 * 7 * 4 + 14):
            usual = 14 + 6 * math.sin(math.pi * window / 2) + (5 if window // 4 % 7 < 5 else 0)
            for _ in range(round(source.gauss(usual, 2) * bad.get(window, 1.0))):
                at = START + window * WINDOW + source.randrange(WINDOW)
                lag = source.uniform(0, 5 * HOUR) if source.random() < 0.1 else source.uniform(0, 3)
                event = {"ingested": iso_utc(at + lag)}
                documents.append({"@timestamp": iso_utc(at), "service": {"name": service}, "event": event})
    source.shuffle(documents)
    return documents


def seen(document: dict[str, Any]) -> Seen:
    at, arrived = date_value(document["@timestamp"]), date_value(document["event"]["ingested"])
    return Seen(at / 1000, arrived / 1000, document["service"]["name"], failed=False, duration=0, cpu=0.0, counter=0)


def breach(oracle: Oracle, times: list[float], at: int) -> bool:
    """Further from the median of the same twelve hours of four weeks than the deviations say."""

    def touched(end: int) -> bool:
        return any(since <= end and end - WINDOW < until for since, until in oracle.incidents)

    def count(end: int) -> int:
        return bisect.bisect_left(times, end) - bisect.bisect_left(times, end - WINDOW)

    weeks: list[list[int]] = []
    for week in range(1, 5):
        ends = [at - week * WEEK + WINDOW, at - week * WEEK]
        counts = [count(end) for end in ends if not touched(end)]
        weeks.append(counts if any(counts) else [])
    samples = [count for week in weeks for count in week]
    if sum(bool(week) for week in weeks) < MIN_WEEKS or len(samples) < 4:
        return False
    now, usual = count(at), statistics.median(samples)
    spread = max(1.4826 * statistics.median(abs(one - usual) for one in samples), usual / 10, math.sqrt(usual))
    moved = round((now - usual) / spread, 8) if spread else 0
    return max(now, usual) >= MIN_COUNT and abs(moved) > DEVIATIONS


def oracle_says(everything: list[Seen], ticks: list[int]) -> dict[tuple[str, ...], list[tuple[int, str]]]:
    told: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for service in ("pay", "shop"):
        mine = sorted((one for one in everything if one.service == service), key=lambda one: one.at)
        times: list[float] = []
        oracle = Oracle(Truth("", lambda *_: False, early=False), every=WINDOW, grace=GRACE, late=LATE)
        oracle.truth = Truth("", lambda _, at, own=oracle, seen=times: breach(own, seen, at), 2 * WINDOW, early=False)  # type: ignore[misc]  # bound early
        last = begun = ticks[0] // WINDOW * WINDOW - WINDOW
        for now in ticks:
            visible = [one for one in mine if one.arrived <= now]
            times[:] = [one.at for one in visible]
            oracle.tick(Past(visible, []), now, last, begun)
            while now >= last + WINDOW + GRACE:
                last += WINDOW
        if oracle.told:
            told[service,] = oracle.told
    return told


def compare(seed: int) -> int:
    """Engine and oracle over one stream; how much was told."""
    documents, source = stream(seed), random.Random(seed)
    timeline = Timeline()
    for document in documents:
        timeline.add(document)
    pair = [Replay(rule(RULE), timeline) for _ in range(2)]
    told: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    stored, ticks = encode(pair[0].state), list(pair[0].ticks(START + 30 * DAY + WINDOW))
    for now in ticks:
        runner = pair[source.random() < 0.3]
        runner.state = decode(stored, runner.rule.group_by)
        for change in runner.tick(now).changes:
            if change.after in ("firing", "resolved"):
                told.setdefault(change.group, []).append((now, change.after.value))
        stored = encode(runner.state)
    assert told == oracle_says([seen(document) for document in documents], ticks), f"seed {seed}"
    return sum(len(one) for one in told.values())


def test_seasonal_gives_what_brute_force_gives():
    assert sum(compare(seed) for seed in range(12)) > 20, "the streams must give it something to find"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_seasonal_gives_what_brute_force_gives_over_two_thousand_streams():
    assert sum(compare(seed) for seed in range(100, 2100)) > 4000
