"""Bodies of `_bulk` requests, spliced from documents that are JSON already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

NDJSON = "application/x-ndjson"
"""Content type of a body."""


def action_line(index: str, document_id: str | None, action: str = "create") -> bytes:
    """One action line with its newline: `{"create":{"_index":…,"_id":…}}`; no `_id` lets the server choose one."""
    target = {"_index": index} if document_id is None else {"_index": index, "_id": document_id}
    return orjson.dumps({action: target}) + b"\n"


def encode_body(indices: Sequence[str], ids: Sequence[str], documents: Sequence[bytes]) -> bytes:
    """A body of `create` actions; the three lists are parallel.

    Args:
        indices: index of each document; few different ones, or runs of the same name, are cheap.
        ids: `_id` of each document, any text.
        documents: each one JSON object without a newline in it.
    """
    if not len(indices) == len(ids) == len(documents):
        raise ValueError("of each document one index and one id")
    lines = [b""] * (2 * len(ids) + 1)  # the last one for the newline at the end
    lines[0:-1:2] = _actions(indices, ids)
    lines[1::2] = documents
    return b"\n".join(lines)


def _actions(indices: Sequence[str], ids: Sequence[str]) -> list[bytes]:
    """Action lines without their newlines; those of one index at one go where no id needs an escape."""
    if not ids:
        return []
    text = "".join(ids)
    plain = text.isascii() and text.isprintable() and '"' not in text and "\\" not in text
    if plain and indices.count(indices[0]) == len(indices):
        head = _head(indices[0])
        return b"".join((head, b'"', f'"}}}}\n{head.decode()}"'.join(ids).encode(), b'"}}')).split(b"\n")
    heads = {index: _head(index) for index in set(indices)}
    return [b"%b%b}}" % (heads[index], orjson.dumps(each)) for index, each in zip(indices, ids, strict=True)]


def _head(index: str) -> bytes:
    """An action line up to its id."""
    return b'{"create":{"_index":%b,"_id":' % orjson.dumps(index)
