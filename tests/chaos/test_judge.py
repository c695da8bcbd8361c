"""A judge that cannot see a loss is worthless."""

from __future__ import annotations

import pytest

from tests.chaos.judge import Truth, judge

TRUTH = Truth({"0": 3, "1": 2}, ["1 1"])
ALL = ["0 0 xx", "0 1", "0 2 x y", "1 0", "1 1"]


def test_everything_once_is_fine_in_any_order():
    assert judge(TRUTH, reversed(ALL)).ok


@pytest.mark.parametrize("missing", ["0 0", "0 2", "1 0"])
def test_a_planted_loss_is_seen(missing):
    verdict = judge(TRUTH, [each for each in ALL if not each.startswith(missing)])
    assert not verdict.ok
    assert verdict.lost == [missing]
    assert missing in str(verdict)


def test_a_planted_double_is_seen():
    assert judge(TRUTH, [*ALL, "0 1 with other words"]).duplicated == ["0 1"]


def test_what_was_never_written_is_seen():
    verdict = judge(TRUTH, [*ALL, "0 7", "garbage"])
    assert not verdict.ok
    assert verdict.stray == ["0 7", "garbage"]


def test_what_the_copier_cut_away_is_told_apart_from_a_loss():
    verdict = judge(TRUTH, ALL[:4])
    assert verdict.ok
    assert verdict.cut_away == ["1 1"]
