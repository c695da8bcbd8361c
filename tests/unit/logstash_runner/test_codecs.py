"""Codecs: bytes to documents as Logstash reads them, events to bytes as it writes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.clock import ManualClock
from shipper.errors import ConfigError
from shipper.logstash_runner.codec import make_decoder, make_encoder
from shipper.logstash_runner.codec.decode import Decoder, parse_documents
from shipper.logstash_runner.codec.framing import Lines
from shipper.logstash_runner.codec.rubydebug import render
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.grammar import parse
from shipper.logstash_runner.tree import Plugin


def plugin(text: str) -> Plugin:
    """A codec as it stands in a file: `json { charset => "…" }`."""
    section = parse(f"input {{ stdin {{ codec => {text} }} }}", "t").section("input")
    stdin = section.body[0]
    assert isinstance(stdin, Plugin)
    value = stdin.attributes[0].value
    return value if isinstance(value, Plugin) else Plugin(getattr(value, "value", ""), ())


def decoder(text: str) -> Decoder:
    return make_decoder(plugin(text), {})


def encode(text: str, document: dict[str, Any]) -> bytes:
    event = Event.of({"@timestamp": "2026-01-02T03:04:05.678Z", **document}, ManualClock())
    return make_encoder(plugin(text), {})(event)


@pytest.mark.parametrize(
    ("codec", "data", "documents"),
    [
        ("plain", b"a\nb", [{"message": "a\nb", "event": {"original": "a\nb"}}]),
        ("plain", b"\xff", [{"message": "\ufffd", "event": {"original": "\ufffd"}}]),
        ('plain { charset => "ISO-8859-1" }', b"\xe9", [{"message": "é", "event": {"original": "é"}}]),
        ("json", b'{"a":1}', [{"a": 1, "event": {"original": '{"a":1}'}}]),
        ("json", b'{"event":{"original":"mine"}}', [{"event": {"original": "mine"}}]),
        ("json", b'{"event":"text"}', [{"event": "text"}]),
        ("json", b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
        ("json", b"[]", []),
        ("json", b"[1]", [{"message": "[1]", "tags": ["_jsonparsefailure"]}]),
        ("json", b"nope", [{"message": "nope", "tags": ["_jsonparsefailure"]}]),
        ("json", b'{"a":NaN}', [{"message": '{"a":NaN}', "tags": ["_jsonparsefailure"]}]),
        ("json_lines", b'{"a":1}\n\n{"a":2}', [{"a": 1}, {"a": 2}]),
        ('json_lines { delimiter => "|" }', b'{"a":1}|{"a":2}', [{"a": 1}, {"a": 2}]),
    ],
)
def test_a_message_becomes_documents(codec: str, data: bytes, documents: list[dict[str, Any]]) -> None:
    assert decoder(codec).decode(data) == documents


def test_half_surrogates_and_huge_integers_are_read() -> None:
    assert parse_documents(b'{"a":"x\\ud800","b":123456789012345678901234567890}') == [
        {"a": "x\ufffd", "b": 123456789012345678901234567890}
    ]


@pytest.mark.parametrize("number", [1 << 63, (1 << 64) + 1, -(1 << 63) - 1])
def test_integers_beyond_64_bits_stay_integers(number: int) -> None:
    assert repr(parse_documents(b'{"a":[%d]}' % number)) == repr([{"a": [number]}])


def test_a_stream_of_plain_text_is_read_line_by_line() -> None:
    stream = decoder("line").stream()
    assert [document["message"] for document in stream.feed(b"one\r\ntw")] == ["one"]
    assert [document["message"] for document in stream.feed(b"o\n")] == ["two"]
    assert stream.flush() == []


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)), st.lists(st.integers(1, 9)))
def test_lines_survive_any_cut_into_reads(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    framing, found = Lines(), []
    for size in cuts:
        found += framing.feed(data[:size])
        data = data[size:]
    found += framing.feed(data)
    assert [*found, *framing.flush()] == lines


def test_an_endless_line_is_cut_at_the_limit() -> None:
    framing = Lines(limit=10)
    assert framing.feed(b"x" * 8) == []
    assert framing.feed(b"x" * 8) == [b"x" * 16]
    assert framing.feed(b"y\n") == [b"y"]


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("json", b'{"@timestamp":"2026-01-02T03:04:05.678Z","message":"m","@version":"1"}'),
        ("json_lines", b'{"@timestamp":"2026-01-02T03:04:05.678Z","message":"m","@version":"1"}\n'),
        ("plain", b"2026-01-02T03:04:05.678Z %{host} m"),
        ('line { format => "%{message}-%{+YYYY}" }', b"m-2026\n"),
    ],
)
def test_an_event_becomes_bytes(codec: str, text: bytes) -> None:
    assert encode(codec, {"message": "m", "@metadata": {"hidden": 1}}) == text


def test_rubydebug_aligns_keys_and_shows_metadata_when_asked() -> None:
    assert render({"a": 1, "long": {"x": [None, "t"]}, "@timestamp": "T", "e": {}}) == (
        '{\n             "a" => 1,\n          "long" => {\n        "x" => [\n            [0] nil,\n'
        '            [1] "t"\n        ]\n    },\n    "@timestamp" => T,\n             "e" => {}\n}'
    )
    assert b"hidden" not in encode("rubydebug", {"@metadata": {"hidden": 1}})
    assert b"hidden" in encode("rubydebug { metadata => true }", {"@metadata": {"hidden": 1}})


@pytest.mark.parametrize(
    ("codec", "message"),
    [
        ("nope", "Couldn't find any codec plugin named 'nope'"),
        ("multiline", "outside of the subset"),
        ('json { charset => "NOPE-1" }', "the charset NOPE-1 is not known"),
        ('json { target => "x" }', "Unknown setting 'target'"),
        ("rubydebug", "cannot read"),
    ],
)
def test_what_is_not_in_the_subset_is_refused_by_name(codec: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decoder(codec)
    assert message in caught.value.message
