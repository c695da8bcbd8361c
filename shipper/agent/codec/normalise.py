"""Fields of any logger -> one nested ECS document that Elasticsearch accepts beside those of every other logger.

- An ECS name gets its ECS type, or its value goes aside.
- A scalar where ECS has an object (`event: "x"`, `host: "db1"`) goes aside: Elasticsearch would refuse the document.
- A custom scalar of a foreign logger becomes a label; a custom object keeps its name. So no custom name is a scalar in
  one service and an object in another. A document that is ECS already keeps its own root names.
- Aside means `labels.<name>` for scalars and lists of scalars, `custom.<name>` for objects.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shipper.ecs.coerce import LONG_MAX, LONG_MIN, MISFIT, coerce_field, is_address
from shipper.ecs.table import ALLOWED, ARRAYS, CONTAINERS, OBJECTS, TYPES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from shipper.agent.codec.format import Fields
    from shipper.event import Document

MAX_DEPTH = 16
MAX_KEY = 256
_METADATA = frozenset(
    {
        "_id",
        "_index",
        "_source",
        "_type",
        "_routing",
        "_field_names",
        "_ignored",
        "_size",
        "_doc_count",
        "_tier",
        "@metadata",
    }
)
_EXACT: dict[str, frozenset[type]] = {
    **dict.fromkeys(("keyword", "wildcard", "match_only_text", "constant_keyword"), frozenset({str})),
    "boolean": frozenset({bool}),
    "long": frozenset({int}),
    "ip": frozenset({str}),
}
"""ECS types with the Python type that needs no coercion (integers: within a long)."""
_PLAIN: frozenset[type] = frozenset({str, bool, int})
"""Custom values that need no thought."""
_TOPS = frozenset(name.partition(".")[0] for name in TYPES)


class Normaliser:
    """Builds documents.

    Args:
        max_fields: leaf fields of one document; what is beyond is kept as JSON text in `shipper.overflow`.
        counts: where to note what was changed.
    """

    __slots__ = ("_max_fields", "counts")

    def __init__(self, max_fields: int, counts: Counter[str]) -> None:
        self.counts = counts
        self._max_fields = max_fields

    def build(self, timestamp: str, fields: Fields, *, keep_root: bool = False) -> tuple[Document, list[str]]:
        """(nested document, flags). `keep_root`: the fields are ECS already, custom root names stay."""
        assembly = _Assembly(self.counts, keep_root=keep_root)
        assembly.document["@timestamp"] = timestamp
        overflow: dict[str, Any] = {}
        slow: Fields = {}
        for name, value in fields.items():
            if assembly.size >= self._max_fields or not assembly.quick(name, value):
                slow[name] = value
        for name, value in leaves(slow):
            if assembly.size < self._max_fields:
                assembly.add(name, value)
            else:
                overflow[name] = value
        if overflow:
            assembly.flags.append("truncated")
            assembly.put("shipper.overflow", _json_text(overflow))
        return assembly.document, assembly.flags


class _Plan(NamedTuple):
    """Where a field goes if its value is of one of the types `fits` and passes `check`."""

    parents: tuple[str, ...]
    last: str
    fits: frozenset[type]
    check: Callable[[Any], bool] | None = None


@lru_cache(maxsize=4096)
def _plan(name: str, *, keep_root: bool) -> _Plan | None:
    """The short way of a field that needs no thought; None for the others."""
    kind = TYPES.get(name)
    *parents, last = name.split(".")
    if kind is not None:
        fits = _EXACT.get(kind)
        if fits is None or name in ARRAYS:
            return None
        check = is_address if kind == "ip" else ALLOWED[name].__contains__ if name in ALLOWED else None
        return _Plan(tuple(parents), last, fits, check)
    if name in OBJECTS or name.startswith("labels."):
        return None
    if parents:
        sure = _safe_path(name) == name and parents[0] not in _METADATA and not _below_leaf(name)
        return _Plan(tuple(parents), last, _PLAIN) if sure else None
    return None if keep_root else _Plan(("labels",), _label(name), _PLAIN)


class _Assembly:
    """One document in the making."""

    __slots__ = ("_counts", "_keep_root", "document", "flags", "size")

    def __init__(self, counts: Counter[str], *, keep_root: bool) -> None:
        self.document: Document = {}
        self.flags: list[str] = []
        self.size = 0
        self._counts = counts
        self._keep_root = keep_root

    def quick(self, name: str, value: Any) -> bool:
        """Set a field whose value is as it should be; False where more thought is needed."""
        plan = _plan(name, keep_root=self._keep_root)
        if plan is None or type(value) not in plan.fits:
            return value is None
        if type(value) is int and not LONG_MIN <= value <= LONG_MAX:
            return False
        if plan.check is not None and not plan.check(value):
            return False
        node = self.document
        for parent in plan.parents:
            child = node.get(parent)
            if child is None:
                child = node[parent] = {}
            elif type(child) is not dict:
                return False
            node = child
        if plan.last in node:
            return False
        node[plan.last] = value
        self.size += 1
        return True

    def add(self, name: str, value: Any) -> None:
        if name in TYPES:
            self._add_ecs(name, value)
        elif name in OBJECTS:
            self.aside(name, value)
        elif name.startswith("labels."):
            self.put(f"labels.{_label(name[7:])}", _label_value(value))
        else:
            self._add_custom(name, value)

    def put(self, name: str, value: Any) -> bool:
        """Set a field; False where a scalar stands in its way or an object in its place."""
        node = self.document
        *parents, last = name.split(".")
        for parent in parents:
            child = node.setdefault(parent, {})
            if not isinstance(child, dict):
                return False
            node = child
        if last in node:
            return False
        node[last] = value
        self.size += 1
        return True

    def aside(self, name: str, value: Any) -> None:
        """Keep a value that may not stand under its name."""
        self._counts["moved"] += 1
        if _is_object(value):
            self._first_free(f"custom.{_safe_path(name)}", _plain(value, 1))
        else:
            self._first_free(f"labels.{_label(name)}", _label_value(value))

    def _first_free(self, name: str, value: Any) -> None:
        for attempt in ("", "_2", "_3", "_4"):
            if self.put(name + attempt, value):
                return
        self._counts["dropped_fields"] += 1

    def _add_ecs(self, name: str, value: Any) -> None:
        fitted = coerce_field(name, value)
        if fitted is MISFIT:
            self.aside(name, value)
            return
        if TYPES[name] in CONTAINERS:
            fitted = _plain(fitted, 1)
        elif fitted is not value and fitted != value:
            self._counts["coerced"] += 1
        if not self.put(name, fitted):
            self.aside(name, value)

    def _add_custom(self, name: str, value: Any) -> None:
        path = _safe_path(name)
        top, dot, _ = path.partition(".")
        if path == "shipper":  # an object of ours stands there
            self.aside(name, value)
            return
        if not dot and not _is_object(value):
            if self._keep_root and top not in _TOPS and top not in _METADATA:
                if not self.put(path, _plain(value, 1)):
                    self.aside(name, value)
                return
            self._first_free(f"labels.{_label(name)}", _label_value(value))
            return
        if top in _METADATA or _below_leaf(path):
            path = f"custom.{path.lstrip('@_')}"
        if not self.put(path, _plain(value, 1)):
            self.aside(name, value)


def leaves(fields: Fields, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names with the values that no longer are objects to walk into; nulls and empty objects left out."""
    for key, value in fields.items():
        if value is None or value == {}:
            continue
        name = f"{prefix}{key}"
        if not isinstance(value, dict) or TYPES.get(name) in CONTAINERS - {"object"}:
            yield name, value
        elif name.count(".") >= MAX_DEPTH - 1:
            yield name, _json_text(value)
        else:
            yield from leaves(value, f"{name}.")


