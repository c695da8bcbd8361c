"""The records of one `_bulk` request, and its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from isal import isal_zlib

from shipper.agent.batch import Reject
from shipper.bulk import encode_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.output.base import Parcel

_PIECE = 500
"""Records of a body that are packed at once."""
_GZIP = 31
"""The window of deflate, and a header and trailer of gzip."""


@dataclass(slots=True)
class BulkItems:
    """Records of one request; parallel lists, `places` says which of the parcel's records each is."""

    parcel: Parcel
    places: Sequence[int]
    indices: list[str]
    ids: list[str]
    documents: list[bytes]

    def pick(self, positions: list[int]) -> BulkItems:
        """Those at the positions, as a request of their own."""
        return BulkItems(
            self.parcel,
            [self.places[p] for p in positions],
            [self.indices[p] for p in positions],
            [self.ids[p] for p in positions],
            [self.documents[p] for p in positions],
        )

    def body(self) -> bytes:
        """As it is sent."""
        return encode_body(self.indices, self.ids, self.documents)

    def packed(self, level: int) -> bytes:
        """The body as gzip, made in pieces: no whole one in memory, and each is packed while it is in the cache."""
        packer = isal_zlib.compressobj(level, isal_zlib.DEFLATED, _GZIP)
        result = []
        for begin in range(0, len(self.ids), _PIECE):
            piece = slice(begin, begin + _PIECE)
            result.append(packer.compress(encode_body(self.indices[piece], self.ids[piece], self.documents[piece])))
        return b"".join([*result, packer.flush()])

    def reject(self, position: int, reason: str, status: int) -> Reject:
        """What became of the record at `position`, by its batch."""
        place = self.places[position]
        for batch in self.parcel:
            if place < len(batch):
                return Reject(batch, place, reason, status)
            place -= len(batch)
        raise IndexError(self.places[position])
