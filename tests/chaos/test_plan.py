from __future__ import annotations

from tests.chaos.plan import COMMON, OF_THE_RUNNER, Fault, Rotation, Topology, draw

PLANS = [draw(seed) for seed in range(300)]


def test_a_seed_is_a_plan():
    assert [draw(seed) for seed in range(300)] == PLANS
    assert len({str(plan) for plan in PLANS}) == 300


def test_every_fault_and_every_rotation_is_drawn():
    assert {incident.fault for plan in PLANS for incident in plan.incidents} == set(COMMON)
    assert {rotation for plan in PLANS for rotation in plan.rotations} == set(Rotation)


def test_every_fault_of_the_runner_is_drawn_where_it_stands_between():
    plans = [draw(seed, Topology.RUNNER) for seed in range(300)]
    assert {incident.fault for plan in plans for incident in plan.incidents} == set(OF_THE_RUNNER)


def test_some_rounds_have_lines_that_the_index_must_refuse():
    assert 50 < sum(plan.refused > 0 for plan in PLANS) < 150


def test_harder_faults_come_in_some_rounds_only():
    plans = [draw(seed, harder=(Fault.KILL_ELASTICSEARCH,)) for seed in range(100)]
    hit = [plan for plan in plans if Fault.KILL_ELASTICSEARCH in {each.fault for each in plan.incidents}]
    assert 5 < len(hit) < 50


def test_incidents_come_in_their_order():
    assert all([each.at for each in plan.incidents] == sorted(each.at for each in plan.incidents) for plan in PLANS)
