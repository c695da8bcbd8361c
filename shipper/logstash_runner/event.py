"""An event while it passes a pipeline: JSON values in `data`, `[@metadata]` beside it.

Setting and reading follow Logstash: `[list][-1]` works, missing objects are made on the way, `tags` may only hold text,
`@timestamp` only a `Timestamp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.reference import METADATA, parse_reference
from shipper.logstash_runner.timestamp import SECOND, Timestamp
from shipper.logstash_runner.words import json_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.clock import Clock

    Document = dict[str, Any]
    Path = tuple[str, ...]

_ABSENT = object()


class Event:
    """Fields, metadata, and whether it was dropped.

    Attributes:
        data: field -> JSON value or Timestamp; always has `@timestamp` unless a filter removed it.
        metadata: what stands under `[@metadata]`; never written by outputs.
        cancelled: a filter dropped it.
    """

    __slots__ = ("cancelled", "data", "metadata")

    def __init__(self, data: Document, metadata: Document) -> None:
        self.data = data
        self.metadata = metadata
        self.cancelled = False

    @classmethod
    def of(cls, document: Document, clock: Clock) -> Event:
        """The event of a decoded document, which is taken over, not copied.

        A document without `@timestamp` gets the clock's time; a bad one is kept as `_@timestamp` and tagged.
        """
        metadata = document.pop(METADATA, None)
        event = cls(document, metadata if isinstance(metadata, dict) else {})
        if "@version" not in document:
            document["@version"] = "1"
        tags = document.get("tags", _ABSENT)
        if tags is not _ABSENT and not _legal_tags(tags):
            failed = document.get("_tags")
            document["_tags"] = [*failed, tags] if isinstance(failed, list) else [tags]
            document["tags"] = ["_tagsparsefailure"]
        given = document.get("@timestamp")
        try:
            document["@timestamp"] = _timestamp(given, clock)
        except ValueError:
            document["@timestamp"] = _now(clock)
            event.tag("_timestampparsefailure")
            document["_@timestamp"] = given
        return event

    def get(self, path: Path) -> Any:
        """The value at a parsed reference; None where there is none."""
        value: Any = self._root(path)
        for key in path if value is self.data else path[1:]:
            if type(value) is dict:
                value = value.get(key)
            elif type(value) is list:
                value = _item(value, key)
            else:
                return None
        return value

    def includes(self, path: Path) -> bool:
        """Whether the field is there; it may be null (but not inside a list)."""
        root = self._root(path)
        rest = path if root is self.data else path[1:]
        if not rest:
            return True
        parent: Any = root
        for key in rest[:-1]:
            if type(parent) is dict:
                parent = parent.get(key)
            elif type(parent) is list:
                parent = _item(parent, key)
            else:
                return False
        if type(parent) is dict:
            return rest[-1] in parent
        return type(parent) is list and _item(parent, rest[-1]) is not None

    def set(self, path: Path, value: Any) -> None:
        """Put `value` at a parsed reference.

        Raises:
            EventFault: a scalar stands on the way, or the field cannot hold such a value.
        """
        if path[0] == "tags" and (len(path) > 1 or not (value is None or _legal_tags(value))):
            raise EventFault(f"could not set field {'.'.join(path)}: tags hold text or a list of text")
        if path == ("@timestamp",) and type(value) is not Timestamp:
            raise EventFault("wrong argument type (expected LogStash::Timestamp)")
        if path[0] == METADATA:
            if len(path) == 1:
                if not isinstance(value, dict):
                    raise EventFault("@metadata holds fields")
                self.metadata = value
                return
            _put(self.metadata, path[1:], value)
            return
        if len(path) == 1:
            self.data[path[0]] = value
            return
        _put(self.data, path, value)

    def remove(self, path: Path) -> Any:
        """Take a field out; its value, or None."""
        if path == (METADATA,):
            old, self.metadata = self.metadata, {}
            return old
        root = self._root(path)
        rest = path if root is self.data else path[1:]
        parent: Any = root
        for key in rest[:-1]:
            parent = parent.get(key) if type(parent) is dict else _item(parent, key)
            if type(parent) is not dict and type(parent) is not list:
                return None
        if type(parent) is dict:
            return parent.pop(rest[-1], None)
        index = _index(rest[-1], len(parent))
        return None if index is None or index >= len(parent) else parent.pop(index)

    def tag(self, tag: str) -> None:
        """Add a tag unless it is there."""
        tags = self.data.get("tags")
        if tags is None:
            self.data["tags"] = [tag]
        elif isinstance(tags, list):
            if tag not in tags:
                tags.append(tag)
        else:
            self.data["tags"] = [tags] if tags == tag else [tags, tag]

    @property
    def timestamp(self) -> Timestamp | None:
        """`@timestamp`; None if a filter removed it."""
        value = self.data.get("@timestamp")
        return value if type(value) is Timestamp else None

    def copy(self) -> Event:
        """An event of its own, to the last value."""
        return Event(clone(self.data), clone(self.metadata))

    def cancel(self) -> None:
        """Drop it."""
        self.cancelled = True

    def encode(self) -> bytes:
        """The document as JSON, without metadata."""
        return json_bytes(self.data)

    def document(self) -> Document:
        """The document as plain JSON values, without metadata; a copy."""
        plain: Document = _plain(self.data)
        return plain

    def whole(self) -> Document:
        """As `document`, with the metadata under `@metadata` if there is any."""
        whole = self.document()
        if self.metadata:
            whole[METADATA] = _plain(self.metadata)
        return whole

    def _root(self, path: Path) -> Document:
        return self.metadata if path[0] == METADATA else self.data

    def __repr__(self) -> str:
        return f"Event({self.whole()!r})"


def reader(path: Path) -> Callable[[Event], Any]:
    """`Event.get` for one path, without looking at the path again."""
    if path[0] == METADATA:
        if len(path) != 2:
            return lambda event: event.get(path)
        name = path[1]
        return lambda event: event.metadata.get(name)
    if len(path) == 1:
        first = path[0]
        return lambda event: event.data.get(first)
    if len(path) != 2:
        return lambda event: event.get(path)
    outer, inner = path

    def read(event: Event) -> Any:
        value = event.data.get(outer)
        if type(value) is dict:
            return value.get(inner)
        return None if value is None else event.get(path)

    return read


def writer(path: Path) -> Callable[[Event, Any], None]:
    """`Event.set` for one path, without looking at the path again."""
    if path[0] == METADATA and len(path) == 2:
        name = path[1]

        def write_metadata(event: Event, value: Any) -> None:
            event.metadata[name] = value

        return write_metadata
    if len(path) != 2 or path[0] in (METADATA, "tags"):
        return lambda event, value: event.set(path, value)
    outer, inner = path

    def write(event: Event, value: Any) -> None:
        parent = event.data.get(outer)
        if type(parent) is dict:
            parent[inner] = value
        else:
            event.set(path, value)

    return write


def field(event: Event, reference: str) -> Any:
    """The value of a reference as text: for callers outside of hot paths.

    Raises:
        EventFault: the reference is malformed.
    """
    return event.get(parse_reference(reference))


def clone(value: Any) -> Any:
    """Deep copy of JSON values; timestamps are shared, they do not change."""
    if type(value) is dict:
        return {key: clone(item) for key, item in value.items()}
    if type(value) is list:
        return [clone(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    if type(value) is list:
        return [_plain(item) for item in value]
    return str(value) if type(value) is Timestamp else value


def _legal_tags(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def _timestamp(given: Any, clock: Clock) -> Timestamp:
    if type(given) is str:
        return Timestamp.parse(given)
    if given is None:
        return _now(clock)
    if type(given) is Timestamp:
        return given
    raise ValueError("not a time")


def _now(clock: Clock) -> Timestamp:
    return Timestamp(int(clock.time() * 1_000_000) * (SECOND // 1_000_000))


def _index(key: str, size: int) -> int | None:
    try:
        index = int(key)
    except ValueError:
        return None
    index = index + size if index < 0 else index
    return index if index >= 0 else None


def _item(values: list[Any], key: str) -> Any:
    index = _index(key, len(values))
    return values[index] if index is not None and index < len(values) else None


def _put(root: Document, path: Path, value: Any) -> None:
    target: Any = root
    for key in path[:-1]:
        if type(target) is dict:
            child = target.get(key)
        elif type(target) is list:
            child = _item(target, key)
        else:
            raise EventFault(f"could not set field {'.'.join(path)}: {type(target).__name__} on the way")
        if child is None:
            child = {}
            _put_child(target, key, child, path)
        target = child
    _put_child(target, path[-1], value, path)


_LIST_GROWTH = 100_000


def _put_child(target: Any, key: str, value: Any, path: Path) -> None:
    if type(target) is dict:
        target[key] = value
        return
    if type(target) is not list:
        raise EventFault(f"could not set field {'.'.join(path)}: {type(target).__name__} on the way")
    index = _index(key, len(target))
    if index is None:
        return
    if index >= len(target):
        if index - len(target) > _LIST_GROWTH:
            raise EventFault(f"could not set field {'.'.join(path)}: the list would grow by {index - len(target)}")
        target.extend([None] * (index - len(target)))
        target.append(value)
    else:
        target[index] = value
