"""The `date` filter beyond the recorded cases: Joda's patterns, years, zones and locales."""

from __future__ import annotations

import pytest

from shipper.clock import ManualClock
from shipper.logstash_runner.plugin import InvalidPluginError
from tests.support.filters import one, run


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("yyyy-MM-dd HH:mm:ss Z", "2025-11-05 06:07:08 +0200", "2025-11-05T04:07:08.000Z"),
        ("yyyy-MM-dd HH:mm:ss ZZ", "2025-11-05 06:07:08 +02:00", "2025-11-05T04:07:08.000Z"),
        ("yyyy-MM-dd'T'HH:mm:ssZ", "2025-11-05T06:07:08Z", "2025-11-05T06:07:08.000Z"),
        ("dd/MMM/yyyy", "05/November/2025", "2025-11-05T00:00:00.000Z"),
        ("EEE MMM dd HH:mm:ss yyyy", "Wed Nov 05 06:07:08 2025", "2025-11-05T06:07:08.000Z"),
        ("EEE yyyy-MM-dd", "Fri 2025-11-05", "2025-11-07T00:00:00.000Z"),
        ("yyyy-DDD", "2025-032", "2025-02-01T00:00:00.000Z"),
        ("xxxx-'W'ww-e", "2025-W10-1", "2026-03-03T00:00:00.000Z"),  # a week's year does not count as a year
        ("yyyyMMddHHmmss", "20251105060708", "2025-11-05T06:07:08.000Z"),
        ("yyyy-MM-dd KK:mm a", "2025-11-05 00:30 pm", "2025-11-05T12:30:00.000Z"),
        ("yyyy-MM-dd kk", "2025-11-05 24", "2025-11-05T00:00:00.000Z"),
        ("UNIX", 1478207457.25, "2016-11-03T21:10:57.250Z"),
        ("UNIX", "1478207457.1", "2016-11-03T21:10:57.100Z"),
        ("UNIX", 4102444800, None),
        ("UNIX_MS", "1478207457456", "2016-11-03T21:10:57.456Z"),
        ("UNIX_MS", 1478207457456, "2016-11-03T21:10:57.456Z"),
        ("ISO8601", "2025-W45-3T06:07Z", "2025-11-05T06:07:00.000Z"),
        ("ISO8601", "2025-309", "2025-11-05T00:00:00.000Z"),
        ("ISO8601", "2025-11-05T06.5", "2025-11-05T06:30:00.000Z"),
        ("ISO8601", "2025-11-05 06:07:08,123+0100", "2025-11-05T05:07:08.123Z"),
        ("ISO8601", ["2025-11-05"], None),
        ("yyyy-MM-dd", 20251105, None),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2025-11-05 06:07:08.", None),
        ("ISO8601", "2025-11-05T06:07:08.Z", None),
        ("ISO8601", "2025-11-05T06:07+02:00:30", "2025-11-05T04:06:30.000Z"),
        ("ISO8601", "TZ", None),
        ("yyyy EEE", "2025 Mon", "2025-12-29T00:00:00.000Z"),  # Joda sets the year twice, the weekday once more
        ("MM yyyy EEE", "01 2025 Mon", "2025-01-27T00:00:00.000Z"),
        ("dd MMM yyyy", "05 nov 2025", "2025-11-05T00:00:00.000Z"),
        ("dd MMM yyyy", "05 nOv 2025", None),
        ("hh a yyyy-MM-dd", "06 Pm 2025-11-05", None),
        ("yyyy-MM-dd HH ZZZ", "2025-11-05 06 Asia/Tokyo", "2025-11-04T21:00:00.000Z"),
        ("yyyy-MM-dd HH ZZZ", "2025-11-05 06 +02:00", None),
        ("TAI64N", "4000000050d506482dbdf024", "2012-12-22T01:00:46.767Z"),
        ("TAI64N", "@4000000050d506482dbdf024 and more", "2012-12-22T01:00:46.767Z"),
        ("TAI64N", "@4000000050d50648fdbdf024", None),  # nanoseconds beyond 31 bits
        ("TAI64N", "@c000000050d506482dbdf024", None),
        ("TAI64N", "0x00000050d506482dbdf024", None),
    ],
)
def test_dates_are_read_as_joda_reads_them(pattern, text, expected):
    made = one(f'date {{ match => ["t", "{pattern}"] target => "d" }}', t=text)
    assert made == {"t": text, **({"d": expected} if expected else {"tags": ["_dateparsefailure"]})}


@pytest.mark.parametrize(
    ("now", "text", "year"),
    [
        (1_767_323_045, "Dec 31 23:00:00", 2025),
        (1_767_323_045, "Jan 02 01:00:00", 2026),
        (1_767_139_200, "Jan 01 00:00:00", 2026),
    ],
)
def test_a_year_that_is_not_written_is_guessed_from_the_clock(now, text, year):
    (made,) = run('date { match => ["t", "MMM dd HH:mm:ss"] target => "d" }', {"t": text}, clock=ManualClock(now))
    assert made["d"].startswith(str(year))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("MMM dd HH:mm:ss Z", "Dec 31 23:00:00 -0800", "2026-01-01T07:00:00.000Z"),  # January in the filter's zone
        ("MMM dd HH:mm:ss Z", "Mar 01 01:00:00 +0200", "2026-02-28T23:00:00.000Z"),
        ("MMM dd HH:mm:ss z", "Mar 01 01:00:00 EST", "2026-03-01T01:00:00.000Z"),  # the name counts for nothing
    ],
)
def test_a_year_is_guessed_for_the_time_in_the_filters_zone(pattern, text, expected):
    (made,) = run(
        f'date {{ match => ["t", "{pattern}"] target => "d" }}', {"t": text}, clock=ManualClock(1_780_000_000)
    )
    assert made["d"] == expected


def test_halves_of_the_day_are_named_in_the_locale():
    text = 'date { match => ["t", "yyyy-MM-dd hh:mm a"] locale => "es" target => "d" }'
    assert one(text, t="2025-11-05 06:07 p.\u00a0m.")["d"] == "2025-11-05T18:07:00.000Z"


def test_a_zones_offset_has_two_digits_of_hours():
    assert one('date { match => ["t", "yyyy"] timezone => "-08" target => "d" }', t="2025")["d"].startswith(
        "2025-01-01T08"
    )
    with pytest.raises(InvalidPluginError, match="'-8' is not recognised"):
        run('date { match => ["t", "yyyy"] timezone => "-8" }')


def test_the_zone_may_come_from_the_event():
    text = 'date { match => ["t", "yyyy-MM-dd HH:mm:ss"] timezone => "%{tz}" target => "d" }'
    assert one(text, t="2025-07-05 06:07:08", tz="Asia/Tokyo")["d"] == "2025-07-04T21:07:08.000Z"
    assert one(text, t="2025-07-05 06:07:08", tz="Nowhere")["tags"] == ["_dateparsefailure"]
