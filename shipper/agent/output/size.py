"""How large a request may be: a limit that the peer, or a proxy before it, tells only by refusing (413)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEAST = 16 * 1024
_GROWTH = 1.1


class RequestSize:
    """Halved by each refusal, growing back by a tenth with each large request that is taken.

    Shared by the sessions of an output; they may race, which costs a request, no record. Sizes are bytes of documents.
    """

    def __init__(self, most: int, records: int) -> None:
        """At most `most` bytes and `records` records a request."""
        self._most = most
        self._records = records
        self.limit = most

    def refused(self, size: int) -> None:
        """A request of several records was too large."""
        self.limit = max(_LEAST, min(self.limit, size // 2))

    def taken(self, size: int) -> None:
        """A request went through."""
        if self.limit < self._most and 2 * size >= self.limit:
            self.limit = min(self._most, int(max(self.limit, size) * _GROWTH))

    def fits(self, size: int, records: int) -> bool:
        """May so many bytes and records be one request?"""
        return size <= self.limit and records <= self._records

    def cut(self, documents: Sequence[bytes]) -> Iterator[tuple[int, int]]:
        """Ranges of documents that fit together, at least one in each."""
        begin = size = 0
        for position, document in enumerate(documents):
            size += len(document)
            if position > begin and not self.fits(size, position - begin + 1):
                yield begin, position
                begin, size = position, len(document)
        if begin < len(documents):
            yield begin, len(documents)
