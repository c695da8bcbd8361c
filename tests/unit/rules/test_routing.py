from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shipper import config
from shipper.errors import ConfigError
from shipper.rules.routing.maintenance import MaintenanceSettings
from shipper.rules.routing.matcher import all_match, parse_matcher
from shipper.rules.settings import EvaluatorSettings

LABELS = {"service.name": "shop-eu", "severity": "critical"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("service.name=shop-eu", True),
        ("service.name = shop-eu ", True),
        ("service.name=shop", False),
        ("service.name=shop*", True),
        ("service.name=*eu", True),
        ("service.name=s*p*e*", True),
        ("service.name=shop-eu*u", False),
        ("service.name=*", True),
        ("service.name=mail|shop-*", True),
        ("service.name!=mail|shop-*", False),
        ("severity!=info", True),
        ("host.name=", True),
        ("host.name!=", False),
        ("host.name!=db1", True),
        ("service.name=[s]hop-eu", False),
    ],
)
def test_a_matcher_reads_as_it_is_written(text, holds):
    assert parse_matcher(text).matches(LABELS) is holds


def test_all_must_match_and_no_matcher_matches_everything():
    assert all_match([], LABELS)
    assert not all_match([parse_matcher("severity=critical"), parse_matcher("service.name=x")], LABELS)


def test_a_hostile_value_costs_no_more_than_its_length():
    assert not parse_matcher("a=" + "x*" * 200 + "y").matches({"a": "x" * 100_000})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("routing: [{to: [pager]}]", "entry 1 of `routing` names `pager`, which is not in `notifiers`"),
        ("routing: [{to: []}]", "expected a list of length >= 1, not an empty list"),
        ("routing: [{to: [console], match: [severity]}]", "`severity` is no matcher"),
        ("routing: [{to: [console]}, {to: [console], match: [a=b]}]", "entry 2 of `routing` never gets anything"),
        (
            "routing: [{to: [console], match: [a=b]}, {to: [console], match: [c=d, a=b]}]",
            "entry 2 of `routing` never gets anything: entry 1 takes all",
        ),
        ("routing: [{to: [console], mach: []}]", "unknown key `mach`"),
        ("maintenance: [{name: n, zone: Mars/X, start: '01:00', end: '02:00'}]", "`zone: Mars/X` is no time zone"),
        ("maintenance: [{name: n, zone: UTC, start: '1:00', end: '02:00'}]", "`start: 1:00` is no time of day"),
        ("maintenance: [{name: n, zone: UTC, start: '01:00', end: '02:00', dates: [x]}]", "`x` is no date"),
        ("maintenance: [{name: n, zone: UTC, start: '01:00', end: '02:00', days: [son]}]", "'son'"),
        ("notifiers: {console: {type: console, fallback: mail}}", "the fallback of `console` names `mail`"),
        ("notifiers: {console: {type: console, fallback: console}}", "without a fallback, not `console`"),
        ("notifiers: {console: {type: console, limit: {messages: 0, every: 1m}}}", ">= 1"),
        ("notifiers: {console: {type: console, limit: {messages: 1, every: 0s}}}", "longer than 0"),
    ],
)
def test_a_wrong_routing_is_refused_with_its_place(text, message):
    with pytest.raises(ConfigError) as caught:
        config.bind(config.parse(text, "evaluator.yml"), EvaluatorSettings)
    assert message in str(caught.value)


def test_an_entry_below_one_that_continues_is_reachable():
    config.bind(config.parse("routing: [{to: [console], continue: true}, {to: [console]}]"), EvaluatorSettings)


def window(text: str) -> MaintenanceSettings:
    return config.bind(config.parse("name: n\nstart: '22:00'\nend: '02:00'\n" + text), MaintenanceSettings)


HOUR = 3600
FRIDAY = 1_767_916_800
"""2026-01-09T00:00:00Z."""


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on():
    friday = window("zone: UTC\ndays: [fri]\n")
    assert not friday.open_at(FRIDAY + HOUR)
    assert friday.open_at(FRIDAY + 22 * HOUR)
    assert friday.open_at(FRIDAY + 25 * HOUR)
    assert not friday.open_at(FRIDAY + 26 * HOUR)
    assert not friday.open_at(FRIDAY + 47 * HOUR)


def test_a_window_of_a_date_opens_on_that_date_alone():
    once = window("zone: UTC\ndates: ['2026-01-09']\n")
    assert [once.open_at(FRIDAY + day * 24 * HOUR + 23 * HOUR) for day in (-1, 0, 1, 7)] == [False, True, False, False]


def test_f43_a_window_has_the_zone_it_names_wherever_it_runs_and_twice_the_hour_that_comes_twice():
    autumn = 1_792_886_400  # 2026-10-25T00:00:00Z: at 01:00Z Berlin's clocks go back from 03:00 to 02:00
    text = "name: n\nzone: Europe/Berlin\nstart: '02:00'\nend: '03:00'\n"
    berlin = config.bind(config.parse(text), MaintenanceSettings)
    inside = [minute for minute in range(-60, 240, 10) if berlin.open_at(autumn + minute * 60)]
    assert (inside[0], inside[-1], len(inside)) == (0, 110, 12)


@pytest.mark.parametrize(
    ("zone", "hours", "noon", "opened"),
    [
        ("America/Sao_Paulo", "00:15-00:45", "2018-11-03", []),  # 00:00 is 01:00: the window is skipped
        ("America/Sao_Paulo", "00:30-01:30", "2018-11-03", [("03:00", "03:30")]),
        ("America/Sao_Paulo", "23:30-00:30", "2018-11-03", [("02:30", "03:00")]),
        ("America/Sao_Paulo", "23:15-23:45", "2018-02-17", [("01:15", "01:45"), ("02:15", "02:45")]),
        ("America/Sao_Paulo", "23:30-00:30", "2018-02-17", [("01:30", "03:30")]),  # 24:00 is 23:00 again
        ("Australia/Lord_Howe", "02:10-02:20", "2026-10-03", []),  # 02:00 is 02:30
        ("Australia/Lord_Howe", "01:45-02:45", "2026-10-03", [("15:15", "15:45")]),
        ("Australia/Lord_Howe", "01:40-01:50", "2026-04-04", [("14:40", "14:50"), ("15:10", "15:20")]),
        ("Australia/Lord_Howe", "23:00-02:10", "2026-04-04", [("12:00", "15:40")]),  # 02:00 is 01:30 again
    ],
)
def test_f43_windows_in_skipped_and_repeated_time_and_over_midnight(zone, hours, noon, opened):
    start, _, end = hours.partition("-")
    held = config.bind(config.parse(f"name: n\nzone: {zone}\nstart: '{start}'\nend: '{end}'\n"), MaintenanceSettings)
    began = datetime.fromisoformat(f"{noon}T06:00:00+00:00").timestamp() // 60
    marks = [minute for minute in range(24 * 60) if held.open_at((began + minute) * 60)]
    edges = (
        [minute for minute in marks if minute - 1 not in marks],
        [minute + 1 for minute in marks if minute + 1 not in marks],
    )
    times = [
        tuple(datetime.fromtimestamp((began + minute) * 60, UTC).strftime("%H:%M") for minute in pair)
        for pair in zip(*edges, strict=True)
    ]
    assert times == opened
