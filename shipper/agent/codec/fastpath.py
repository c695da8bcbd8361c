"""Lines that are ECS JSON already leave as the bytes they are: one typed decode checks names and types.

A line with anything unusual (an unknown name, a wrong type, a time not in UTC, an unknown level) is not refused: it
takes the ordinary way. Of lines that were checked often the shape is learned: whole runs of it are checked at once.
"""

from __future__ import annotations

import re
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from shipper.agent.codec import level
from shipper.agent.codec.shape import learn, respell
from shipper.ecs.instant import day_seconds
from shipper.ecs.table import ALLOWED, ARRAYS, TYPES

if TYPE_CHECKING:
    from shipper.agent.codec.shape import Shape
    from shipper.event import Document

_STAMP = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z", re.ASCII
)
_PREFIXES = (
    "ecs.", "error.", "event.", "log.level", "log.logger", "log.origin.", "service.name", "service.version",
    "service.id", "service.environment", "service.type", "service.node.", "trace.", "transaction.", "span.",
    "process.pid", "process.name", "process.thread.", "process.executable", "host.name", "host.hostname", "host.id",
    "http.", "url.", "user.name", "user.id", "user.email", "user.roles", "user_agent.original", "client.", "source.",
    "server.", "container.id", "container.name", "organization.", "log.file.path",
)  # fmt: skip
_DEEP = re.compile(r"(client|source|server)\.(as|geo|nat|user)\.|event\.(ingested|risk)|error\.grouping")
_IPV4 = r"^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$"

_Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Scalar = str | _Long | float | bool | None
_KINDS: dict[str, Any] = {
    "keyword": str,
    "wildcard": str,
    "match_only_text": str,
    "constant_keyword": str,
    "long": _Long,
    "float": float,
    "boolean": bool,
    "ip": Annotated[str, msgspec.Meta(pattern=_IPV4)],
    "date": Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$")],
}
_LABELS = dict[Annotated[str, msgspec.Meta(pattern=r"^[^.*\\\x00]{1,256}$")], str | _Long | float | bool]
_CUSTOM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,63}", re.ASCII)
_MAX_CUSTOM = 64
_MAX_SHAPES = 8
_LESSON = 32
"""Lines without a shape before the next one is learned from; twice as many after each that taught nothing."""
_NO_NAMES: frozenset[str] = frozenset()
_SCALARS = (str, int, float, bool)
_TOPS = frozenset(name.partition(".")[0] for name in TYPES) | {"shipper"}


class FastPath:
    """One per decoder; it learns the custom names of its source (scalars at the root) and its shapes, up to bounds.

    Attributes:
        document: the line that `check` accepted last.
    """

    __slots__ = ("_custom", "_decode", "_lesson", "_shapes", "_unlearned", "document")

    def __init__(self) -> None:
        self.document = b""
        self._shapes: list[Shape] = []
        self._unlearned = 0
        self._lesson = _LESSON
        self.custom = _NO_NAMES

    def find(self, block: bytes, begin: int) -> tuple[int, Shape] | None:
        """See `BlockPath`."""
        for place, shape in enumerate(self._shapes):
            end = shape.run(block, begin)
            if end > begin:
                if place:  # the usual ones come first
                    self._shapes[place - 1 : place + 1] = shape, self._shapes[place - 1]
                return end, shape
        return None

    def check(self, line: bytes) -> str | None:
        """`@timestamp` of a line (with its newline) that may leave as it is (in `document`), else None."""
        try:
            entry = self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        stamp: str = entry.timestamp
        if _STAMP.fullmatch(stamp) is None or day_seconds(stamp[:10]) is None or not _has_version(entry):
            return None
        if _untold_error(entry):
            return None
        document = _levelled(line, entry)
        if document is None:
            return None
        self.document = document.rstrip()
        self._study(line)
        return stamp

    def _study(self, line: bytes) -> None:
        """Learn the shape of now and then a line that has none."""
        self._unlearned += 1
        if self._unlearned < self._lesson or len(self._shapes) >= _MAX_SHAPES or self.find(line, 0) is not None:
            return
        self._unlearned = 0
        shape = learn(line)
        if shape is None:
            self._lesson = min(2 * self._lesson, 1 << 16)
        else:
            self._shapes.append(shape)

    def learn(self, document: Document) -> None:
        """Take note of the custom root names of a line that took the ordinary way."""
        names = {name for name, value in document.items() if name not in _TOPS and isinstance(value, _SCALARS)}
        fresh = {name for name in names - self._custom if _CUSTOM_NAME.fullmatch(name)}
        if fresh and len(self._custom) + len(fresh) <= _MAX_CUSTOM:
            self.custom = self._custom | fresh

    @property
    def custom(self) -> frozenset[str]:
        """What was learned; a restart goes on with it."""
        return self._custom

    @custom.setter
    def custom(self, names: frozenset[str]) -> None:
        self._custom = names
        self._decode = _decoder(names)


