"""Lines that are ECS already leave as the bytes they are, and mean what the ordinary way makes of them."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.event import iter_fields

BASE = {"@timestamp": "2026-01-01T00:00:00.000Z", "log.level": "info", "message": "m", "ecs.version": "1.6.0"}
SETTINGS = CodecSettings(timezone="UTC")


def decode(*entries, nested_only=False, decoder=None):
    decoder = decoder or make_decoder(SETTINGS, fallback_time=0, nested_only=nested_only)
    data = b"".join((entry if isinstance(entry, bytes) else orjson.dumps(entry)) + b"\n" for entry in entries)
    return [*decoder.feed(data).each(), *decoder.flush().each()]


def fields(document) -> dict[str, object]:
    return dict(iter_fields(document if isinstance(document, dict) else orjson.loads(document)))


UNTOUCHED = [
    BASE,
    {**BASE, "service": {"name": "s", "version": "1"}, "process": {"pid": 1, "thread": {"name": "MainThread"}}},
    {"@timestamp": "2026-01-01T00:00:00Z", "log": {"level": "warning", "logger": "a"}, "ecs": {"version": "1.6.0"}},
    {**BASE, "labels": {"a": 1, "b": "x", "c": 1.5, "d": True}, "tags": ["a"], "trace.id": "abc", "http.route": "/a"},
    {
        **BASE,
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200}, "route": "/a/{id}"},
        "source.ip": "10.0.0.1",
    },
    {
        **BASE,
        "error": {"type": "T", "message": "m", "stack_trace": "s", "id": "1"},
        "event": {"outcome": "success", "duration": 5},
    },
]


@pytest.mark.parametrize("entry", UNTOUCHED)
def test_a_valid_document_leaves_byte_for_byte(entry) -> None:
    line = orjson.dumps(entry)
    assert decode(line + b" \r") == [line]


ORDINARY = [
    {**BASE, "@timestamp": "2026-01-01T00:00:00.000+01:00"},
    {**BASE, "@timestamp": "2026-02-30T00:00:00.000Z"},
    {**BASE, "log.level": "SEVERE"},
    {**BASE, "event": "x"},
    {**BASE, "process.pid": "12"},
    {**BASE, "source.ip": "db1"},
    {**BASE, "source.ip": "01.2.3.4"},
    {**BASE, "event.outcome": "maybe"},
    {**BASE, "labels": {"a.b": 1}},
    {**BASE, "labels": {"a": {"b": 1}}},
    {**BASE, "labels": {"a": 2**63}},
    {**BASE, "error.stack_trace": "s"},
    {**BASE, "@metadata": {"_id": "evil"}},
    {**BASE, "custom": {"a": 1}},
    {key: value for key, value in BASE.items() if key != "ecs.version"},
]


@pytest.mark.parametrize("entry", ORDINARY)
def test_anything_unusual_takes_the_ordinary_way(entry) -> None:
    assert isinstance(decode(entry)[0], dict)


def test_a_level_in_capitals_is_respelled_in_the_bytes() -> None:
    line = orjson.dumps({**BASE, "log.level": "WARN"})
    assert decode(line) == [line.replace(b"WARN", b"warning")]


def test_custom_root_names_are_learned_and_a_restart_goes_on_with_them() -> None:
    entry = {**BASE, "order": 7, "vip": True}
    decoder = make_decoder(SETTINGS, fallback_time=0)
    part = decoder.feed((orjson.dumps(entry) + b"\n") * 2)
    assert [type(document) for document in part.each()] == [dict, bytes]
    again = make_decoder(SETTINGS, fallback_time=0, resume=part.resume, end=part.end)
    assert decode({**entry, "order": "text"}, decoder=again) == [orjson.dumps({**entry, "order": "text"})]


scalars = (
    st.text(max_size=5)
    | st.integers(-5, 5)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.none()
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "log.level": st.sampled_from(["info", "INFO", "warn", "error", 30, None]),
        "message": scalars,
        "ecs.version": st.just("1.6.0"),
        "ecs": st.just({"version": "1.6.0"}),
        "@timestamp": st.sampled_from(
            ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "x", 5]
        ),
        "labels": st.dictionaries(st.text(max_size=3), scalars, max_size=2),
        "tags": st.lists(scalars, max_size=2) | scalars,
        "process": st.dictionaries(st.sampled_from(["pid", "name", "x"]), scalars, max_size=2) | scalars,
        "event": st.dictionaries(st.sampled_from(["outcome", "duration", "x"]), scalars, max_size=2) | scalars,
        "order": scalars,
    },
)


@given(st.lists(entries, max_size=4))
def test_the_short_way_means_what_the_ordinary_way_makes(batch) -> None:
    short = [fields(document) for document in decode(*batch)]
    long = [fields(document) for document in decode(*batch, nested_only=True)]
    for one, other in zip(short, long, strict=True):
        stamps = {one.pop("@timestamp"), other.pop("@timestamp")}
        assert len({str(stamp).replace(".000Z", "Z") for stamp in stamps}) == 1
        assert {k: v for k, v in one.items() if v not in (None, {}, [])} == {k: v for k, v in other.items() if v != []}
