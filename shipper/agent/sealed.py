"""JSON objects on disk that tell whether a byte of them was changed: their first member is a sum of the rest."""

from __future__ import annotations

import zlib

OPENING = b'{"sum":"'
_LENGTH = len(OPENING) + 8 + len(b'",')


def seal(body: bytes) -> bytes:
    """`{"id":…}` as `{"sum":"<crc32>","id":…}`; the object must have a member."""
    return b'%b%08x",%b' % (OPENING, zlib.crc32(body[1:]), body[1:])


def unseal(data: bytes) -> bytes | None:
    """The object as it was sealed; None if it is not whole."""
    rest = data[_LENGTH:]
    return b"{" + rest if rest and seal(b"{" + rest) == data else None
