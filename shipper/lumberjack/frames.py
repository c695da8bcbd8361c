"""Lumberjack v2 on the wire, without I/O.

Frames: `2W` + u32 count | `2J` + u32 sequence + u32 length + JSON | `2C` + u32 length + zlib(frames) |
`2A` + u32 sequence. Numbers are big-endian. A window announces how many events follow it; the server answers
one `2A` with the highest sequence of the window; `2A 0` only says "still alive".

Source: the protocol as Filebeat's go-lumber and Logstash's input-beats speak it.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from shipper.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

_U32 = struct.Struct(">I")
_TWO_U32 = struct.Struct(">II")
_WINDOW, _JSON, _COMPRESSED, _ACK, _DATA = 0x57, 0x4A, 0x43, 0x41, 0x44
_VERSION_2, _VERSION_1 = 0x32, 0x31
_HEADER = {_WINDOW: 6, _JSON: 10, _COMPRESSED: 6, _ACK: 6}
"""Frame type -> bytes up to its payload."""


class FrameError(ProtocolError):
    """The peer sent bytes that are no Lumberjack v2 frame."""


class FrameTooLargeError(FrameError):
    """A frame claims, or unpacks to, more than the limits allow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer may make us hold; all in bytes but `window` (events)."""

    frame: int = 32 * 1024 * 1024
    unpacked: int = 64 * 1024 * 1024
    window: int = 1 << 18


@dataclass(frozen=True, slots=True)
class Window:
    """`count` events follow."""

    count: int


class Event(NamedTuple):
    """One event: its sequence number in the window and its JSON, not decoded."""

    sequence: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything up to `sequence` is accepted; 0 is a keepalive."""

    sequence: int


Frame = Window | Event | Ack


def encode_window(count: int) -> bytes:
    """A window frame that announces `count` events."""
    return b"2W" + _U32.pack(count)


def encode_event(sequence: int, payload: bytes) -> bytes:
    """A JSON frame."""
    return b"2J" + _TWO_U32.pack(sequence, len(payload)) + payload


def encode_events(payloads: Iterable[bytes], first: int = 1) -> bytes:
    """JSON frames numbered from `first`."""
    pack = _TWO_U32.pack
    parts: list[bytes] = []
    for sequence, payload in enumerate(payloads, first):
        parts += (b"2J", pack(sequence, len(payload)), payload)
    return b"".join(parts)


def encode_compressed(frames: bytes, level: int = 3) -> bytes:
    """A compressed frame around whole `frames` (zlib `level` 0-9)."""
    packed = zlib.compress(frames, level)
    return b"2C" + _U32.pack(len(packed)) + packed


def encode_ack(sequence: int) -> bytes:
    """An acknowledgement frame."""
    return b"2A" + _U32.pack(sequence)


class FrameParser:
    """Bytes in, whole frames out, whatever the cuts between reads.

    Compressed frames are unpacked within the limits. After a `FrameError` the connection is beyond repair; the
    frames before the bad one are in `salvaged`.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._buffer = bytearray()
        self._needed = 2
        self.salvaged: list[Frame] = []

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Take what was read and return the frames that became whole, in order.

        Raises:
            FrameError: not a frame, or a frame beyond the limits.
        """
        buffer = self._buffer
        buffer += data
        if len(buffer) < self._needed:
            return []
        frames: list[Frame] = []
        self.salvaged = frames
        used = self._scan(bytes(buffer), frames, packed=False)
        del buffer[:used]
        self.salvaged = []
        return frames

    def _scan(self, data: bytes, frames: list[Frame], *, packed: bool) -> int:
        """Append the whole frames of `data` and return the bytes they took."""
        position, size = 0, len(data)
        unpack_event, limit = _TWO_U32.unpack_from, self._limits.frame
        while size - position >= 2:
            kind = data[position + 1]
            header = _HEADER.get(kind)
            if data[position] != _VERSION_2 or header is None:
                raise _bad_start(data[position], kind)
            begin = position + header
            if begin > size:
                self._needed = header
                break
            if kind == _JSON:
                sequence, length = unpack_event(data, position + 2)
                end = begin + length
                if length > limit:
                    raise FrameTooLargeError(f"an event of {length} bytes; at most {limit} are taken")
                if end > size:
                    self._needed = header + length
                    break
                frames.append(Event(sequence, data[begin:end]))
                position = end
                continue
            (number,) = _U32.unpack_from(data, position + 2)
            if kind == _COMPRESSED:
                end = begin + self._packed_length(number, packed=packed)
                if end > size:
                    self._needed = header + number
                    break
                self._unpack(data[begin:end], frames)
                position = end
            else:
                frames.append(self._numbered(kind, number))
                position = begin
        else:
            self._needed = 2
        return position

    def _packed_length(self, length: int, *, packed: bool) -> int:
        if packed:
            raise FrameError("a compressed frame inside a compressed frame")
        if length > self._limits.frame:
            raise FrameTooLargeError(f"a compressed frame of {length} bytes; at most {self._limits.frame} are taken")
        return length

    def _numbered(self, kind: int, number: int) -> Window | Ack:
        if kind == _ACK:
            return Ack(number)
        if number > self._limits.window:
            raise FrameTooLargeError(f"a window of {number} events; at most {self._limits.window} are taken")
        return Window(number)

    def _unpack(self, data: bytes, frames: list[Frame]) -> None:
        inflater = zlib.decompressobj()
        try:
            inner = inflater.decompress(data, self._limits.unpacked + 1)
        except zlib.error as error:
            raise FrameError(f"a compressed frame is damaged: {error}") from None
        if len(inner) > self._limits.unpacked:
            raise FrameTooLargeError(f"a compressed frame unpacks to more than {self._limits.unpacked} bytes")
        if not inflater.eof:
            raise FrameError("a compressed frame ends early")
        if self._scan(inner, frames, packed=True) != len(inner):
            raise FrameError("a compressed frame ends within a frame")


def _bad_start(version: int, kind: int) -> FrameError:
    if version == _VERSION_1:
        return FrameError("Lumberjack version 1 is not spoken here", hint="use a Beats client (version 2)")
    if version == _VERSION_2 and kind == _DATA:
        return FrameError("a data frame of Lumberjack version 1", hint="send JSON frames")
    shown = bytes((version, kind)).decode("latin-1").encode("unicode_escape").decode()
    return FrameError(f"not a Lumberjack v2 frame: it begins with {shown!r}", hint="check that TLS is on at both ends")
