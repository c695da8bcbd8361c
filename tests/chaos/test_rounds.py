"""Seeded rounds of trouble; `scripts/chaos` plays as many as one likes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.chaos.peer import peer
from tests.chaos.plan import OF_THE_CLOCK, Fault, Plan, Topology, draw
from tests.chaos.round import Round
from tests.chaos.servers import Elsewhere, Own
from tests.support import stack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.elasticsearch, pytest.mark.timeout(240)]


ROUNDS = [*((seed, Topology.DIRECT) for seed in range(1, 15)), *((seed, Topology.RUNNER) for seed in range(1, 7))]
WRONG_CLOCKS = [(149, Topology.DIRECT), (157, Topology.DIRECT), (281, Topology.RUNNER)]
"""Chosen for their plans: the clock jumps ahead, back and over midnight, and stays or returns."""
KILLED = 1
"""Elasticsearch dies amid it."""


def play(plan: Plan, folder: Path, servers: Elsewhere | Own, capsys: pytest.CaptureFixture[str]) -> None:
    there = peer(servers)
    try:
        report = Round(plan, folder / "round", there).run()
    finally:
        there.clean()
    for each in report.skipped:
        with capsys.disabled():
            sys.stdout.write(f"\nseed {plan.seed}: skipped {each}\n")
    assert report.ok, f"{plan}\n{report}"


@pytest.fixture
def shared():
    with contextlib.closing(Elsewhere(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())) as servers:
        yield servers


@pytest.mark.parametrize(("seed", "topology"), ROUNDS)
def test_nothing_is_lost_and_nothing_doubled_whatever_goes_wrong(tmp_path, shared, seed, topology, capsys):
    play(draw(seed, topology), tmp_path, shared, capsys)


@pytest.mark.parametrize(("seed", "topology"), WRONG_CLOCKS)
def test_a_clock_that_jumps_loses_and_doubles_nothing(tmp_path, shared, seed, topology, capsys):
    play(draw(seed, topology, harder=OF_THE_CLOCK), tmp_path, shared, capsys)


def test_an_elasticsearch_that_is_killed_and_comes_back_loses_and_doubles_nothing(tmp_path, capsys):
    plan = draw(KILLED, harder=(Fault.KILL_ELASTICSEARCH,))
    assert Fault.KILL_ELASTICSEARCH in {incident.fault for incident in plan.incidents}
    with contextlib.closing(Own(1)) as servers:
        play(plan, tmp_path, servers, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("topology", [Topology.CLUSTER, Topology.CLUSTER_RUNNER])
def test_one_node_of_three_that_is_lost_loses_and_doubles_nothing(tmp_path, topology, capsys):
    with contextlib.closing(Own(topology.nodes)) as servers:
        play(draw(1, topology), tmp_path, servers, capsys)
