import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.dashboards.execute.period import TARGET_BUCKETS, Period, instant, interval_milliseconds
from shipper.errors import UsageError

NOW = 1_767_276_930.5  # 2026-01-01T14:15:30.500Z, a Thursday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-01-01T14:15:30.500+00:00"),
        ("now-1h", "2026-01-01T13:15:30.500+00:00"),
        ("now+2d", "2026-01-03T14:15:30.500+00:00"),
        ("now/d", "2026-01-01T00:00:00+00:00"),
        ("now-1d/d", "2025-12-31T00:00:00+00:00"),
        ("now/h", "2026-01-01T14:00:00+00:00"),
        ("now/w", "2025-12-29T00:00:00+00:00"),
        ("2026-01-01T15:00:00+01:00", "2026-01-01T14:00:00+00:00"),
        ("2026-01-01", "2026-01-01T00:00:00+00:00"),
    ],
)
def test_a_bound_is_an_instant(text: str, expected: str):
    assert instant(text, NOW) == instant(expected, NOW)
    assert instant(expected, 0) == instant(expected, NOW)


@pytest.mark.parametrize("text", ["", "yesterday", "now-", "now-1y", "now -1h", "2026-13-01", "<script>"])
def test_what_is_no_time_is_refused(text: str):
    with pytest.raises(UsageError, match="not a time"):
        instant(text, NOW)


def test_an_empty_range_is_refused():
    with pytest.raises(UsageError, match="ends before it begins"):
        Period.parse("now", "now", NOW)


@given(st.integers(1, 365 * 86_400))
def test_auto_gives_at_most_the_wanted_number_of_rows(seconds: int):
    period = Period(0, seconds * 1000)
    assert (period.end - period.start) / interval_milliseconds("auto", period) <= TARGET_BUCKETS


@pytest.mark.parametrize(("text", "width"), [("30s", 30_000), ("5m", 300_000), ("1d", 86_400_000), ("250ms", 250)])
def test_a_fixed_interval_is_taken_as_it_is(text: str, width: int):
    assert interval_milliseconds(text, Period(0, 1)) == width


@pytest.mark.parametrize("text", ["0s", "1M", "5", "m"])
def test_an_unknown_interval_is_refused(text: str):
    with pytest.raises(UsageError, match="unknown interval"):
        interval_milliseconds(text, Period(0, 1))
