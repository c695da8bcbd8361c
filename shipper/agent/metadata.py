"""What the agent adds to each record: host, agent, service, dataset, path and offset.

A document's own words win: metadata fills only what is absent. Documents that are bytes are spliced, not decoded:
what they lack goes before their first member, or before their `log`, which gets path and offset. What a layout lacks is
worked out once for all its lines.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import orjson

from shipper.agent.codec.base import Sheet
from shipper.event import iter_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shipper.agent.codec.base import Layout
    from shipper.event import Document

_LOG_OBJECT = b'"log":{'
_MAX_PLANS = 64
_Clash = Literal["\0"]
"""A type that no value has: decoding succeeds only where the field is absent."""


class _Log(msgspec.Struct):
    """The `log` of a document that has neither path nor offset of its own."""

    file: _Clash | msgspec.UnsetType = msgspec.UNSET
    offset: _Clash | msgspec.UnsetType = msgspec.UNSET


class _Plan(NamedTuple):
    """What is added to lines of one layout.

    Attributes:
        template: goes to the mark; of the offset, if the source has a path.
        inner: openings of objects, and what they become.
    """

    template: bytes
    inner: tuple[tuple[bytes, bytes], ...]


class Metadata:
    """The constant fields of one source, ready to splice.

    Args:
        fields: nested ECS objects (`host`, `agent`, `event`, `service` …); `log` is added from `path`.
        path: the file, for `log.file.path`; None adds neither path nor offset.
    """

    __slots__ = ("_fields", "_members", "_path", "_place", "_plans", "_probe")

    def __init__(self, fields: Mapping[str, Any], path: str | None) -> None:
        self._fields = dict(fields)
        self._path = path
        self._members = _members(self._fields)
        self._probe = _probe(self._fields)
        self._plans: dict[Layout, _Plan | None] = {}
        self._place = b"" if path is None else b'"file":{"path":%b},"offset":' % orjson.dumps(path)

    def apply(self, documents: Sequence[Document | bytes | Sheet], offsets: Sequence[int]) -> list[bytes]:
        """Whole documents as JSON bytes, in order; `offsets` has one of each record."""
        result: list[bytes] = []
        begin = 0
        for document in documents:
            if isinstance(document, Sheet):
                end = begin + len(document.lines)
                result += self._sheet(document, offsets[begin:end])
                begin = end
            else:
                result.append(self._one(document, offsets[begin]))
                begin += 1
        return result

    def _sheet(self, sheet: Sheet, offsets: Sequence[int]) -> list[bytes]:
        """All documents of a sheet; three calls a line, so that each is copied once."""
        plan, mark = self._plan(sheet.layout), sheet.layout.mark
        if plan is None:
            alone = zip(sheet.each(), offsets, strict=True)
            return [self._merged(orjson.loads(each), offset) for each, offset in alone]
        lines = sheet.lines
        for opening, longer in plan.inner:
            lines = [line.replace(opening, longer) for line in lines]
        pairs = zip(lines, offsets, strict=True)
        if self._path is None:
            added = plan.template % ()
            return [added.join(line.split(mark)) if mark else added + line for line in lines]
        if mark:
            return [(plan.template % offset).join(line.split(mark)) for line, offset in pairs]
        return [plan.template % offset + line for line, offset in pairs]

    def _plan(self, layout: Layout) -> _Plan | None:
        """What is added to each line; None where the documents must be merged."""
        if layout not in self._plans:
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[layout] = self._planned(layout)
        return self._plans[layout]

    def _planned(self, layout: Layout) -> _Plan | None:
        sample = layout.sample
        if "log" in self._fields or (self._path is not None and _has_place(sample)):
            return None
        filled = dict(sample)
        _fill(filled, self._fields, "")
        opened = {"" if layout.open == "log" else layout.open, *layout.others} - {"", "log"}
        more = {name: _more(sample[name], filled[name]) for name in opened}
        if None in more.values() or any(filled[name] != sample[name] for name in sample.keys() - opened):
            return None
        others = [(b'"%b":{' % name.encode(), more[name]) for name in layout.others if more.get(name)]
        inner = tuple((opening, opening + (added or b"")) for opening, added in others)
        root = _members({name: value for name, value in filled.items() if name not in sample})
        place = b"" if self._path is None else _escaped(self._place) + b"%d,"
        if layout.open == "log":
            return _Plan(_escaped(root + layout.opening) + place, inner)
        log = place and b'"log":{%b},' % place[:-1]
        beginning = layout.opening[1:] + (more.get(layout.open) or b"")
        return _Plan(b"{%b%b%b" % (_escaped(root), log, _escaped(beginning)), inner)

    def _one(self, document: Document | bytes, offset: int) -> bytes:
        if not isinstance(document, bytes):
            return self._merged(document, offset)
        spliced = self._spliced(document, offset)
        return self._merged(orjson.loads(document), offset) if spliced is None else spliced

    def _spliced(self, document: bytes, offset: int) -> bytes | None:
        """The document with metadata, or None if it says some of it itself."""
        try:
            log = self._probe(document).log
        except msgspec.ValidationError:
            return None
        if len(document) <= 2:
            return None
        if self._path is None:
            return b"{%b%b" % (self._members, document[1:])
        if log is msgspec.UNSET:
            return b'{%b"log":{%b%d},%b' % (self._members, self._place, offset, document[1:])
        at = document.find(_LOG_OBJECT)
        before, after = document[:at], document[at + len(_LOG_OBJECT) :]
        if at < 0 or before.count(b"{") - before.count(b"}") != 1 or after.startswith(b"}"):
            return None
        return b"%b%b%b%b%d,%b" % (before, self._members, _LOG_OBJECT, self._place, offset, after)

    def _merged(self, document: Document, offset: int) -> bytes:
        document = dict(document)
        _fill(document, self._fields, "")
        if self._path is not None:
            _fill(document, {"log": {"file": {"path": self._path}, "offset": offset}}, "")
        try:
            return bytes(memoryview(orjson.dumps(document)))  # a copy: the encoder's keeps 1 KiB and more
        except TypeError:  # an integer beyond 64 bits, or half a surrogate pair
            return json.dumps(document, separators=(",", ":")).encode()


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


def _more(present: Document, filled: Document) -> bytes | None:
    """The members by which an object became `filled`; None where another of its members changed."""
    if any(filled[name] != value for name, value in present.items()):
        return None
    return _members({name: value for name, value in filled.items() if name not in present})


def _covered(name: str, dotted: set[str]) -> bool:
    return any(key == name or key.startswith(f"{name}.") for key in dotted)


def _members(values: Mapping[str, Any]) -> bytes:
    """Members of an object that has others: each before a comma, without braces."""
    return orjson.dumps(values)[1:-1] + b"," if values else b""


def _has_place(document: Document) -> bool:
    """Does it name its file or offset itself?"""
    log = document.get("log")
    return any(name.startswith(("log.file", "log.offset")) for name in document) or (
        log is not None and (not isinstance(log, dict) or not log or "file" in log or "offset" in log)
    )


def _escaped(text: bytes) -> bytes:
    """As a literal of a `%` template."""
    return text.replace(b"%", b"%%")


def _probe(fields: Mapping[str, Any]) -> Callable[[bytes], Any]:
    """A decoder that fails where a document has one of the fields, as an object or by its dotted name."""
    names = {*fields, *(name for name, _ in iter_fields(dict(fields))), "log.file.path", "log.file", "log.offset"}
    return _probe_of(frozenset(names))


@lru_cache(maxsize=256)
def _probe_of(names: frozenset[str]) -> Callable[[bytes], Any]:
    """Made once for all files that get the same fields: making one costs more than opening its file."""
    clashes = [
        (f"clash{number}", _Clash | msgspec.UnsetType, msgspec.field(name=name, default=msgspec.UNSET))
        for number, name in enumerate(sorted(names - {"log"}))
    ]
    log = ("log", _Log | msgspec.UnsetType, msgspec.UNSET)
    return msgspec.json.Decoder(msgspec.defstruct("Probe", [log, *clashes])).decode
