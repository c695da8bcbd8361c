"""YAML files as frozen, validated models, with the line of each mistake.

A component owns its model: a `Settings` subclass (a frozen msgspec struct that refuses unknown keys). `load` reads
a file and remembers where each key stands; `bind` turns a part of it into a model or raises one `ConfigError` that
says what, where and how to mend it.

Any scalar may hold `${NAME}` or `${NAME:-default}` (environment). A `Secret` may also be `file:/path`.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import yaml

from shipper.config_words import dotted, friendly, hint_for, key_named, nearest, not_yaml, split_path, value_at
from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Place = tuple[str | int, ...]

T = TypeVar("T")

MAX_VALUES = 100_000
"""Values in one file, each alias counted with all that it stands for."""
MAX_BYTES = 2 * 1024**2
"""Of one file: what is larger is no config, and reading it as YAML takes minutes."""
LONGEST = 36_500 * 86_400.0
"""Seconds of the longest duration: a hundred years."""
_MERGE = "tag:yaml.org,2002:merge"
_SURROGATE = re.compile("[\ud800-\udfff]")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LARGEST = 2.0**53
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|KiB|MB|MiB|GB|GiB)", re.IGNORECASE)
_SIZE_UNITS = {
    "b": 1, "kb": 1000, "kib": 1024, "mb": 1000**2, "mib": 1024**2, "gb": 1000**3, "gib": 1024**3,
}  # fmt: skip


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every model: frozen, keyword only, unknown keys refused. Range checks go in `__post_init__`."""


class Duration(float):
    """Seconds; written as `500ms`, `10s`, `5m`, `2h`, `30d`."""

    __slots__ = ()


class Size(int):
    """Bytes; written as `512KiB`, `64MiB`, `10GB`."""

    __slots__ = ()


class Secret:
    """A password or key. It prints as ***; `reveal` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself: hand it to the peer, never to a log."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A parsed file: plain data, and the 1-based line on which each key or item begins."""

    data: Any
    origin: str
    lines: Mapping[Place, int]

    def where(self, place: Place = ()) -> str:
        """`file:line: path` of a place, for messages."""
        line = next((self.lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self.lines), 1)
        path = dotted(place)
        return f"{self.origin}:{line}" + (f": {path}" if path else "")

    def error(self, message: str, place: Place = (), hint: str | None = None) -> ConfigError:
        """A `ConfigError` that points at `place`."""
        return ConfigError(message, where=self.where(place), hint=hint)


def load(path: Path | str, environment: Mapping[str, str] | None = None) -> ConfigFile:
    """Read a YAML file.

    Raises:
        ConfigError: unreadable, too large, not YAML, a key twice, or an environment variable that is not set.
    """
    try:
        with Path(path).open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigError(
                f"larger than {MAX_BYTES // 1024**2} MiB", where=str(path), hint="check the path, or split the file"
            )
        text = content.decode("utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"not UTF-8: {error.reason}", where=f"{path}:{line}", hint="save it as UTF-8") from error
    return parse(text, str(path), environment)


def parse(text: str, origin: str = "<text>", environment: Mapping[str, str] | None = None) -> ConfigFile:
    """As `load`, from a string; `origin` names it in messages."""
    env = os.environ if environment is None else environment
    lines: dict[Place, int] = {}
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = None if root is None else _Builder(origin, env, lines).build(root, ())
    except yaml.YAMLError as error:
        raise not_yaml(error, text, origin) from error
    except RecursionError as error:
        raise ConfigError(
            "nested too deeply, or an alias stands inside of itself",
            where=origin,
            hint="write the value out instead of `*name`",
        ) from error
    return ConfigFile({} if data is None else data, origin, lines)


def bind(file: ConfigFile, model: type[T], place: Place = ()) -> T:
    """The part of `file` at `place` as a `model`.

    Raises:
        ConfigError: an unknown key (with the nearest known one), a missing key, a wrong type or value.
    """
    data = file.data
    for step in place:
        data = data[step]
    for name, known, at in _unknown_keys(data, model, place):
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(sorted(known))}"
        raise file.error(f"unknown key `{name}`", (*at, name), hint)
    try:
        return msgspec.convert(data, model, strict=True, dec_hook=_decode_custom)
    except msgspec.ValidationError as error:
        message, at = split_path(str(error))
        value = value_at(data, at)
        way_out = _hint_for(message, model, data, at) or hint_for(message, value)
        raise file.error(friendly(message, value), place + at + key_named(message, value), way_out) from error


