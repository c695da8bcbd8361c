"""Byte streams cut into lines, for inputs whose codec reads line by line."""

from __future__ import annotations

MAX_LINE_BYTES = 16 * 1024 * 1024


class Lines:
    """Collects bytes and yields whole lines without their end; an endless line is cut at the limit."""

    def __init__(self, delimiter: bytes = b"\n", limit: int = MAX_LINE_BYTES) -> None:
        self._delimiter = delimiter
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes."""
        if self._rest:
            self._rest += data
            if self._delimiter not in data and len(self._delimiter) == 1 and len(self._rest) <= self._limit:
                return []
            data = bytes(self._rest)
        *lines, rest = data.split(self._delimiter)
        if len(rest) > self._limit:
            lines.append(rest)
            rest = b""
        self._rest = bytearray(rest)
        return lines

    def flush(self) -> list[bytes]:
        """The last line, if it has no end."""
        rest = bytes(self._rest)
        self._rest.clear()
        return [rest] if rest else []
