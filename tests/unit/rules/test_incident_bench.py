"""The bench itself: its world repeats, its score is fair, and a short story is found by the library's own rules."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import msgspec
import pytest

from benchmarks.incidents.findings import Finder, Remembering
from benchmarks.incidents.score import score
from benchmarks.incidents.trouble import KINDS, twelve
from benchmarks.incidents.world import SERVICES, START, World
from shipper.rules.change import Change, Kind
from shipper.rules.files import load_rules
from shipper.rules.replay import replay_all
from shipper.rules.state import Status

RULES = Path(__file__).parents[3] / "alert_rules"


def fired(at: int, names: tuple[str, ...], group: tuple[str, ...], rule: str = "r") -> Change:
    return Change(rule, names, group, at, at, Status.OK, Status.FIRING, 1.0, "t", complete=True, since=at,
                  send=Kind.FIRING)  # fmt: skip


def test_a_world_repeats_from_its_seed_and_differs_with_another():
    first, again, other = (list(islice(World(0.1, seed=seed), 500)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert {line.document.get("service", {}).get("name") for line in first} >= set(SERVICES)


def test_there_are_twelve_troubles_that_do_not_overlap():
    troubles = twelve(START)
    assert len({trouble.name for trouble in troubles}) == len(KINDS) == 12
    assert all(one.end <= two.begin for one, two in pairwise(troubles))


def test_the_score_counts_what_was_found_in_time_named_missed_and_false():
    new, bad = (trouble for trouble in twelve(START) if trouble.name in ("bad deploy on one host", "new error"))
    told = [
        fired(new.begin + 120, ("service.name", "error.type"), ("shop", "SchemaMismatchError")),
        fired(new.begin + 180, ("service.name",), ("mail",)),  # another service: false
        fired(new.begin - 60, ("service.name",), ("shop",)),  # before it began: false
        fired(bad.end + 60, ("service.name", "host.name"), ("shop", "shop-2")),  # too late to count as found
    ]
    result = score(told, [new, bad], days=7)
    assert [one.intervals for one in result.found] == [2.0, None]
    assert result.summary() == {
        "detected_percent": 50.0, "median_intervals": 2.0, "false_alerts_a_week": 2.0, "cause_named_percent": 100.0,
        "cause_in_group_percent": 100.0,
    }  # fmt: skip


@pytest.mark.timeout(120)
def test_the_librarys_own_rules_find_a_new_error_and_name_it():
    (trouble,) = (trouble for trouble in twelve(START + 4 * 3600, 0) if trouble.name == "new error")
    rules = [loaded.rule for loaded in load_rules([RULES / "new-error.yml", RULES / "error-ratio.yml"])]
    world = World(0.2, [trouble])
    changes = [change for change in replay_all(rules, world) if change is not None]
    (found,) = score(changes, [trouble], world.days).found
    assert found.named
    assert found.intervals is not None
    assert found.intervals <= 4
    assert "new-error" in {change.rule for change in found.told}


@pytest.mark.timeout(120)
def test_the_host_of_a_bad_deploy_is_named_by_what_differs_as_live():
    (trouble,) = (trouble for trouble in twelve(START + 4 * 3600, 0) if trouble.name == "bad deploy on one host")
    (rule,) = (loaded.rule for loaded in load_rules([RULES / "error-ratio.yml"]))
    history, differs, changes = Remembering(World(0.24, [trouble])), {}, []
    for change in replay_all([rule], history):
        if change is not None and change.send is Kind.FIRING:
            changes.append(change)
            differs[change.key] = Finder(rule).differs(change, history.last)
    (found,) = score(changes, [trouble], 0.24, differs).found
    assert (found.grouped, found.named) == (False, True)
    assert ("host.name", "shop-2") in found.differs
    assert len(history.last) < 20_000, "an hour and some minutes, not the whole history"


@pytest.mark.timeout(120)
def test_the_host_of_a_saturation_is_named_by_the_time_it_took():
    (trouble,) = (trouble for trouble in twelve(START + 4 * 3600, 0) if trouble.name == "saturation")
    (loaded,) = load_rules([RULES / "saturation.yml"])
    rule = msgspec.structs.replace(loaded.rule, group_by=("service.name",), workers=4.0, tests=())
    history, texts = Remembering(World(0.24, [trouble])), []
    for change in replay_all([rule], history):
        if change is not None and change.send is Kind.FIRING:
            texts += [one.text for one in Finder(rule).differs(change, history.last)]
    assert texts == ["host.name=pay-1 has 100% of the time spent, 48% before; 57% of the documents"]
