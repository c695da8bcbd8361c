"""Other encodings than UTF-8: the same records however the bytes come, offsets in the bytes of the file."""

from __future__ import annotations

import codecs
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.encoding import canonical, may_hold_nul
from shipper.config import Size

ENCODINGS = ["utf-16-le", "utf-16-be", "utf-32-le", "latin-1", "cp1252", "shift_jis", "gb18030", "iso2022_jp", "cp037"]
LINES = [
    "2026-03-01 12:00:00,000 ERROR a: eins",
    "Traceback (most recent call last):",
    '  File "x.py", line 1',
    "ValueError: no",
    "2026-03-01 12:00:01,000 INFO a: zwei",
    '{"level":"info","msg":"drei"}',
    "",
    "last",
]
MARKS = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
}
OTHER_LETTERS = {"latin-1": "größer", "cp1252": "größer", "cp037": "größer", "utf-16-be": "\U0001f600"}


def decoder(encoding="auto", *, resume=b"", end=0, **settings):
    config = CodecSettings(encoding=encoding, timezone="UTC", **settings)
    return make_decoder(config, fallback_time=1e9, resume=resume, end=end, nested_only=True)


def rows(*parts):
    return [row for p in parts for row in zip(p.offsets, p.timestamps, map(orjson.dumps, p.documents), strict=True)]


def messages(*parts):
    return [document.get("message") for part in parts for document in part.each()]


def starts(encoding, lines, first=0):
    """Offset of each line."""
    edges = [first]
    for line in lines:
        edges.append(edges[-1] + len((line + "\n").encode(encoding)))
    return edges[:-1]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_records_are_those_of_utf_8_and_offsets_those_of_the_file(encoding):
    lines = [*LINES, OTHER_LETTERS.get(encoding, "テスト")]
    expected = decoder("utf-8")
    plain = "".join(f"{line}\n" for line in lines)
    want = rows(expected.feed(plain.encode()), expected.flush())
    other = decoder(encoding)
    got = rows(other.feed("".join(f"{line}\n" for line in lines).encode(encoding)), other.flush())
    assert [row[1:] for row in got] == [row[1:] for row in want]
    place = dict(zip(starts("utf-8", lines), starts(encoding, lines), strict=True))
    assert [offset for offset, *_ in got] == [place[offset] for offset, *_ in want]


@pytest.mark.parametrize("mark", MARKS)
def test_t29_a_byte_order_mark_says_the_encoding_and_is_no_text(mark):
    data = mark + '{"message":"eins ä"}\r\nzwei\n'.encode(MARKS[mark])
    one = decoder()
    first, rest = one.feed(data), one.flush()
    assert messages(first, rest) == ["eins ä", "zwei"]
    assert first.offsets[0] == 0
    assert rest.end == len(data)


@given(
    st.sampled_from([b"", *MARKS]),
    st.sampled_from(ENCODINGS),
    st.lists(st.sampled_from([*LINES, "x" * 3000]), max_size=8),
    st.lists(st.integers(0, 9000), max_size=8),
)
def test_t29_any_chunking_and_any_restart_give_the_same_records(mark, encoding, lines, cuts):
    name = "auto" if mark else encoding
    data = mark + "".join(f"{line}\n" for line in lines).encode(MARKS.get(mark, encoding))
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(data)}), len(data)]
    size = Size(1024)
    one = decoder(name, max_record_bytes=size)
    want = rows(one.feed(data), one.flush())
    parted = decoder(name, max_record_bytes=size)
    parts = [parted.feed(data[begin:end]) for begin, end in pairwise(edges)]
    assert rows(*parts, parted.flush()) == want
    for number, part in enumerate(parts):
        if part.resume:
            again = decoder(name, max_record_bytes=size, resume=part.resume, end=part.end)
            assert rows(*parts[: number + 1], again.feed(data[part.end :]), again.flush()) == want


def test_an_unterminated_line_leaves_without_the_half_of_a_character():
    one = decoder("utf-16-le")
    data = "ab€\n".encode("utf-16-le")
    first = one.feed(data[:5])
    assert (messages(first), one.held > 0) == ([], True)
    given_up = one.flush()
    assert (messages(given_up), given_up.offsets, given_up.end) == (["ab"], [0], 4)
    assert one.held == 0
    rest = one.feed(data[5:])
    last = one.flush()
    assert messages(rest, last) == ["€"]
    assert (*rest.offsets, *last.offsets) == (4,)


def test_what_is_no_text_in_the_encoding_is_replaced_and_counted():
    one = decoder("shift_jis")
    first = one.feed(b"ok\nbad \x81\nalso \xfd\xff\nfine\n")
    rest = one.flush()
    shown = [line for message in messages(first, rest) for line in message.split("\n")]
    assert shown == ["ok", "bad \ufffd", "also \ufffd\ufffd", "fine"]
    assert first.counts["undecodable"] == 3


def test_a_file_that_begins_like_a_mark_and_ends_there_is_not_lost():
    one = decoder()
    assert one.feed(b"\xff").end == 0
    assert one.held == 1
    end = one.flush()
    assert (end.offsets, end.end, len(end.documents)) == ([0], 1, 1)
    assert one.held == 0


def test_names_are_checked_and_brought_into_one_form():
    names = {"auto": "auto", "UTF8": "utf-8", "utf_8_sig": "utf-8", "L1": "iso8859-1", "UTF_16LE": "utf-16-le"}
    assert {name: canonical(name) for name in names} == names
    for name in ("klingon", "rot13", "base64", "idna", "utf-7"):
        with pytest.raises(ValueError, match=r"encoding|line by line"):
            canonical(name)
    assert [may_hold_nul(name) for name in ("auto", "utf-8", "utf-16-be", "utf-16")] == [False, False, True, True]


def test_a_state_at_the_first_byte_is_not_forgotten():
    data = b'2026-01-01T00:00:00.5Z stdout P part\n{"@timestamp":"2026-01-01T00:00:00.000Z","message":"ready"}\n'
    one = decoder()
    before = one.feed(data)
    assert (before.end, messages(before)) == (0, ["ready"])
    again = decoder(resume=before.resume, end=before.end)
    assert messages(again.feed(data), again.flush()) == ["part"]