def _levelled(line: bytes, entry: Any) -> bytes | None:
    """The line with its level in our spelling; None where that is no matter of one replacement."""
    word = entry.log_level
    if word is msgspec.UNSET:
        nested = None if entry.log is msgspec.UNSET else entry.log.level
        return line if nested is None or nested is msgspec.UNSET or nested in level.CANONICAL else None
    return line if word in level.CANONICAL else respell(line)


def is_utf8(data: bytes) -> bool:
    """Does it decode?"""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_version(entry: Any) -> bool:
    if entry.ecs_version is not msgspec.UNSET:
        return True
    return entry.ecs is not msgspec.UNSET and entry.ecs.version is not msgspec.UNSET


def _untold_error(entry: Any) -> bool:
    """A trace without its fingerprint: the ordinary way adds it."""
    if entry.error_stack_trace is not msgspec.UNSET:
        return entry.error_id is msgspec.UNSET
    error = entry.error
    return error is not msgspec.UNSET and error.stack_trace is not msgspec.UNSET and error.id is msgspec.UNSET


def _fields() -> list[str]:
    return [
        name
        for name, kind in TYPES.items()
        if kind in _KINDS and name.startswith(_PREFIXES) and _DEEP.match(name) is None
    ]


@lru_cache(maxsize=64)
def _decoder(custom: frozenset[str]) -> Any:
    """A strict decoder for the usual ECS names, dotted or nested, and some custom scalars."""
    tree: dict[str, Any] = {}
    dotted: list[tuple[str, str, Any]] = []
    for name in _fields():
        kind = Literal[tuple(sorted(ALLOWED[name]))] if name in ALLOWED else _KINDS[TYPES[name]]
        if name in ARRAYS:
            kind = types.GenericAlias(list, (kind,))
        dotted.append((_attribute(name), name, kind))
        node = tree
        *parents, last = name.split(".")
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = kind
    names = {_attribute(name): name for _, name, _ in dotted}
    root: list[Any] = [("timestamp", str)]
    root += [(attribute, kind | msgspec.UnsetType, msgspec.UNSET) for attribute, _, kind in dotted]
    for top, node in tree.items():
        root.append((top, _struct(top, node) | msgspec.UnsetType, msgspec.UNSET))
    root += [
        ("labels", _LABELS | msgspec.UnsetType, msgspec.UNSET),
        ("tags", list[str] | msgspec.UnsetType, msgspec.UNSET),
    ]
    root.append(("message", str | msgspec.UnsetType, msgspec.UNSET))
    root.append(("http_route", str | msgspec.UnsetType, msgspec.UNSET))
    root += [
        (f"custom_{_attribute(name)}", _Scalar | list[str] | msgspec.UnsetType, msgspec.UNSET)
        for name in sorted(custom)
    ]
    rename = {"timestamp": "@timestamp", "http_route": "http.route", **names}
    rename |= {f"custom_{_attribute(name)}": name for name in custom}
    line = msgspec.defstruct("EcsLine", root, rename=rename, forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(line).decode


def _struct(name: str, node: dict[str, Any]) -> Any:
    fields = [
        (key, (_struct(f"{name}_{key}", kind) if isinstance(kind, dict) else kind) | msgspec.UnsetType, msgspec.UNSET)
        for key, kind in node.items()
    ]
    if name == "http":
        fields.append(("route", str | msgspec.UnsetType, msgspec.UNSET))
    return msgspec.defstruct(f"Ecs_{name}", fields, forbid_unknown_fields=True, gc=False)


def _attribute(name: str) -> str:
    return re.sub(r"\W", "_", name)
