"""The Lumberjack v2 frame codec: round trips, any cut, and everything a hostile peer may claim."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.lumberjack.frames import (
    Ack,
    Event,
    FrameError,
    FrameParser,
    FrameTooLargeError,
    Limits,
    Window,
    encode_ack,
    encode_compressed,
    encode_event,
    encode_events,
    encode_window,
)

PAYLOADS = st.lists(st.binary(max_size=40), max_size=8)


def parse(data: bytes, limits: Limits | None = None) -> list[Window | Event | Ack]:
    return FrameParser(limits).feed(data)


@given(PAYLOADS, st.booleans(), st.lists(st.integers(1, 30), max_size=20))
def test_a_window_survives_any_cut_into_reads(payloads: list[bytes], packed: bool, cuts: list[int]) -> None:
    body = encode_events(payloads)
    data = encode_window(len(payloads)) + (encode_compressed(body) if packed else body) + encode_ack(7)
    parser, frames = FrameParser(), []
    for size in cuts:
        frames += parser.feed(data[:size])
        data = data[size:]
    frames += parser.feed(data)
    events = [Event(number, payload) for number, payload in enumerate(payloads, 1)]
    assert frames == [Window(len(payloads)), *events, Ack(7)]
    assert parser.pending == 0


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_parsed_or_refused_never_crash(data: bytes) -> None:
    parser = FrameParser()
    try:
        parser.feed(data)
    except FrameError:
        return
    assert parser.pending <= len(data)


def test_the_bytes_are_those_of_the_protocol() -> None:
    assert encode_window(2) == b"2W\0\0\0\2"
    assert encode_event(1, b"{}") == b"2J\0\0\0\1\0\0\0\2{}"
    assert encode_ack(3) == b"2A\0\0\0\3"
    assert encode_compressed(b"2A\0\0\0\3")[:2] == b"2C"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"1W\0\0\0\1", "version 1"),
        (b"2D\0\0\0\1", "data frame of Lumberjack version 1"),
        (b"\x16\x03\x01\x02\x00", "check that TLS is on"),
        (b"2X\0\0\0\1", "not a Lumberjack v2 frame"),
        (b"GET / HTTP/1.1\r\n", "not a Lumberjack v2 frame"),
        (b"2C\0\0\0\4abcd", "damaged"),
        (b"2C" + struct.pack(">I", 8) + zlib.compress(b"2J")[:8], "ends early"),
        (encode_compressed(b"2J\0\0"), "ends within a frame"),
        (encode_compressed(encode_compressed(b"")), "inside a compressed frame"),
    ],
)
def test_what_is_no_frame_is_refused_with_its_reason(data: bytes, message: str) -> None:
    with pytest.raises(FrameError) as caught:
        parse(data)
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", [b"W", b"C"])
def test_a_six_byte_frame_that_claims_gigabytes_is_refused_at_once(kind: bytes) -> None:
    with pytest.raises(FrameTooLargeError):
        parse(b"2" + kind + struct.pack(">I", 0xFFFFFFFF))


def test_an_event_that_claims_gigabytes_is_refused_from_its_header() -> None:
    with pytest.raises(FrameTooLargeError):
        parse(b"2J" + struct.pack(">II", 1, 0xFFFFFFFF))


def test_a_zip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = encode_compressed(b"\0" * 10_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(FrameTooLargeError):
        parse(bomb, Limits(unpacked=100_000))


def test_frames_before_a_bad_one_are_salvaged() -> None:
    parser = FrameParser()
    with pytest.raises(FrameError):
        parser.feed(encode_window(2) + encode_event(1, b"{}") + b"XX")
    assert parser.salvaged == [Window(2), Event(1, b"{}")]


def test_several_compressed_frames_make_one_window() -> None:
    first, second = encode_compressed(encode_events([b"1"])), encode_compressed(encode_events([b"2"], first=2))
    assert parse(encode_window(2) + first + second) == [Window(2), Event(1, b"1"), Event(2, b"2")]