def _is_object(value: Any) -> bool:
    """An object or a list of nothing but objects: what Elasticsearch maps as an object."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)


def _below_leaf(path: str) -> bool:
    """Is an ancestor of `path` an ECS leaf, which holds a value and no object?"""
    dot = path.rfind(".")
    while dot > 0:
        if TYPES.get(path[:dot], "object") not in CONTAINERS:
            return True
        dot = path.rfind(".", 0, dot)
    return False


def _label(name: str) -> str:
    """A name as a key of `labels`: ECS wants no dots, stars or backslashes there."""
    clean = name.strip(".").replace(".", "_").replace("*", "_").replace("\\", "_").replace("\0", "_")[:MAX_KEY]
    return clean or "_"


def _safe_path(name: str) -> str:
    """A dotted name without empty, endless or too many segments (Elasticsearch refuses 20 levels)."""
    parts = name.split(".")
    if len(parts) > MAX_DEPTH:
        parts[MAX_DEPTH - 1 :] = ["_".join(parts[MAX_DEPTH - 1 :])]
    return ".".join(part.replace("\0", "_")[:MAX_KEY] or "_" for part in parts)


def _label_value(value: Any) -> Any:
    plain = _plain(value, 1)
    return _json_text(plain) if _is_object(plain) else plain


def _holds_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(_holds_object(item) for item in value))


def _plain(value: Any, depth: int) -> Any:
    """A custom value that Elasticsearch can map: no endless numbers, no mixed lists, no bottomless trees."""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if LONG_MIN <= value <= LONG_MAX else str(value)
    if isinstance(value, float):
        return value if -1e308 < value < 1e308 else str(value)
    if depth >= MAX_DEPTH:
        return _json_text(value)
    if isinstance(value, dict):
        return {_label(str(key)): _plain(item, depth + 1) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return _plain_list([item for item in value if item is not None], depth)
    return str(value)


def _plain_list(items: list[Any], depth: int) -> list[Any]:
    if not _is_object(items) and any(_holds_object(item) for item in items):
        return [item if isinstance(item, str) else _json_text(item) for item in items]
    return [_plain(item, depth + 1) for item in items]


def _json_text(value: Any) -> str:
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # deeper than the encoder goes, or an integer that is too long
        return str(value)
