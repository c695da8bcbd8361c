"""Seeded streams with lag, disorder, duplicates, restarts and two evaluators: the engine against brute force.

The oracle knows no cells, no store and no incremental state: at each tick it counts the documents themselves, and
keeps of each group only which boundaries it saw breaching.
"""

from __future__ import annotations

import functools
import math
import random
from typing import Any

import pytest

from shipper.rules.engine import Engine, Sight
from shipper.rules.recent import Recent
from shipper.rules.replay import Replay, Timeline
from shipper.rules.state import decode, encode
from tests.support.rule_memory import MemoryReader
from tests.support.rule_oracle import EVERY, GRACE, Oracle
from tests.support.rule_stream import START, rule, stream
from tests.support.rule_truth import TRUTHS, Past, Seen, Truth, plain, text_of

SECONDS = 160
STREAMS = 80
KEPT_STREAMS, MANY = 10, 100
Told = dict[tuple[str, ...], list[tuple[int, str]]]


@functools.cache
def documents_of(seed: int) -> tuple[list[dict[str, Any]], list[Seen]]:
    """A stream without its duplicates, and what the oracle sees of it."""
    known = {document["_id"]: document for document in stream(seed, SECONDS, lag=8.0, late=0.1)}
    documents = [{key: value for key, value in document.items() if key != "_id"} for document in known.values()]
    return documents, [plain(document) for document in documents]


def engine_says(truth: Truth, documents: list[dict[str, Any]], source: random.Random) -> Told:
    """Two evaluators take turns, each now and then restarted; they share the state as it is stored."""
    timeline = Timeline()
    for document in documents:
        timeline.add(document)
    pair = [Replay(rule(text_of(truth)), timeline) for _ in range(2)]
    told: Told = {}
    stored = encode(pair[0].state)
    for now in pair[0].ticks(START + SECONDS + 150):
        runner = pair[source.random() < 0.3]
        runner.state = decode(stored, runner.rule.group_by)
        for change in runner.tick(now).changes:
            if change.after in ("firing", "resolved"):
                told.setdefault(change.group, []).append((now, change.after.value))
        stored = encode(runner.state)
        pair[0].state = decode(stored, runner.rule.group_by)  # the next look depends on it
    return told


def evaluator_says(truth: Truth, documents: list[dict[str, Any]], source: random.Random) -> Told:
    """The same, with what each of the two keeps of the cells from look to look, and now and then loses."""
    timeline, told, watched = Timeline(), Told(), rule(text_of(truth))
    for document in documents:
        timeline.add(document)
    clock, reader = Replay(watched, timeline), MemoryReader(documents)
    engines, recents = [Engine(watched) for _ in range(2)], [Recent(reader) for _ in range(2)]  # type: ignore[arg-type]  # reads as it does
    for now in clock.ticks(START + SECONDS + 150):
        runner = int(source.random() < 0.3)
        if source.random() < 0.05:
            engines[runner], recents[runner] = Engine(watched), Recent(reader)  # type: ignore[arg-type]  # as above
        reader.now, state = now, decode(encode(clock.state), watched.group_by)
        assert recents[runner].fill(engines[runner], state, now) == []
        for change in engines[runner].tick(state, now, Sight()):
            if change.after in ("firing", "resolved"):
                told.setdefault(change.group, []).append((now, change.after.value))
        clock.state = state
    return told


def oracle_says(truth: Truth, seen: list[Seen]) -> Told:
    group = {True: lambda one: (one.service, "failure" if one.failed else "success"), False: lambda one: (one.service,)}
    members: dict[tuple[str, ...], list[Seen]] = {}
    for one in seen:
        members.setdefault(group[truth.by_outcome](one), []).append(one)
    first = math.floor(min(one.at for one in seen) / EVERY) * EVERY + EVERY
    oracles = {name: Oracle(truth) for name in members}
    last = begun = first - EVERY
    for now in range(first, START + SECONDS + 151):
        closes, ends = (now - GRACE) % EVERY == 0, now % EVERY == 0
        rests = truth.early and not any(oracle.firing or oracle.pending for oracle in oracles.values())
        if not (closes and not rests) and not (truth.early and ends):
            continue
        visible = [one for one in seen if one.arrived <= now]
        for name, oracle in oracles.items():
            oracle.tick(Past([one for one in members[name] if one.arrived <= now], visible), now, last, begun)
        while now >= last + EVERY + GRACE:
            last += EVERY
    return {name: oracle.told for name, oracle in oracles.items() if oracle.told}


@pytest.mark.parametrize("name", sorted(TRUTHS))
def test_more_than_a_thousand_streams_give_what_brute_force_gives(name):
    truth, fired = TRUTHS[name], 0
    for seed in [*range(STREAMS), 1226]:
        documents, seen = documents_of(seed)
        expected = oracle_says(truth, seen)
        assert engine_says(truth, documents, random.Random(seed)) == expected, f"seed {seed}"
        if seed < KEPT_STREAMS:
            assert evaluator_says(truth, documents, random.Random(seed)) == expected, f"seed {seed}"
        fired += sum(len(told) for told in expected.values())
    assert fired > 60, "the streams must give the type something to find"


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", sorted(TRUTHS))
def test_kept_cells_give_what_brute_force_gives_over_many_streams(name):
    for seed in range(2000, 2000 + MANY):
        documents, seen = documents_of(seed)
        expected = oracle_says(TRUTHS[name], seen)
        assert engine_says(TRUTHS[name], documents, random.Random(seed)) == expected, f"seed {seed}"
        assert evaluator_says(TRUTHS[name], documents, random.Random(seed)) == expected, f"seed {seed}"