class _Builder:
    """YAML nodes -> plain data, noting lines, substituting variables, refusing repeated keys."""

    def __init__(self, origin: str, environment: Mapping[str, str], lines: dict[Place, int]) -> None:
        self._origin = origin
        self._environment = environment
        self._lines = lines
        self._scalars = yaml.SafeLoader("")
        self._built = 0

    def build(self, node: yaml.Node, place: Place) -> Any:
        self._built += 1
        if self._built > MAX_VALUES:  # aliases of aliases: a few lines that unfold into gigabytes
            raise self._error(
                f"more than {MAX_VALUES:,} values, aliases unfolded",
                node,
                "use fewer `*name` aliases, or several files",
            )
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for merged in _merged(node):
            built = self.build(merged, place)
            result |= {key: value for key, value in built.items() if key not in result}
        inherited = set(result)
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            # a key is what stands there: `off`, `no` and `010` are words
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(self._constructed(key_node))
            if key in result and key not in inherited:
                first = self._lines[(*place, key)]
                raise self._error(f"the key `{key}` stands twice (first on line {first})", key_node, "keep one of them")
            inherited.discard(key)
            self._lines[(*place, key)] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, (*place, key))
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text = node.value
        if isinstance(text, str) and "${" in text:
            replaced = _VARIABLE.sub(lambda match: self._variable(match, node), text)
            if node.style is None:  # a plain scalar: `${PORT}` may become a number
                tag = self._scalars.resolve(yaml.ScalarNode, replaced, (True, False))  # type: ignore[no-untyped-call]  # untyped in the stubs
                node = yaml.ScalarNode(tag, replaced, node.start_mark)
            else:
                node.value = replaced
        value = self._constructed(node)
        if isinstance(value, str) and _SURROGATE.search(value):
            raise self._error(
                "half of a surrogate pair is no character", node, "write the character itself, or \\U with eight digits"
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise self._error(f"`{node.value}` is no number that can be compared", node, "write a number")
        if value is None or isinstance(value, str | int | float | bool):
            return value
        return str(node.value)  # binaries stay as they were written

    def _constructed(self, node: yaml.Node) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)  # dates stay as they were written, even the thirtieth of February
        try:
            return self._scalars.construct_object(node)
        except (ValueError, KeyError) as error:  # `0x_`, `!!bool maybe`, an integer of five thousand digits
            kind = node.tag.rpartition(":")[2]
            raise self._error(f"the value is no {kind}", node, "quote it, if it is text") from error

    def _error(self, message: str, node: yaml.Node, hint: str) -> ConfigError:
        return ConfigError(message, where=f"{self._origin}:{node.start_mark.line + 1}", hint=hint)

    def _variable(self, match: re.Match[str], node: yaml.Node) -> str:
        name, default = match.group(1), match.group(2)
        value = self._environment.get(name, default)
        if value is None:
            raise self._error(
                f"the environment variable {name} is not set", node, f"export {name}=…, or write ${{{name}:-default}}"
            )
        return value


def _decode_custom(kind: type, value: Any) -> Any:
    if kind is Duration:
        return _duration(value)
    if kind is Size:
        return Size(_quantity(value, _SIZE, _SIZE_UNITS, "a size such as 512KiB, 64MiB or 10GB"))
    if kind is Secret:
        return Secret(_secret_text(value))
    if kind is Path and isinstance(value, str):
        if "\0" in value:
            raise ValueError("a path cannot hold NUL")
        return _expanded(value)
    raise ValueError(f"expected {kind.__name__}")


def _duration(value: Any) -> Duration:
    seconds = _quantity(value, _DURATION, _DURATION_UNITS, "a duration such as 500ms, 10s, 5m or 30d")
    if seconds > LONGEST:
        raise ValueError(f"a duration is a hundred years at most, not {value!r}")
    return Duration(seconds)


