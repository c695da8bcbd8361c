"""Numbers and times as the person on call reads them."""

from __future__ import annotations

import pytest

from shipper.rules import words


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0"), (0.2010051937, "0.201"), (12.5, "12.5"), (999.9, "999.9"), (1959, "1,959"), (137879294.0, "137,879,294"),
     (1e15, "1,000,000,000,000,000"), (-54321.9, "-54,322"), (1.23e-5, "1.23e-05")],
)  # fmt: skip
def test_a_number_has_few_digits_and_no_exponent(value, told):
    assert words.number(value) == told


@pytest.mark.parametrize(
    ("nanoseconds", "told"),
    [(0, "0 ns"), (999, "999 ns"), (12345, "12.35 µs"), (901.77536e6, "901.8 ms"), (1958739968, "1.959 s"),
     (90e9, "90 s"), (1800e9, "30 min"), (16200e9, "4.5 h"), (3 * 86400e9, "3 d")],
)  # fmt: skip
def test_a_duration_is_in_a_unit_that_suits_it(nanoseconds, told):
    assert words.duration(nanoseconds) == told


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [(137879294, " ns", "137.9 ms"), (2500, "ms", "2.5 s"), (6e7, " bytes", "60 MB"), (812, "bytes", "812 bytes"),
     (1.25e6, "bytes/s", "1.25 MB/s"), (0.9512, "pct", "95.12%"), (3, " dead letters", "3 dead letters"),
     (0.5, "/s", "0.5/s")],
)  # fmt: skip
def test_an_amount_is_told_in_its_unit(value, unit, told):
    assert words.amount(value, unit) == told


def test_the_unit_of_a_field_follows_from_its_name():
    names = ("event.duration", "system.memory.actual.used.pct", "shipper.lag.bytes", "system.load.1", None)
    assert [words.unit_of(name) for name in names] == ["ns", "pct", "bytes", "", ""]


@pytest.mark.parametrize(
    ("value", "told"), [(7.666, "+7.67%"), (1321.4876, "+1,321%"), (999.6, "+1,000%"), (-53.7, "-53.7%"), (0, "+0%")]
)
def test_a_percentage_has_three_digits(value, told):
    assert words.percent(value, signed=True) == told


def test_a_time_has_its_zone_and_what_is_no_time_stays_as_it_is():
    assert words.when("2026-01-05T11:17:00.123+01:00") == "2026-01-05 10:17:00 UTC"
    assert words.when("1767607200000\n") == "1767607200000"


def test_a_line_is_one_line_that_acts_on_nothing_and_ends():
    assert words.line("a\r\nb\x1b[31m\u202ec\u2028d\x00") == "a b [31m c d"
    assert len(words.line("x" * 10_000)) == words.CUT
