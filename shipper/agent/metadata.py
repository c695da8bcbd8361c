"""What the agent adds to each record: host, agent, service, dataset, path and offset.

A document's own words win: metadata fills only what is absent. Documents that are bytes are spliced, not decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.event import Document

_LOG_OBJECT = b'"log":{'


class Metadata:
    """The constant fields of one source, ready to splice.

    Args:
        fields: nested ECS objects (`host`, `agent`, `event`, `service` …); `log` is added from `path`.
        path: the file, for `log.file.path`; None adds neither path nor offset.
    """

    def __init__(self, fields: Mapping[str, Any], path: str | None) -> None:
        self._fields = dict(fields)
        self._path = path
        # a comma and the members, without the outer braces
        self._members = b"," + orjson.dumps(self._fields)[1:-1] if self._fields else b""
        names = b"|".join(re.escape(name.encode()) for name in self._fields)
        self._clash = re.compile(b'"(?:' + names + b')["\\.]') if self._fields else None
        file = b"" if path is None else b'"file":{"path":%b},"offset":' % orjson.dumps(path)
        self._log_inside = _LOG_OBJECT + file
        self._log_whole = b',"log":{' + file

    def apply(self, documents: Sequence[Document | bytes], offsets: Sequence[int]) -> list[bytes]:
        """Whole documents as JSON bytes, in order."""
        clash = self._clash
        members = self._members
        result: list[bytes] = []
        for document, offset in zip(documents, offsets, strict=True):
            if isinstance(document, bytes):
                if clash is None or clash.search(document) is None:
                    spliced = self._with_log(document, offset, members)
                    if spliced is not None:
                        result.append(spliced)
                        continue
                document = orjson.loads(document)  # noqa: PLW2901 - the slow way for this one
            result.append(self._merged(document, offset))
        return result

    def _with_log(self, document: bytes, offset: int, members: bytes) -> bytes | None:
        """The document with metadata, or None if its own `log` needs a closer look."""
        if self._path is None:
            return document[:-1] + members + b"}" if len(document) > 2 else None
        if b'"log' not in document:
            return b"%b%b%b%d}}" % (document[:-1], members, self._log_whole, offset) if len(document) > 2 else None
        return self._beside_log(document, offset, members)

    def _beside_log(self, document: bytes, offset: int, members: bytes) -> bytes | None:
        if b'"log.file' in document or b'"log.offset"' in document:
            return None
        at = document.find(_LOG_OBJECT)
        if at < 0:  # `log.level` alone, say: an object beside a dotted name is well-formed
            return (
                b"%b%b%b%d}}" % (document[:-1], members, self._log_whole, offset) if b'"log"' not in document else None
            )
        before = document[:at]
        after = document[at + 7 : -1]
        if (
            before.count(b"{") - before.count(b"}") != 1
            or b'"file"' in after
            or b'"offset"' in after
            or after[:1] == b"}"
        ):
            return None
        return b"%b%b%d,%b%b}" % (before, self._log_inside, offset, after, members)

    def _merged(self, document: Document, offset: int) -> bytes:
        document = dict(document)
        _fill(document, self._fields, "")
        if self._path is not None:
            _fill(document, {"log": {"file": {"path": self._path}, "offset": offset}}, "")
        return orjson.dumps(document)


def _fill(target: dict[str, Any], values: Mapping[str, Any], prefix: str) -> None:
    """Add what is absent, as nested objects; a dotted spelling of the same name counts as present."""
    for name, value in values.items():
        present = target.get(name)
        if isinstance(value, dict):
            dotted = {key[len(name) + 1 :] for key in target if key.startswith(f"{name}.")}
            missing = {k: v for k, v in value.items() if not _covered(k, dotted)}
            if present is None:
                if missing:
                    target[name] = missing
            elif isinstance(present, dict):
                target[name] = dict(present)
                _fill(target[name], missing, f"{prefix}{name}.")
        elif name not in target:
            target[name] = value


def _covered(name: str, dotted: set[str]) -> bool:
    return any(key == name or key.startswith(f"{name}.") for key in dotted)
