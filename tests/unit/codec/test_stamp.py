import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec.stamp import match_stamp, read_stamp, reader
from shipper.ecs.instant import format_ns

LAYOUTS = [
    ("2026-01-31 12:00:00,123 INFO", "2026-01-31T12:00:00.123Z", False, "", " INFO"),
    ("2026-01-31T12:00:00.123Z INFO", "2026-01-31T12:00:00.123Z", True, "", " INFO"),
    ("2026-01-31 12:00:00.000 -0500 x", "2026-01-31T17:00:00.000Z", True, "", " x"),
    ("2026-01-31 12:00:00 -[main] x", "2026-01-31T12:00:00.000Z", False, "", " -[main] x"),
    ("2026-01-31T12:00:00.123+0000: GC", "2026-01-31T12:00:00.123Z", True, "", ": GC"),
    ("2026-01-31 12:00:00.242 UTC [24]", "2026-01-31T12:00:00.242Z", True, "", " [24]"),
    ("2026-01-31 12:00:00.5 PST x", "2026-01-31T20:00:00.500Z", True, "", " x"),
    ("2026-01-31 12:00:00 PSTDST x", "2026-01-31T19:00:00.000Z", True, "", " x"),
    ("2026/01/31 12:00:00 [error] 7#7", "2026-01-31T12:00:00.000Z", False, "", " [error] 7#7"),
    ('31/Jan/2026:12:00:00 +0100] "GET', "2026-01-31T11:00:00.000Z", True, "", '] "GET'),
    ("09/Dec/2013:12:59:46.633] lb", "2013-12-09T12:59:46.633Z", False, "", "] lb"),
    ("31-Jan-2026 12:00:00.277 SEVERE", "2026-01-31T12:00:00.277Z", False, "", " SEVERE"),
    ("31 Jan 2026 12:00:00.456 * Ready", "2026-01-31T12:00:00.456Z", False, "", " * Ready"),
    ("Oct 30, 2013 11:10:05 AM org.x", "2013-10-30T11:10:05.000Z", False, "", " org.x"),
    ("Oct 30, 2013 12:10:05 AM org.x", "2013-10-30T00:10:05.000Z", False, "", " org.x"),
    ("Fri Jan 30 12:00:00.123456 2026] [core", "2026-01-30T12:00:00.123456Z", False, "", "] [core"),
    ("Fri, 30 Jan 2026 12:00:00 GMT", "2026-01-30T12:00:00.000Z", True, "", ""),
    ("Oct 11 22:14:15 host su:", "1972-10-11T22:14:15.000Z", False, "year", " host su:"),
    ("Feb 29 00:00:00 host", "1972-02-29T00:00:00.000Z", False, "year", " host"),
    ("20260131 12:00:00 x", "2026-01-31T12:00:00.000Z", False, "", " x"),
    ("140602  9:12:01 [Note]", "2014-06-02T09:12:01.000Z", False, "", " [Note]"),
    ("01/31/2026 11:10:05 PM x", "2026-01-31T23:10:05.000Z", False, "", " x"),
    ("31.01.2026 12:00:00.5 x", "2026-01-31T12:00:00.500Z", False, "", " x"),
    ("12:00:01.250 [main]", "1970-01-01T12:00:01.250Z", False, "date", " [main]"),
]


@pytest.mark.parametrize(("text", "moment", "zoned", "missing", "rest"), LAYOUTS)
def test_a_layout_is_read_and_its_end_found(text: str, moment: str, zoned: bool, missing: str, rest: str) -> None:
    found = match_stamp(text)
    assert found is not None
    stamp, end = found
    assert (format_ns(stamp.ns), stamp.zoned, stamp.missing, text[end:]) == (moment, zoned, missing, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "2026-02-30 12:00:00",
        "2026-01-31 25:00:00",
        "10.0.0.1 - -",
        "Foo 11 22:14:15",
        "31/Foo/2026:12:00:00",
    ],
)
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert match_stamp(text) is None


@given(st.text(alphabet="0123456789-:/., TZ+APMJanFeb[]", max_size=60))
def test_any_text_is_answered_and_the_end_lies_within_it(text: str) -> None:
    found = match_stamp(text)
    assert found is None or 0 < found[1] <= len(text)


def test_a_whole_text_must_be_a_time() -> None:
    assert read_stamp("2026-01-31 12:00:00") is not None
    assert read_stamp("2026-01-31 12:00:00 and more") is None


def test_a_user_may_name_a_layout_by_strftime() -> None:
    read = reader("%d|%m|%Y %H.%M.%S")
    stamp = read("31|01|2026 12.00.01")
    assert stamp is not None
    assert format_ns(stamp.ns) == "2026-01-31T12:00:01.000Z"
    assert read("nonsense") is None
