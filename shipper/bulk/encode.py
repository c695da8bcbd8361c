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
        indices: index of each document; runs of the same name are cheap.
        ids: `_id` of each document, any text.
        documents: each one JSON object without a newline in it.
    """
    heads: dict[str, bytes] = {}
    parts: list[bytes] = []
    for index, document_id, document in zip(indices, ids, documents, strict=True):
        head = heads.get(index)
        if head is None:
            head = heads[index] = b'{"create":{"_index":%b,"_id":' % orjson.dumps(index)
        parts += (head, orjson.dumps(document_id), b"}}\n", document, b"\n")
    return b"".join(parts)
