"""Syslog messages in a stream: counted octets or lines (RFC 6587), told apart frame by frame; bounded."""

from __future__ import annotations

import re

_COUNT = re.compile(rb"([1-9]\d{0,8}) <")
_MAYBE_COUNT = re.compile(rb"[1-9]\d{0,8} ?")
_BETWEEN = b"\n\r\0"


class Frames:
    """One per connection.

    Attributes:
        cut: messages that were longer than the limit; the rest of each was passed over.
    """

    def __init__(self, limit: int) -> None:
        self.cut = 0
        self._limit = limit
        self._data = bytearray()
        self._skip_octets = 0
        self._skip_line = False

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now, cut at the limit."""
        self._data += data
        found: list[bytes] = []
        while (message := self._next()) is not None:
            if message:
                found.append(message)
        return found

    def rest(self) -> bytes:
        """What has no end, for a peer that closed."""
        data, skipping = bytes(self._data), self._skip_octets or self._skip_line
        self._data.clear()
        match = _COUNT.match(data)
        return b"" if skipping else data[match.end() - 1 :] if match else data

    @property
    def is_open(self) -> bool:
        """Has a message begun that is not whole?"""
        return bool(self._data or self._skip_octets or self._skip_line)

    def _next(self) -> bytes | None:
        """The next message, empty where something was passed over, None where more must come."""
        if not self._pass_over():
            return None
        count = _COUNT.match(self._data)
        if count is not None:
            return self._counted(int(count.group(1)), count.end() - 1)
        maybe = _MAYBE_COUNT.match(self._data)
        if maybe is not None and maybe.end() == len(self._data):
            return None
        return self._line()

    def _pass_over(self) -> bool:
        """Drop what belongs to no message; False if nothing is left."""
        if self._skip_octets:
            dropped = min(self._skip_octets, len(self._data))
            del self._data[:dropped]
            self._skip_octets -= dropped
        if self._skip_line:
            newline = self._data.find(b"\n")
            del self._data[: newline + 1 if newline >= 0 else len(self._data)]
            self._skip_line = newline < 0
        between = len(self._data) - len(self._data.lstrip(_BETWEEN))
        if between and not self._skip_octets:
            del self._data[:between]
        return bool(self._data) and not self._skip_octets

    def _counted(self, size: int, begin: int) -> bytes | None:
        taken = min(size, self._limit)
        if len(self._data) < begin + taken:
            return None
        message = bytes(self._data[begin : begin + taken])
        del self._data[: begin + taken]
        if taken < size:
            self.cut += 1
            self._skip_octets = size - taken
        return message

    def _line(self) -> bytes | None:
        end = self._data.find(b"\n", 0, self._limit + 1)
        if end < 0 and len(self._data) <= self._limit:
            return None
        if end < 0:
            self.cut += 1
            end = self._limit
            self._skip_line = True
        message = bytes(self._data[:end])
        del self._data[:end]
        return message.rstrip(_BETWEEN)
