"""Twenty seeded rounds of trouble; `scripts/chaos` plays as many as one likes."""

from __future__ import annotations

import os
import sys

import pytest

from shipper.elastic.client import connect, from_url
from tests.chaos.peer import peer
from tests.chaos.plan import Topology, draw
from tests.chaos.round import Round
from tests.support import stack

pytestmark = [pytest.mark.e2e, pytest.mark.elasticsearch, pytest.mark.timeout(240)]


ROUNDS = [*((seed, Topology.DIRECT) for seed in range(1, 15)), *((seed, Topology.RUNNER) for seed in range(1, 7))]


@pytest.mark.parametrize(("seed", "topology"), ROUNDS)
def test_nothing_is_lost_and_nothing_doubled_whatever_goes_wrong(tmp_path, seed, topology, capsys):
    url = os.environ.get("SHIPPER_TEST_ES") or stack.admin_url()
    with connect(from_url(url)) as client:
        there = peer(client, url)
        try:
            report = Round(draw(seed, topology), tmp_path / "round", there).run()
        finally:
            there.clean()
    for each in report.skipped:
        with capsys.disabled():
            sys.stdout.write(f"\nseed {seed}: skipped {each}\n")
    assert report.ok, f"{report.plan}\n{report}"
