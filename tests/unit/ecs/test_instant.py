import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.ecs.instant import SECOND, format_ns, parse_epoch, parse_iso


@given(st.integers(-62_135_596_800 * SECOND, 253_402_300_799 * SECOND))
def test_no_nanosecond_is_lost(ns: int) -> None:
    assert parse_iso(format_ns(ns)) == (ns, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02 03:04:05,678", "2026-01-02T03:04:05.678Z"),
        ("2026-01-02T03:04:05.1234567+02:00", "2026-01-02T01:04:05.123456700Z"),
        ("2026-01-02T03:04:05-0530", "2026-01-02T08:34:05.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"),
        ("2026-01-02T03:04+02", "2026-01-02T01:04:00.000Z"),
    ],
)
def test_iso_8601_in_its_usual_dresses(text: str, expected: str) -> None:
    parsed = parse_iso(text)
    assert parsed is not None
    assert format_ns(parsed[0]) == expected


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "0000-01-01", "now", "", "1767225600"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert parse_iso(text) is None


@pytest.mark.parametrize(
    "value",
    [
        1767225600,
        1767225600000,
        1767225600000000,
        1767225600000000000,
        1767225600.0,
        1767225600e6,
        1767225600e9,
        "1767225600",
        "1767225600.000",
    ],
)
def test_the_unit_of_an_epoch_follows_from_its_magnitude(value: float | str) -> None:
    ns = parse_epoch(value)
    assert ns is not None
    assert format_ns(ns) == "2026-01-01T00:00:00.000Z"


def test_nanosecond_integers_stay_exact_and_floats_are_rounded_to_the_microsecond() -> None:
    assert parse_epoch(1767435631706123457) == 1767435631706123457
    assert parse_epoch(1767435631.7059999) == 1767435631706000000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, 10**30, "12x", "1.2.3", "-5"])
def test_numbers_that_are_no_time_are_refused(value: float | str) -> None:
    assert parse_epoch(value) is None
