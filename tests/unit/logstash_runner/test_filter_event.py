"""Events, field references, templates and times."""

from __future__ import annotations

import pytest

from shipper.clock import ManualClock
from shipper.logstash_runner.event import Event, field, reader
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.template import compile_template
from shipper.logstash_runner.timeformat import PatternError, java_writer, joda_writer
from shipper.logstash_runner.timestamp import Timestamp
from shipper.logstash_runner.words import java_float, ruby_float, ruby_inspect

CLOCK = ManualClock(1_767_323_045.678)


def event(**fields) -> Event:
    return Event.of({"@timestamp": "2026-01-02T03:04:05.678Z", **fields}, CLOCK)


def render(template: str, **fields) -> str:
    return compile_template(template, CLOCK)(event(**fields))


def test_a_document_without_a_time_gets_the_clocks():
    assert str(Event.of({}, CLOCK).timestamp) == "2026-01-02T03:04:05.678Z"


def test_a_bad_time_is_kept_beside_and_tagged():
    made = Event.of({"@timestamp": "yesterday"}, CLOCK)
    assert (made.data["_@timestamp"], made.data["tags"]) == ("yesterday", ["_timestampparsefailure"])
    assert str(made.timestamp) == "2026-01-02T03:04:05.678Z"


@pytest.mark.parametrize("tags", [None, 7, {"a": 1}, [1, "b"]])
def test_tags_that_are_no_texts_are_moved_aside(tags):
    made = Event.of({"tags": tags}, CLOCK)
    assert (made.data["_tags"], made.data["tags"]) == ([tags], ["_tagsparsefailure"])


def test_metadata_is_beside_the_document():
    made = event(**{"@metadata": {"a": {"b": 1}}})
    assert "@metadata" not in made.data
    assert field(made, "[@metadata][a][b]") == 1
    assert made.whole()["@metadata"] == {"a": {"b": 1}}
    made.remove(("@metadata",))
    assert "@metadata" not in made.whole()


def test_a_copy_shares_nothing():
    first = event(a={"b": [1]})
    second = first.copy()
    second.data["a"]["b"].append(2)
    assert first.data["a"] == {"b": [1]}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a", ("a",)),
        ("a.b", ("a.b",)),
        ("[a][b]", ("a", "b")),
        ("[[a][b]][c]", ("a", "b", "c")),
        ("[@metadata]", ("@metadata",)),
    ],
)
def test_references_are_parsed(text, keys):
    assert parse_reference(text) == keys


@pytest.mark.parametrize("text", ["[a", "a]", "[a]b", "a[b]", "[]", "[a][]", "]["])
def test_malformed_references_are_refused(text):
    with pytest.raises(EventFault, match="Invalid FieldReference"):
        parse_reference(text)


def test_lists_are_read_by_index_from_both_ends():
    made = event(l=["a", "b"])
    for reference, value in {"[l][0]": "a", "[l][-1]": "b", "[l][2]": None, "[l][-3]": None, "[l][x]": None}.items():
        assert field(made, reference) == value
        assert reader(parse_reference(reference))(made) == value


def test_setting_makes_objects_and_grows_lists():
    made = event(l=["a"])
    made.set(("o", "p"), 1)
    made.set(("l", "2"), "c")
    assert (made.data["o"], made.data["l"]) == ({"p": 1}, ["a", None, "c"])


def test_a_list_does_not_grow_without_bounds():
    with pytest.raises(EventFault, match="would grow"):
        event(l=[]).set(("l", "999999999"), 1)


@pytest.mark.parametrize(
    ("path", "value"),
    [(("s", "x"), 1), (("@timestamp",), "text"), (("tags",), 5), (("tags", "0"), "x"), (("@metadata",), 1)],
)
def test_what_a_field_cannot_hold_is_refused(path, value):
    with pytest.raises(EventFault):
        event(s="text", tags=["a"]).set(path, value)


def test_null_is_there_but_missing_is_not():
    made = event(n=None, l=[None])
    assert made.includes(("n",))
    assert not made.includes(("m",))
    assert not made.includes(("l", "0"))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("%{s}-%{[o][k]}", "text-v"),
        ("%{missing} %{null}", "%{missing} %{null}"),
        ("%{b} %{i} %{f} %{e}", "true 5 1.5 1.0E20"),
        ("%{l}", "1,a,,true,x,y,{k=1.0E-4}"),
        ("%{o}", '{"k":"v"}'),
        ("%{@timestamp}", "2026-01-02T03:04:05.678Z"),
        ("%{+YYYY.MM.dd} %{+%s} %{}", "2026.01.02 1767323045 1767323045"),
        ("%{{yyyy-MM-dd'T'HH}}", "2026-01-02T03"),
        ("%{{TIME_NOW}}", "2026-01-02T03:04:05.678Z"),
        ("%{open %{{x} }", "%{open %{{x} }"),
    ],
)
def test_templates_are_filled_in(template, expected):
    made = render(
        template,
        s="text",
        o={"k": "v"},
        b=True,
        i=5,
        f=1.5,
        e=1e20,
        null=None,
        l=[1, "a", None, True, ["x", "y"], {"k": 1e-4}],
    )
    assert made == expected


@pytest.mark.parametrize("template", ["%{[a}", "%{a]}", "%{+b}", "%{{yyyy'}}", "%{{a}"])
def test_templates_fail_where_logstash_fails(template):
    with pytest.raises(EventFault):
        render(template)


