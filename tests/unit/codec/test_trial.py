"""Records that only a later line makes: JSON over several lines, exceptions whose message has several lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.config import Size
from tests.unit.codec.support import convert

ENTRY = {"level": "error", "time": "2026-01-01T00:00:00Z", "msg": "boom", "order": {"id": 7, "tags": ["a", "b"]}}
PRETTY = json.dumps(ENTRY, indent=2)


def messages(text: str, codec: str = "auto") -> list[str]:
    return [document["message"] for document in convert(text, codec)]


def message(document: Any) -> str:
    """Of a document that is nested."""
    return str(document["message"])


def rows(data: bytes, size: int, limit: int = 1 << 20) -> list[tuple[int, str]]:
    decoder = make_decoder(
        CodecSettings(timezone="UTC", max_record_bytes=Size(limit)), fallback_time=1e9, nested_only=True
    )
    parts = [decoder.feed(data[at : at + size]) for at in range(0, len(data), size)] + [decoder.flush()]
    return [
        (offset, message(document))
        for part in parts
        for offset, document in zip(part.offsets, part.each(), strict=True)
    ]


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_a_pretty_printed_object_is_one_record_as_if_it_stood_on_one_line(indent: int | str, end: str) -> None:
    text = json.dumps(ENTRY, indent=indent).replace("\n", end)
    assert convert(f"{text}{end}") == convert(json.dumps(ENTRY) + "\n")


def test_pretty_printed_objects_keep_their_neighbours_and_offsets_for_any_chunking() -> None:
    data = f"starting\n{PRETTY}\n{PRETTY}\nlistening\n{json.dumps(ENTRY)}\n".encode()
    starts = [0, 9, 9 + len(PRETTY) + 1, 9 + 2 * (len(PRETTY) + 1), 9 + 2 * (len(PRETTY) + 1) + 10]
    expected = list(zip(starts, ["starting", "boom", "boom", "listening", "boom"], strict=True))
    for size in (1, 7, 30, len(data)):
        assert rows(data, size) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{\n  nothing of the kind\n}",
        '{\n  "a": 1,\n}',
        '{\n  "a": 1',
        '{\n  "a": 1\nplain',
        "{\n{\n{\n}",
        '{\n  "a": 1\n},',
    ],
)
def test_lines_that_only_begin_like_json_come_out_one_by_one_and_none_is_lost(text: str) -> None:
    assert messages(f"first\n{text}\n") == ["first", *text.split("\n")]


def test_an_object_longer_than_the_limit_comes_out_line_by_line() -> None:
    lines = ["{", *[f'  "key{n}": "{"x" * 40}",' for n in range(100)], '  "end": 1', "}"]
    assert [message for _, message in rows("\n".join(lines).encode(), 100, 2048)] == lines


def test_an_object_of_very_many_lines_is_not_held_for_ever() -> None:
    lines = ["{", *["  1,"] * 5000, "}"]
    assert messages("\n".join(lines)) == lines


def test_a_pretty_printed_object_in_the_message_of_a_record_stays_there() -> None:
    (document,) = convert(f"2026-01-01 00:00:00,123 INFO shop.orders payload:\n{PRETTY}\n")
    assert document["message"] == f"payload:\n{PRETTY}"


def test_another_codec_reads_no_json() -> None:
    assert messages(PRETTY, "nginx-error") == PRETTY.split("\n")


def test_a_restart_while_lines_are_held_gives_the_same_rest() -> None:
    data = f"starting\njava.lang.Error: a\nsecond\n{PRETTY}\njava.lang.Error: b\nthird\n\tat a.B.c(B.java:1)\n".encode()
    expected = rows(data, len(data))
    for cut in range(len(data)):
        decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=1e9, nested_only=True)
        first = decoder.feed(data[:cut])
        again = make_decoder(
            CodecSettings(timezone="UTC"), fallback_time=1e9, nested_only=True, resume=first.resume, end=first.end
        )
        parts = (first, again.feed(data[first.end :]), again.flush())
        assert expected == [(at, message(d)) for p in parts for at, d in zip(p.offsets, p.documents, strict=True)]


LONG = "Caused by: java.sql.SQLException: line one\nline two of the message\n\nline four\n\tat a.D.e(D.java:2)"


@pytest.mark.parametrize(
    "text",
    [
        f"java.lang.Error: a\n\tat a.B.c(B.java:1)\n{LONG}\n\t... 12 common frames omitted",
        f"java.lang.Error: a\n\tat a.B.c(B.java:1)\n\tSuppressed: x.IOError: b\nmore\n\t\tat a.B.c(B.java:1)\n{LONG}",
        "java.lang.Error: first\nsecond\nthird\n\tat a.B.c(B.java:1)",
        'Exception in thread "main" java.lang.Error: first\nsecond\n\tat a.B.c(B.java:1)',
        "java.lang.Error: a\n\tat a.B.c(B.java:1)\nCaused by: x\nsecond line\n\tat a.B.c(B.java:1)",
    ],
)
def test_a_message_of_several_lines_belongs_to_its_exception(text: str) -> None:
    assert messages(f"before\n{text}\nafter\n") == ["before", text, "after"]


@pytest.mark.parametrize("next_", ["2026-01-01 00:00:00,123 INFO a.b c", "Error: other", "ERROR disk full"])
def test_what_begins_a_record_ends_the_wait_for_a_frame(next_: str) -> None:
    found = messages(f"Error: timeout\nretrying\n{next_}\n    at f (/x.js:1:1)\n")
    assert found[:2] == ["Error: timeout", "retrying"]
    assert len(found) == 3


def test_an_exception_without_frames_leaves_the_lines_after_it_alone() -> None:
    lines = ["Error: timeout", *[f"retry {n}" for n in range(50)]]
    assert messages("\n".join(lines)) == lines


def test_what_node_prints_when_it_ends_is_one_record() -> None:
    text = (
        "node:assert:126\n  throw new AssertionError(obj);\n  ^\n\n"
        "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n1 !== 2\n\n"
        "    at Object.<anonymous> (/srv/a.js:2:8) {\n  code: 'ERR_ASSERTION',\n"
        "  [cause]: Error: inner\n      at inner (/srv/db.js:3:9) {\n    errno: -2\n  }\n}\n\nNode.js v20.5.0"
    )
    before, document, after = convert(f"before\n{text}\nafter\n")
    assert (before["message"], document["message"], after["message"]) == ("before", text, "after")
    assert document["error"]["type"] == "AssertionError"
    assert document["error"]["message"].endswith("1 !== 2")


def test_a_rejected_value_that_is_no_error_is_one_record() -> None:
    text = (
        "node:internal/process/promises:288\n            triggerUncaughtException(err, true);\n            ^\n\n"
        '[UnhandledPromiseRejection: The promise rejected with the reason "x".] {\n'
        "  code: 'ERR_UNHANDLED_REJECTION'\n}\n\nNode.js v20.5.0"
    )
    assert messages(f"before\n{text}\nafter\n") == ["before", text, "after"]


def test_nodes_warning_of_an_unhandled_rejection_names_the_error() -> None:
    (document,) = convert("(node:12) UnhandledPromiseRejectionWarning: TypeError: boom\n    at main (/srv/x.js:10:9)\n")
    assert (document["error"]["type"], document["error"]["message"]) == ("TypeError", "boom")


@pytest.mark.parametrize("cut", range(1, PRETTY.count("\n") + 1))
def test_an_object_that_a_rotation_cut_goes_on_in_the_next_file(cut: int) -> None:
    lines = PRETTY.split("\n")
    decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=1e9, nested_only=True)
    decoder.feed("".join(f"{line}\n" for line in lines[:cut]).encode())
    rest = "".join(f"{line}\n" for line in lines[cut:]).encode()
    assert decoder.continuation(rest + b"other\n") == (len(rest), True)
    assert [message(document) for document in decoder.conclude(rest).each()] == ["boom"]
