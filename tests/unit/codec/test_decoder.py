"""The decoder as the agent uses it: states, bounds, odd bytes."""

import orjson
import pytest

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.config import Size
from tests.unit.codec.support import convert, flat

UTC = CodecSettings(timezone="UTC", max_record_bytes=Size(2048))


def messages(*parts):
    return [d["message"] if isinstance(d, dict) else orjson.loads(d)["message"] for part in parts for d in part.each()]


def test_a_record_that_may_still_grow_is_held_and_a_flush_gives_it_up() -> None:
    decoder = make_decoder(UTC, fallback_time=0)
    part = decoder.feed(b"2026-01-01 00:00:00,125 INFO a.b one\n")
    assert (messages(part), part.end, decoder.held) == ([], 0, 37)
    assert messages(decoder.flush()) == ["one"]
    assert decoder.held == 0
    assert messages(decoder.feed(b"2026-01-01 00:00:01,125 INFO a.b two\n"), decoder.flush()) == ["two"]


def test_t26_a_last_line_without_newline_is_not_lost() -> None:
    decoder = make_decoder(UTC, fallback_time=0)
    assert messages(decoder.feed(b'{"msg":"a"}\n{"msg":"b"}'), decoder.flush()) == ["a", "b"]


def test_a_json_line_is_given_out_at_once() -> None:
    decoder = make_decoder(UTC, fallback_time=0)
    assert messages(decoder.feed(b'{"level":"info","msg":"a"}\n')) == ["a"]
    assert decoder.held == 0


def test_t28_a_line_that_is_too_long_is_cut_and_its_neighbours_are_not() -> None:
    line = b'{"level":"info","msg":"' + b"x" * 5000 + b'"}'
    first, long, last = convert_bounded(b'{"msg":"a"}\n' + line + b'\n{"msg":"b"}\n')
    assert (first["message"], last["message"]) == ("a", "b")
    assert long["message"] == line[:2048].decode()
    assert "truncated" in long["shipper"]["flags"]


def convert_bounded(data: bytes):
    decoder = make_decoder(UTC, fallback_time=0, nested_only=True)
    return [*decoder.feed(data).each(), *decoder.flush().each()]


def test_a_record_of_too_many_lines_is_closed_and_nothing_of_it_is_lost() -> None:
    data = b"2026-01-01 00:00:00,125 INFO a.b head\n" + b"".join(b"line %d of it\n" % n for n in range(500))
    text = "\n".join(document["message"] for document in convert_bounded(data))
    assert all(f"line {n} of it" in text for n in range(500))


def test_t29_a_byte_order_mark_does_not_break_the_first_line() -> None:
    assert flat(b'\xef\xbb\xbf{"level":"info","msg":"a"}\n')["message"] == "a"


def test_invalid_utf_8_is_replaced_and_flagged() -> None:
    found = flat(b"caf\xe9 closed\n")
    assert found["message"] == "caf\ufffd closed"
    assert "invalid_utf8" in found["shipper.flags"]


def test_nul_bytes_before_a_line_are_dropped() -> None:
    assert flat(b"\0" * 500 + b'{"level":"info","msg":"a"}\n')["message"] == "a"


def test_t17_a_hole_of_nul_bytes_longer_than_the_limit_swallows_no_neighbour() -> None:
    hole = b"\0" * 5000
    data = b'{"level":"info","msg":"a"}\n' + hole + b'{"level":"info","msg":"b"}\n{"level":"info","msg":"c"}\n'
    for size in (len(data), 1000, 7):
        decoder = make_decoder(CodecSettings(timezone="UTC", max_record_bytes=Size(1024)), fallback_time=0)
        parts = [decoder.feed(data[at : at + size]) for at in range(0, len(data), size)]
        parts.append(decoder.flush())
        documents = [document for part in parts for document in part.each()]
        assert [document["message"] for document in documents] == ["a", "b", "c"]  # type: ignore[call-overload]  # dicts
        assert [offset for part in parts for offset in part.offsets] == [0, 27 + 5000, 27 + 5000 + 27]


def test_carriage_returns_are_no_part_of_a_line() -> None:
    assert [d["message"] for d in convert(b"one\r\n\r\ntwo\r\n")] == ["one", "two"]


def test_a_record_without_a_time_has_its_predecessors_also_after_a_restart() -> None:
    decoder = make_decoder(UTC, fallback_time=0)
    part = decoder.feed(b'{"time":"2026-01-01T00:00:00Z","msg":"a"}\n')
    again = make_decoder(UTC, fallback_time=99, resume=part.resume, end=part.end)
    rest = again.feed(b'{"msg":"b"}\n')
    assert rest.timestamps == ["2026-01-01T00:00:00.000Z"]
    (document,) = rest.each()
    assert isinstance(document, dict)
    assert document["shipper"]["flags"] == ["assumed_time"]


def test_an_explicit_codec_flags_what_it_cannot_parse() -> None:
    (found,) = convert("no json\n", codec="json")
    assert found["shipper"]["flags"] == ["unparsed", "assumed_time"]


def test_plain_leaves_every_line_alone() -> None:
    lines = ['{"level":"info","msg":"a"}', "2026-01-01T00:00:00.5Z stdout F x", "2026-01-01 00:00:00,125 INFO a.b one"]
    assert [d["message"] for d in convert("\n".join(lines), codec="plain")] == lines


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"codec": "jsno"}, "unknown codec"), ({"timezone": "Mars"}, "no time zone"), ({"max_fields": 1}, "between 10"),
     ({"max_record_bytes": Size(5)}, "between 1KiB")],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(wrong, message) -> None:
    with pytest.raises(ValueError, match=message):
        CodecSettings(**wrong)


def test_what_was_changed_is_counted() -> None:
    decoder = make_decoder(UTC, fallback_time=0)
    part = decoder.feed(b'{"level":"info","msg":"a","pid":"12","event":{"kind":"x"},"password":"x"}\n')
    assert part.counts == {"assumed_time": 1, "coerced": 1, "moved": 1, "redacted": 1}
    assert decoder.feed(b'{"time":1767225600,"msg":"a"}\n').counts == {}