def test_without_a_time_time_patterns_are_empty():
    made = event()
    made.remove(("@timestamp",))
    assert compile_template("<%{+YYYY}%{{yyyy}}%{+%s}>")(made) == "<>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456Z"),
        ("2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.123456700Z"),
        ("2026-01-02T03:04:05.5+02:00", "2026-01-02T01:04:05.500Z"),
        ("2026-01-02T03:04:05.5+0200", "2026-01-02T01:04:05.500Z"),
        ("2026-02-30T03:04:05.000Z", "2026-02-28T03:04:05.000Z"),  # java.time's lenience
        ("2026-01-02T24:00:00.000Z", "2026-01-03T00:00:00.000Z"),
        ("2026-07-02T03:04:05Europe/Paris", "2026-07-02T01:04:05.000Z"),
        ("2026-01-02T03:04:05.utc+02:00", "2026-01-02T01:04:05.000Z"),
        ("2026-01-02-00:00:30", "2026-01-02T00:00:30.000Z"),
        ("2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_times_are_read_and_written(text, shown):
    assert str(Timestamp.parse(text)) == shown
    assert str(Timestamp(Timestamp.parse(text).ns)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "2026-13-01T00:00:00.000Z", "2026-02-32", "2026-01-02T25:00Z", "1767323045",
        "2026-01-02T24:00:01.000Z", "2026-01-02T03:04:05,5Z", "2026-01-02T03:04+19:00",
        "2026-01-02T03:04EST", "2026-01-02T03:04[UTC]",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        Timestamp.parse(text)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yy yyyy YYYY xx xxxx", "26 2026 2026 26 2026"),
        ("M MM MMM MMMM", "1 01 Jan January"),
        ("d dd D DDD", "2 02 2 002"),
        ("e E EEE EEEE", "5 Fri Fri Friday"),
        ("H HH h hh K k", "3 03 3 03 3 3"),
        ("m:s.S SS SSS SSSSSS", "4:5.6 67 678 678000"),
        ("a z Z ZZ ZZZ", "AM UTC +0000 +00:00 UTC"),
        ("w ww C G", "1 01 20 AD"),
        ("zzzz", "Coordinated Universal Time"),
        ("'o''clock' yyyy", "o'clock 2026"),
    ],
)
def test_joda_patterns_are_written(pattern, expected):
    assert joda_writer(pattern)(Timestamp.parse("2026-01-02T03:04:05.678901Z")) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy uuuu yy", "2026 2026 26"),
        ("YYYY-ww e", "2026-01 6"),
        ("MMM MMMMM LLLL QQQ", "Jan J January Q1"),
        ("EEE EEEEE", "Fri F"),
        ("HH:mm:ss.SSSSSS n", "03:04:05.678901 678901000"),
        ("a h X XXX x xxx Z VV", "AM 3 Z Z +00 +00:00 +0000 Z"),
        ("A W F g v", "11045678 1 1 61042 Z"),
        ("Q QQ QQQQ QQQQQ", "1 01 1st quarter 1"),
    ],
)
def test_java_patterns_are_written(pattern, expected):
    assert java_writer(pattern)(Timestamp.parse("2026-01-02T03:04:05.678901Z")) == expected


@pytest.mark.parametrize("day", ["2025-12-27", "2025-12-28", "2026-01-03", "2026-01-04", "2024-12-29", "2027-01-01"])
def test_weeks_of_the_locale_begin_on_sunday_and_hold_the_first_of_january(day):
    weeks = {
        "2025-12-27": "2025-52", "2025-12-28": "2026-01", "2026-01-03": "2026-01", "2026-01-04": "2026-02",
        "2024-12-29": "2025-01", "2027-01-01": "2027-01",
    }  # fmt: skip
    assert java_writer("YYYY-ww")(Timestamp.parse(day)) == weeks[day]


@pytest.mark.parametrize(
    ("compiler", "pattern"),
    [
        (joda_writer, "b"),
        (joda_writer, ""),
        *((java_writer, pattern) for pattern in ("J", "'", "HHH", "aa", "dddd", "DDDD", "V", "OO", "cc", "S" * 10)),
    ],
)
def test_patterns_that_do_not_exist_are_refused(compiler, pattern):
    with pytest.raises(PatternError):
        compiler(pattern)


@pytest.mark.parametrize(
    ("value", "java", "ruby"),
    [
        (0.0, "0.0", "0.0"),
        (-0.0, "-0.0", "-0.0"),
        (0.001, "0.001", "0.001"),
        (0.0001, "1.0E-4", "0.0001"),
        (0.00001, "1.0E-5", "1.0e-05"),
        (1234567.0, "1234567.0", "1234567.0"),
        (12345678.0, "1.2345678E7", "12345678.0"),
        (1e15, "1.0E15", "1000000000000000.0"),
        (1e16, "1.0E16", "10000000000000000.0"),
        (1e20, "1.0E20", "1.0e+20"),
        (-1.5e300, "-1.5E300", "-1.5e+300"),
    ],
)
def test_floats_are_written_as_java_and_ruby_write_them(value, java, ruby):
    assert (java_float(value), ruby_float(value)) == (java, ruby)


def test_values_are_inspected_as_in_ruby():
    assert (
        ruby_inspect({"a": [1, None, True, 'q"\n#{x}\x1b\x01']}) == '{"a" => [1, nil, true, "q\\"\\n\\#{x}\\e\\u0001"]}'
    )


def test_an_event_with_integers_of_any_size_is_written():
    assert b'"n":1234567890123456789012345' in event(n=1234567890123456789012345).encode()