def _quantity(value: Any, shape: re.Pattern[str], units: Mapping[str, float], wanted: str) -> float:
    match = shape.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected {wanted}, not {value!r}")
    quantity = float(match.group(1)) * units[match.group(2).lower()]
    if quantity > _LARGEST:
        raise ValueError(f"{value[:20]} is beyond all measure")
    return quantity


def _secret_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a secret as text, `${VARIABLE}` or `file:/path`")
    if not value.startswith("file:"):
        return value
    try:
        return _expanded(value[5:]).read_text("utf-8").rstrip("\n")
    except OSError as error:
        raise ValueError(f"the secret file {value[5:]} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"the secret file {value[5:]} is not UTF-8") from error


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"{text}: there is no such user, or no home folder of theirs") from error


def _unknown_keys(data: Any, model: Any, place: Place) -> Iterator[tuple[str, list[str], Place]]:
    """(key, known keys, place of its mapping) of each key that no model has."""
    struct = _struct_for(data, model)
    if struct is not None and isinstance(data, dict):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
        config = struct.__struct_config__
        known = [*fields, *([config.tag_field] if config.tag_field else [])]
        for key, value in data.items():
            if key not in known:
                yield key, known, place
            elif key in fields:
                yield from _unknown_keys(value, fields[key], (*place, key))
        return
    for key, value, kind in _children(data, model):
        yield from _unknown_keys(value, kind, (*place, key))


def _children(data: Any, model: Any) -> Iterator[tuple[str | int, Any, Any]]:
    for option in _options(model):
        origin, args = typing.get_origin(option), typing.get_args(option)
        if isinstance(data, list) and origin in (list, tuple) and args:
            yield from ((index, item, args[0]) for index, item in enumerate(data))
        elif isinstance(data, dict) and origin is dict and args:
            yield from ((key, value, args[1]) for key, value in data.items())


def _struct_for(data: Any, model: Any) -> type[msgspec.Struct] | None:
    """The struct that `data` is meant to be: the only one, or the one its tag names."""
    structs = [o for o in _options(model) if isinstance(o, type) and issubclass(o, msgspec.Struct)]
    if not isinstance(data, dict) or not structs:
        return None
    if len(structs) == 1:
        return structs[0]
    for struct in structs:
        config = struct.__struct_config__
        if config.tag_field is not None and data.get(config.tag_field) == config.tag:
            return struct
    return None


def _options(model: Any) -> list[Any]:
    """The members of a union, annotations removed."""
    origin = typing.get_origin(model)
    if origin is typing.Annotated:
        return _options(typing.get_args(model)[0])
    if origin in (typing.Union, types.UnionType):
        return [option for member in typing.get_args(model) for option in _options(member)]
    return [model]


def _merged(node: yaml.MappingNode) -> Iterator[yaml.MappingNode]:
    """The mappings that `<<` names, the strongest first."""
    for key, value in node.value:
        if key.tag == _MERGE:
            for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(item, yaml.MappingNode):
                    raise yaml.MarkedYAMLError(
                        problem="`<<` takes a mapping, or a list of mappings", problem_mark=item.start_mark
                    )
                yield item


def _hint_for(message: str, model: Any, data: Any, at: Place) -> str | None:
    """For an unknown tag or word: the known ones, nearest first."""
    if "Invalid value" not in message and "Invalid enum value" not in message:
        return None
    here, enum = at, "enum" in message
    for step in here if enum else here[:-1]:
        model = next((m for m in _step_models(model, data, step)), None)
        data = data[step]
    if enum:
        known = [word for o in _options(model) if typing.get_origin(o) is typing.Literal for word in typing.get_args(o)]
        value = data
    else:
        structs = [o for o in _options(model) if isinstance(o, type) and issubclass(o, msgspec.Struct)]
        known = [tag for o in structs if isinstance(tag := o.__struct_config__.tag, str | int)]
        value = data.get(at[-1]) if isinstance(data, dict) and at else None
    return nearest(str(value), [str(word) for word in known])


def _step_models(model: Any, data: Any, step: str | int) -> Iterator[Any]:
    struct = _struct_for(data, model)
    if struct is not None:
        yield from (f.type for f in msgspec.structs.fields(struct) if f.encode_name == step)
        return
    yield from (kind for key, _, kind in _children(data, model) if key == step)
