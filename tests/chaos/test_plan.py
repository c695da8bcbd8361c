from __future__ import annotations

from tests.chaos.plan import COMMON, OF_THE_CLOCK, OF_THE_RUNNER, Fault, Rotation, Topology, draw

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


def test_each_round_of_three_nodes_loses_one():
    for topology in (Topology.CLUSTER, Topology.CLUSTER_RUNNER):
        plans = [draw(seed, topology, harder=topology.harder) for seed in range(50)]
        assert all([each.fault for each in plan.incidents].count(Fault.LOSE_NODE) == 1 for plan in plans)


def test_the_clock_jumps_both_ways_by_hours_and_days_and_stays_or_returns():
    plans = [draw(seed, harder=OF_THE_CLOCK) for seed in range(100)]
    jumps = [each for plan in plans for each in plan.incidents if each.fault in OF_THE_CLOCK]
    assert {each.fault for each in jumps} == set(OF_THE_CLOCK)
    assert min(each.hours for each in jumps) < -24
    assert max(each.hours for each in jumps) > 24
    assert {each.stays for each in jumps} == {True, False}


def test_the_plans_of_earlier_commits_are_drawn_again_when_nothing_harder_is_asked_for():
    files = "6 files (gzip, copytruncate, copytruncate, copytruncate, rename, copytruncate), 2923 lines each"
    assert str(draw(17)) == f"seed 17: {files}; 1.85 s reset for 0.56 s; 1.94 s half_answer for 0.98 s"
