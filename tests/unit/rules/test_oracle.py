"""Seeded streams with lag, disorder, duplicates and restarts: the engine against a brute-force evaluator.

The oracle knows no cells, no store and no incremental state: at each tick it counts the documents themselves, and
keeps of each group only which boundaries it saw breaching.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from shipper.kql.values import date_value
from shipper.rules.replay import Replay, Timeline
from shipper.rules.state import decode, encode
from tests.support.rule_stream import RULES, START, TIMES, rule, stream

SECONDS = 160
WINDOW, EVERY, GRACE, LATE = 20, 10, 5, 60
GROUPS = ("mail", "pay", "shop")
RATIO = RULES["ratio"] + TIMES
COUNT = RULES["count"] + TIMES + "for: 10s\n"


@dataclass
class Oracle:
    """One group's truth."""

    judge: Any
    run: int
    breached: set[int] = field(default_factory=set)
    firing: bool = False
    span: tuple[int, int] = (0, 0)
    told: list[tuple[int, str]] = field(default_factory=list)

    def tick(self, visible: list[Seen], now: int, last: int, begun: int) -> None:
        closed = [at for at in range(last + EVERY, now + 1, EVERY) if now >= at + GRACE]
        opened = [at for at in range(last + EVERY, now + 1, EVERY) if now < at + GRACE]
        for at in range(max(begun, last - LATE) + EVERY, last + 1, EVERY):
            self.again(at, now, breach=self.judge(visible, at))
        for at in closed:
            self.final(at, now, breach=self.judge(visible, at))
        for at in opened:
            if self.judge(visible, at):
                self.rises(at, now)

    def again(self, at: int, now: int, *, breach: bool) -> None:
        if not breach:
            self.breached.discard(at)
        elif at not in self.breached:
            self.breached.add(at)
            row = self.row(at)
            near = self.span[1] and row[0] <= self.span[1] and row[-1] >= self.span[0] - EVERY
            if not self.firing and not near and len(row) >= self.run:
                self.fire(row[0], now)

    def final(self, at: int, now: int, *, breach: bool) -> None:
        if breach:
            self.rises(at, now)
            return
        self.breached.discard(at)
        if self.firing and not any(other > at for other in self.breached):
            self.firing, self.span = False, (self.span[0], at)
            self.told.append((now, "resolved"))

    def rises(self, at: int, now: int) -> None:
        if at in self.breached:
            return
        self.breached.add(at)
        row = self.row(at)
        if not self.firing and len(row) >= self.run:
            self.fire(row[0], now)

    def fire(self, since: int, now: int) -> None:
        self.firing, self.span = True, (since, self.span[1])
        self.told.append((now, "firing"))

    def row(self, at: int) -> list[int]:
        row = [at]
        while row[0] - EVERY in self.breached:
            row.insert(0, row[0] - EVERY)
        while row[-1] + EVERY in self.breached:
            row.append(row[-1] + EVERY)
        return row


@dataclass(frozen=True)
class Seen:
    """What the oracle knows of a document; epoch seconds."""

    at: float
    arrived: float
    service: str
    failed: bool


def plain(document: dict[str, Any]) -> Seen:
    event = document["event"]
    stamps = date_value(document["@timestamp"]) / 1000, date_value(event["ingested"]) / 1000
    return Seen(*stamps, document["service"]["name"], failed=event["outcome"] == "failure")


def in_window(visible: list[Seen], at: int) -> list[Seen]:
    return [document for document in visible if at - WINDOW <= document.at < at]


def ratio_breach(visible: list[Seen], at: int) -> bool:
    found = in_window(visible, at)
    failed = sum(document.failed for document in found)
    return len(found) >= 5 and 100 * failed / len(found) > 25


def count_breach(visible: list[Seen], at: int) -> bool:
    return len(in_window(visible, at)) > 16


def unique(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {document["_id"]: document for document in documents}
    return [{key: value for key, value in document.items() if key != "_id"} for document in known.values()]


def engine_says(text: str, documents: list[dict[str, Any]], source: random.Random) -> dict[str, list[tuple[int, str]]]:
    timeline = Timeline()
    for document in documents:
        timeline.add(document)
    replay = Replay(rule(text + "flapping: {times: 99}\n"), timeline)
    told: dict[str, list[tuple[int, str]]] = {name: [] for name in GROUPS}
    for now in replay.ticks(START + SECONDS + 150):
        if source.random() < 0.2:  # a restart
            replay.state = decode(encode(replay.state), replay.rule.group_by)
        for change in replay.tick(now).changes:
            if change.after in ("firing", "resolved"):
                told[change.group[0]].append((now, change.after.value))
    return told


def oracle_says(judge: Any, run: int, documents: list[dict[str, Any]]) -> dict[str, list[tuple[int, str]]]:
    seen = [plain(document) for document in documents]
    first = math.floor(min(document.at for document in seen) / EVERY) * EVERY + EVERY
    oracles = {name: Oracle(judge, run) for name in GROUPS}
    last = begun = first - EVERY
    for now in range(first, START + SECONDS + 151, EVERY):
        visible = [document for document in seen if document.arrived <= now]
        for name, oracle in oracles.items():
            mine = [document for document in visible if document.service == name]
            oracle.tick(mine, now, last, begun)
        while now >= last + EVERY + GRACE:
            last += EVERY
    return {name: oracle.told for name, oracle in oracles.items()}


@pytest.mark.parametrize(
    ("text", "judge", "run"), [(RATIO, ratio_breach, 1), (COUNT, count_breach, 2)], ids=["ratio", "count"]
)
def test_hundreds_of_streams_give_what_brute_force_gives(text, judge, run):
    fired = 0
    for seed in [*range(100), 1226]:
        documents = unique(stream(seed, SECONDS, lag=8.0, late=0.1))
        expected = oracle_says(judge, run, documents)
        assert engine_says(text, documents, random.Random(seed)) == expected, f"seed {seed}"
        fired += sum(len(told) for told in expected.values())
    assert fired > 60
