from __future__ import annotations

import orjson
import pytest

from shipper.campaigns.event import EventError, day, iso, milliseconds, parse, read_ndjson, wire

GOOD = {
    "@timestamp": "2026-03-01T09:30:00+02:00",
    "tenant": "acme",
    "actor": {"id": "c1"},
    "action": "purchase",
    "event": {"id": "e1"},
    "value": {"amount_minor": -1250, "currency": "EUR"},
}


def test_an_event_keeps_its_time_in_utc_milliseconds_and_its_money_in_minor_units():
    event = parse(GOOD)
    assert (event.at, event.amount_minor, event.currency) == (1_772_350_200_000, -1250, "EUR")
    assert iso(event.at) == "2026-03-01T07:30:00.000Z"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tenant": None}, "`tenant` is missing"),
        ({"actor": {}}, "`actor.id` is missing"),
        ({"action": 3}, "`action` is int, not text"),
        ({"actor": {"id": "x" * 600}}, "longer than 512"),
        ({"@timestamp": None}, "`@timestamp` is missing"),
        ({"@timestamp": "2026-03-01T09:30:00"}, "has no zone"),
        ({"@timestamp": "yesterday"}, "is not a time"),
        ({"value": {"amount_minor": 12.5, "currency": "EUR"}}, "not an integer"),
        ({"value": {"amount_minor": True, "currency": "EUR"}}, "not an integer"),
        ({"value": {"amount_minor": 2**63, "currency": "EUR"}}, "not an integer"),
        ({"value": {"amount_minor": -(10**13) - 1, "currency": "EUR"}}, "too large"),
        ({"@timestamp": "9999-12-31T23:59:59-23:59"}, "outside of the years"),
        ({"@timestamp": "0001-01-01T00:00:00+23:59"}, "outside of the years"),
        ({"event": "opened"}, "`event` is not an object"),
        ({"event": [{"id": "e1"}]}, "`event` is not an object"),
        ({"value": {"amount_minor": 1, "currency": "eur"}}, "not a currency code"),
        ({"value": {"amount_minor": 1}}, "not a currency code"),
    ],
)
def test_a_wrong_event_is_refused_with_the_field_and_the_reason(changed, message):
    with pytest.raises(EventError, match=message):
        parse(GOOD | changed)


def test_an_event_without_an_id_gets_the_same_one_each_time():
    bare = {key: value for key, value in GOOD.items() if key != "event"}
    reordered = dict(reversed(bare.items()))
    assert parse(bare).id == parse(reordered).id != parse(bare | {"action": "open"}).id
    assert wire(parse(bare))["event"]["id"] == parse(bare).id
    assert parse(bare, "given").id == "given"


def test_a_bad_line_spares_its_neighbours_and_names_its_number():
    lines = [orjson.dumps(GOOD), b"", b"{not json", b"[]", orjson.dumps(GOOD)]
    read = list(read_ndjson(lines))
    assert [line.number for line in read if line.event is None] == [3, 4]
    assert sum(line.event is not None for line in read) == 2


def test_times_before_the_epoch_and_finer_than_milliseconds_are_floored():
    assert milliseconds("1969-12-31T23:59:59.999Z") == -1
    assert milliseconds("2026-03-01T00:00:00.0019Z") % 1000 == 1
    assert (day(-1), iso(-1)) == ("1969-12-31", "1969-12-31T23:59:59.999Z")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00.000Z", "0500-06-01T12:00:00.001Z", "1969-12-31T23:59:59.999Z",
                                "9999-12-31T23:59:59.999Z"])  # fmt: skip
def test_every_time_that_is_taken_can_be_written_as_a_day(at):
    assert iso(milliseconds(at)) == at
    assert day(milliseconds(at)) == at[:10]


def test_an_event_nested_too_deeply_to_be_written_again_is_refused_not_a_crash():
    line = b'{"@timestamp":"2026-01-01T00:00:00Z","tenant":"t","actor":{"id":"a"},"action":"x","deep":%s}'
    (read,) = read_ndjson([line % (b"[" * 600 + b"]" * 600)])
    assert read.error is not None
    assert "nested too deeply" in read.error.message
