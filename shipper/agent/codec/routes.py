"""`http.route` of many paths at once, as `shipper.ecs.route` gives it for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.memo import Memo
from shipper.ecs.route import route

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = 256
_ID = b"{id}"


def routes(paths: Sequence[bytes]) -> list[bytes]:
    """The routes of paths, each of which begins with a slash and holds neither blanks nor control characters.

    What stands between two slashes is judged for itself, and no digit otherwise than another, but for the 4 and 0 of an
    escaped `@`: so the many identifiers that differ in digits only are judged once.
    """
    text = b"\n".join(paths)
    if b";" in text or b"%40" in text or max(map(len, paths)) > _LONG:
        return [route(path.decode()).encode() for path in paths]
    parts = zip(text.split(b"/"), text.translate(_ALIKE).split(b"/"), strict=True)
    return b"/".join([_VARIABLES[kind] or part for part, kind in parts]).split(b"\n")


def _variable(part: bytes) -> bytes:
    """What stands for a part (the last of a path ends with a newline), empty where it is kept."""
    end = b"\n" if part.endswith(b"\n") else b""
    return _ID + end if route(part.decode().strip("\n")) == "{id}" else b""


_VARIABLES = Memo(_variable)
