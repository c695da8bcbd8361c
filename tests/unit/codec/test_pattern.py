# ruff: noqa: E501 - a pattern stands on one line
"""Layouts that a user writes down."""

import pytest

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.config import bind, parse
from shipper.errors import ConfigError
from shipper.event import iter_fields


def run(text: str, **settings):
    decoder = make_decoder(CodecSettings(timezone="UTC", **settings), fallback_time=0, nested_only=True)
    parts = [decoder.feed(text.encode()), decoder.flush()]
    return [dict(iter_fields(document)) for part in parts for document in part.each() if isinstance(document, dict)]


def test_named_groups_become_fields() -> None:
    pattern = r"(?P<time>\S+ \S+)\|(?P<level>\w+)\|(?P<shop__order>\d+)\|(?P<message>.*)"
    (found,) = run("2026-01-01 00:00:00.5|WARN|17|sold out\n", pattern=pattern)
    assert found["@timestamp"] == "2026-01-01T00:00:00.500Z"
    assert (found["log.level"], found["shop.order"], found["message"]) == ("warning", "17", "sold out")


def test_groks_names_and_types_are_understood() -> None:
    pattern = r"%{TIMESTAMP_ISO8601:time} \[%{LOGLEVEL:level}\] %{IP:[source][ip]} %{NUMBER:took:float} %{PAIR}: %{DATA:message}"
    (found,) = run(
        "2026-01-01 00:00:00 [error] 10.0.0.1 1.5 n=5: no\n", pattern=pattern, patterns={"PAIR": "n=%{INT:n:int}"}
    )
    assert (found["source.ip"], found["labels.took"], found["labels.n"], found["message"]) == ("10.0.0.1", 1.5, 5, "no")


def test_lines_that_do_not_match_follow_the_record_or_are_flagged() -> None:
    pattern = r"(?P<time>\S+ \S+) (?P<message>.*)"
    text = "2026-01-01 00:00:00 one\nmore\n"
    assert [found["message"] for found in run(text, pattern=r"(?P<time>2\S+ \S+) (?P<message>.*)")] == ["one\nmore"]
    one, more = run(text, pattern=pattern, continuation="none")
    assert more["shipper.flags"] == ["unparsed", "assumed_time"]
    assert one["message"] == "one"


def test_a_time_in_a_layout_of_ones_own() -> None:
    (found,) = run(
        "31|01|2026 12.00.01 x\n", pattern=r"(?P<time>\S+ \S+) (?P<message>.*)", time_format="%d|%m|%Y %H.%M.%S"
    )
    assert found["@timestamp"] == "2026-01-31T12:00:01.000Z"


def test_a_pattern_survives_a_restart() -> None:
    settings = CodecSettings(timezone="UTC", pattern=r"(?P<time>2\S+ \S+) (?P<message>.*)")
    part = make_decoder(settings, fallback_time=0).feed(b"2026-01-01 00:00:00 one\n2026-01-01 00:00:01 two\n")
    again = make_decoder(settings, fallback_time=0, resume=part.resume, end=part.end)
    (document,) = [*again.feed(b"2026-01-01 00:00:01 two\n").each(), *again.flush().each()]
    assert isinstance(document, dict)
    assert document["message"] == "two"


def test_no_pattern_hangs() -> None:
    (found,) = run("a" * 50_000 + "!\n", pattern=r"(?P<message>(a+)+)$")
    assert "unparsed" in found["shipper.flags"]


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("pattern: '(?P<a>x'", "RE2"),
        ("pattern: '(?P<a>x)(?=y)'", "RE2"),
        ("pattern: 'no group'", "names no field"),
        ("pattern: '%{NOPE:a}'", "not defined"),
        ("pattern: '%{A:a}'\npatterns: {A: '%{A}'}", "defined by itself"),
        ("time_format: '%Y'", "there is none"),
        ("codec: jsno", "unknown codec"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_when_the_configuration_is_read(yaml: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        bind(parse(yaml), CodecSettings)
