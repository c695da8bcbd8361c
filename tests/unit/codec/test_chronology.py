# ruff: noqa: E501 - log lines are as long as they are
import pytest

from shipper.agent.codec.chronology import Chronology, zone_of
from shipper.agent.codec.stamp import read_stamp
from shipper.ecs.instant import format_ns, parse_iso


def walk(zone: str, modified: str, *texts: str) -> list[tuple[str, list[str]]]:
    """The points in time of `texts`, read in order from a file last modified at `modified` (UTC)."""
    fallback = parse_iso(modified)
    assert fallback is not None
    clock = Chronology(zone_of(zone), fallback[0])
    placed = []
    for text in texts:
        stamp = read_stamp(text)
        assert stamp is not None, text
        ns, flags = clock.place(stamp)
        placed.append((format_ns(ns)[:19], flags))
    return placed


def times(*args: str) -> list[str]:
    return [time for time, _ in walk(*args)]


def test_t48_year_less_stamps_do_not_jump_a_year_at_new_year() -> None:
    assert times("UTC", "2026-02-03T00:00:00Z", "Mar 11 22:14:15", "Nov 1 00:00:00", "Dec 31 23:59:59", "Jan 1 00:00:01", "Dec 31 23:59:58", "Jan 1 00:00:02") == [
        "2025-03-11T22:14:15", "2025-11-01T00:00:00", "2025-12-31T23:59:59", "2026-01-01T00:00:01", "2025-12-31T23:59:58", "2026-01-01T00:00:02",
    ]  # fmt: skip


def test_a_first_stamp_of_december_in_a_file_of_january_is_of_last_year() -> None:
    assert times("UTC", "2026-01-01T00:00:10Z", "Dec 31 23:59:59") == ["2025-12-31T23:59:59"]


def test_29_february_finds_a_leap_year() -> None:
    assert times("UTC", "2026-01-01T00:00:00Z", "Feb 29 12:00:00") == ["2024-02-29T12:00:00"]


def test_an_assumed_year_is_flagged() -> None:
    assert walk("UTC", "2026-01-01T00:00:00Z", "Dec 1 12:00:00")[0][1] == ["assumed_year"]


def test_t47_the_repeated_hour_is_told_apart_by_the_order_of_the_lines() -> None:
    assert times("Europe/Berlin", "2026-02-03T00:00:00Z", "2025-10-26 01:59:00", "2025-10-26 02:10:00", "2025-10-26 02:50:00", "2025-10-26 02:05:00", "2025-10-26 03:00:00") == [
        "2025-10-25T23:59:00", "2025-10-26T00:10:00", "2025-10-26T00:50:00", "2025-10-26T01:05:00", "2025-10-26T02:00:00",
    ]  # fmt: skip


def test_the_missing_hour_is_counted_on_and_flagged() -> None:
    assert walk("Europe/Berlin", "2026-04-01T00:00:00Z", "2026-03-29 02:30:00") == [
        ("2026-03-29T01:30:00", ["missing_hour"])
    ]


def test_times_without_a_date_cross_midnight_with_their_source() -> None:
    assert times("Europe/Berlin", "2026-02-03T23:10:00Z", "23:50:00", "00:20:01", "12:00:00", "23:00:00", "05:00:00") == [
        "2026-02-03T22:50:00", "2026-02-03T23:20:01", "2026-02-04T11:00:00", "2026-02-04T22:00:00", "2026-02-05T04:00:00",
    ]  # fmt: skip


def test_a_zone_in_the_line_wins_over_the_configured_one() -> None:
    assert times("America/New_York", "2026-02-03T00:00:00Z", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00") == [
        "2025-12-31T23:00:00", "2026-01-01T05:00:00",
    ]  # fmt: skip


def test_a_record_without_a_time_has_its_predecessors_else_the_files() -> None:
    clock = Chronology(zone_of("UTC"), 5_000_000_000)
    assert clock.untimed() == (5_000_000_000, ["assumed_time"])
    clock.exact(7_000_000_000)
    assert clock.untimed() == (7_000_000_000, ["assumed_time"])


@pytest.mark.parametrize("name", ["UTC", "local", "Europe/Berlin", "+02:00", "-0530"])
def test_zones_are_known_by_name_and_offset(name: str) -> None:
    assert zone_of(name).utcoffset(None) is not None or name not in ("UTC", "+02:00", "-0530")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone is called"):
        zone_of(name)
