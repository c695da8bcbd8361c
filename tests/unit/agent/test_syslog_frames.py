"""Syslog on a stream: RFC 6587's two framings in any chunking, bounded; and what a relay adds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.input.frames import Frames
from shipper.agent.input.relay import as_line

LIMIT = 500
NOW = "2026-03-01T12:00:00.000Z"

bodies = st.binary(min_size=1, max_size=700).map(lambda data: b"<34>" + data.replace(b"\n", b"."))
framed = st.tuples(bodies, st.booleans())


def pieces(data, cuts):
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(data)}), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


@given(st.lists(framed, max_size=6), st.lists(st.integers(0, 4000), max_size=8))
def test_both_framings_mixed_give_the_same_messages_in_any_chunking(messages, cuts):
    stream = b"".join(b"%d %b" % (len(body), body) if counted else body + b"\n" for body, counted in messages)
    expected = [body[:LIMIT] if counted else body[:LIMIT].rstrip(b"\r\0") for body, counted in messages]
    frames = Frames(LIMIT)
    found = [message for piece in pieces(stream, cuts) for message in frames.feed(piece)]
    assert found == expected
    assert frames.cut == sum(len(body) > LIMIT for body, _ in messages)
    assert not frames.is_open


@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=8))
def test_any_bytes_at_all_are_bounded_and_the_same_in_any_chunking(data, cuts):
    one, other = Frames(LIMIT), Frames(LIMIT)
    whole = [*one.feed(data), one.rest()]
    parts = [message for piece in pieces(data, cuts) for message in other.feed(piece)]
    assert [*parts, other.rest()] == whole
    assert all(len(message) <= LIMIT for message in whole[:-1])
    assert len(whole[-1]) <= LIMIT + 12


def test_a_claim_of_gigabytes_keeps_no_more_than_the_limit():
    frames = Frames(LIMIT)
    assert frames.feed(b"999999999 <34>" + b"x" * LIMIT) == [b"<34>" + b"x" * (LIMIT - 4)]
    assert frames.feed(b"y" * 1_000_000) == []
    assert len(frames._data) == 0
    assert frames.is_open


def test_a_line_that_begins_with_a_number_is_a_line():
    assert Frames(LIMIT).feed(b"42 is the answer\n2026-03-01 x\n1234567890\n") == [
        b"42 is the answer",
        b"2026-03-01 x",
        b"1234567890",
    ]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (b"<34>Oct 11 22:14:15 host su: hi", b"<34>Oct 11 22:14:15 host su: hi"),
        (b"<34>Oct  1 22:14:15 su[7]: hi", b"<34>Oct  1 22:14:15 10.0.0.7 su[7]: hi"),
        (b"<165>1 2026-01-01T00:00:00Z h a - - - x\n", b"<165>1 2026-01-01T00:00:00Z h a - - - x"),
        (b"<189>29: *Oct 11 22:14:15: %SYS-5-X: y", b"<189>29: *Oct 11 22:14:15: %SYS-5-X: y"),
        (b"<14>just text", b"<14>1 2026-03-01T12:00:00.000Z 10.0.0.7 - - - - just text"),
        (b"no head", b"<13>1 2026-03-01T12:00:00.000Z 10.0.0.7 - - - - no head"),
        (b"<34>Oct 11 22:14:15 host su: a\n<0>forged\r\0", b"<34>Oct 11 22:14:15 host su: a#012<0>forged"),
        (b"\n\0", b""),
    ],
)
def test_a_relay_adds_what_is_missing_and_lets_no_message_be_two(message, line):
    assert as_line(message, "10.0.0.7", NOW) == line
