"""The fields that are asked for, out of a document, in one walk.

A field may be spelled nested, dotted or both at once; arrays are unfolded, nulls left out, an object is one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shipper.event import Document

Values: TypeAlias = "Mapping[str, list[Any]]"
"""Field -> its values; the whole document is the value of DOCUMENT."""
DOCUMENT = ""


class Lens:
    """Reads some fields of documents; everything else is passed over."""

    def __init__(self, names: Iterable[str]) -> None:
        self._wanted = frozenset(names)
        self._roads = self._wanted | {
            name[:at] for name in self._wanted for at, letter in enumerate(name) if letter == "."
        }

    def read(self, document: Document) -> Values:
        """The values of each wanted field that has some."""
        found: dict[str, list[Any]] = {DOCUMENT: [document]}
        roads = self._roads
        for key, value in document.items():
            if key in roads:
                self._take(key, value, found)
        return found

    def _take(self, path: str, node: Any, found: dict[str, list[Any]]) -> None:
        if isinstance(node, list):
            for item in node:
                self._take(path, item, found)
            return
        if node is None:
            return
        if path in self._wanted:
            found.setdefault(path, []).append(node)
        if isinstance(node, dict):
            roads = self._roads
            for key, child in node.items():
                here = f"{path}.{key}"
                if here in roads:
                    self._take(here, child, found)
