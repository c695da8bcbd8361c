"""How a plugin says what it can be told, and how a plugin of a file is held against that.

A plugin's options are a frozen `Options` model whose fields are of the types below (Logstash's validators):

    class DropOptions(FilterOptions, frozen=True):
        percentage: Number = 100

`bind` checks names, types and required options as Logstash does before a pipeline starts, and says where.
"""

from __future__ import annotations

import difflib
import functools
import re
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import msgspec

from shipper.clock import SystemClock
from shipper.config import Secret, Settings
from shipper.errors import ConfigError
from shipper.logstash_runner import tree, values
from shipper.logstash_runner.reference import is_reference
from shipper.logstash_runner.words import ruby_float, ruby_inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.clock import Clock
    from shipper.logstash_runner.tree import Place, Plugin


class InvalidPluginError(ConfigError):
    """Logstash's configuration test refuses the plugin or an option of it."""


class RegisterError(ConfigError):
    """The configuration test passes, but the plugin refuses to start."""


class OutsideSubsetError(InvalidPluginError):
    """Logstash has it, this runner does not."""


class _RefusedError(ValueError):
    """A value an option's type does not take; the message is Logstash's."""


@dataclass(frozen=True)
class Context:
    """What a plugin gets beside its options.

    Attributes:
        where: for errors found at start.
        environment: for `${…}` in values that are read later.
        ecs: field names follow ECS (`pipeline.ecs_compatibility: v8`).
    """

    where: Place = field(default_factory=tree.Place)
    environment: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    ecs: bool = True

    def refuse(self, message: str, hint: str | None = None) -> RegisterError:
        """The error of a plugin that cannot start."""
        return RegisterError(message, where=str(self.where), hint=hint)


@dataclass(frozen=True)
class Kind:
    """An option's type: `convert` gets the value as a list (or a dict) and returns what the plugin sees."""

    name: str
    convert: Callable[[Any], Any]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _single(name: str, value: Any, more: str = "") -> Any:
    items = _listed(value)
    if isinstance(value, dict):
        raise _RefusedError(f"Expected {name}, got {ruby_inspect(value)}{more}")
    if len(items) != 1:
        raise _RefusedError(f"Expected {name}, got {ruby_inspect(items)}{more}")
    return items[0]


def _only(name: str, value: Any) -> str:
    items = _listed(value)
    if len(items) != 1:
        raise _RefusedError(f"Expected {name} (one value), got {len(items)} values?")
    return items[0] if isinstance(items[0], str) else ruby_inspect(items[0])


def _string(value: Any) -> str:
    item = _single("string", value)
    return item if isinstance(item, str) else ruby_inspect(item)


def _number(value: Any) -> int | float:
    item = _single("number", value, " (type Array)")
    if isinstance(item, int | float):
        return item
    text = str(item)
    if re.fullmatch(r"0|-?[1-9]\d*", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+(e[+-]\d+)?", text) and ruby_float(float(text)) == text:
        return float(text)
    raise _RefusedError(f"Expected number, got {ruby_inspect(item)} (type {item})")


def _boolean(value: Any) -> bool:
    item = _single("boolean", value)
    if item not in ("true", "false"):
        raise _RefusedError(f"Expected boolean 'true' or 'false', got {ruby_inspect(item)}")
    return bool(item == "true")


def _hash(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    items = _listed(value)
    if len(items) % 2:
        raise _RefusedError(f"This field must contain an even number of items, got {len(items)}")
    pairs: dict[str, Any] = {}
    for key, item in zip(items[::2], items[1::2], strict=True):
        name = key if isinstance(key, str) else ruby_inspect(key)
        pairs[name] = [*_listed(pairs[name]), item] if name in pairs else item
    return pairs


def _path(value: Any) -> Path:
    item = _only("path", value)
    if not Path(item).exists():
        raise _RefusedError(f"File does not exist or cannot be opened {item}")
    return Path(item)


def _codec(value: Any) -> Plugin:
    item = _single("codec", value)
    return item if isinstance(item, tree.Plugin) else tree.Plugin(str(item), ())


def _reference(value: Any) -> str:
    items = _listed(value)
    if len(items) != 1:
        raise _RefusedError(f"Expected exactly one field reference, got `{ruby_inspect(items)}`")
    if not isinstance(items[0], str) or not is_reference(items[0]):
        raise _RefusedError(f"Expected a valid field reference, got `{ruby_inspect(items[0])}`")
    return items[0]


def _ecs(value: Any) -> str:
    items = _listed(value)
    if len(items) != 1 or re.fullmatch(r"disabled|v[1-9][0-9]?", str(items[0])) is None:
        raise _RefusedError(
            "Expected a v-prefixed integer major-version number (e.g., `v1`) or the literal `disabled`, got"
            f" {ruby_inspect(items)}"
        )
    return str(items[0])


String = Annotated[str, Kind("string", _string)]
Number = Annotated[float, Kind("number", _number)]
Boolean = Annotated[bool, Kind("boolean", _boolean)]
Array = Annotated[tuple[Any, ...], Kind("array", lambda value: tuple(_listed(value)))]
Hash = Annotated[dict[str, Any], Kind("hash", _hash)]
PathOption = Annotated[Path, Kind("path", _path)]
Password = Annotated[Secret, Kind("password", lambda value: Secret(_only("password", value)))]
Codec = Annotated[tree.Plugin, Kind("codec", _codec)]
FieldReference = Annotated[str, Kind("field_reference", _reference)]
EcsCompatibility = Annotated[str, Kind("ecs_compatibility", _ecs)]
Strings = Annotated[tuple[str, ...], Kind("string", lambda value: tuple(_string(item) for item in _listed(value)))]
"""Logstash's `:validate => :string, :list => true`."""
Uris = Annotated[
    tuple[str, ...], Kind("uri", lambda value: tuple(uri for item in _listed(value) for uri in _string(item).split()))
]
"""Logstash's `:validate => :uri, :list => true`: one text may hold several, with blanks between (a variable does)."""


def one_of(*choices: str) -> Kind:
    """The type of an option that takes one of a few words; for `Annotated`."""

    def convert(value: Any) -> str:
        items = _listed(value)
        if len(items) != 1 or items[0] not in choices:
            raise _RefusedError(f"Expected one of {ruby_inspect(list(choices))}, got {ruby_inspect(items)}")
        return str(items[0])

    return Kind("one of " + ", ".join(choices), convert)


class Options(Settings, frozen=True):
    """What every plugin takes."""

    id: String | None = None
    enable_metric: Boolean = True


class FilterOptions(Options, frozen=True):
    """What every filter takes: the four decorations happen only when the filter succeeded."""

    add_field: Hash = msgspec.field(default_factory=dict)
    remove_field: Array = ()
    add_tag: Array = ()
    remove_tag: Array = ()
    periodic_flush: Boolean = False


class InputOptions(Options, frozen=True):
    """What every input takes."""

    add_field: Hash = msgspec.field(default_factory=dict)
    tags: Array = ()
    type: String | None = None
    codec: Codec = tree.Plugin("plain", ())


class OutputOptions(Options, frozen=True):
    """What every output takes."""

    codec: Codec = tree.Plugin("plain", ())
    workers: Number = 1


class CodecOptions(Options, frozen=True):
    """What every codec takes."""


class Declared(Protocol):
    """An entry of FILTERS, INPUTS, OUTPUTS or CODECS: anything with the model of its options."""

    @property
    def options(self) -> type[Options]:
        """The model."""


D = TypeVar("D", bound=Declared)
O = TypeVar("O", bound=Options)  # noqa: E741 - options


def find(plugin: Plugin, kind: str, known: Mapping[str, D], elsewhere: frozenset[str] = frozenset()) -> D:
    """The declaration of a plugin; `elsewhere` names plugins that only Logstash has.

    Raises:
        OutsideSubsetError: only Logstash has it.
        InvalidPluginError: nobody has it.
    """
    found = known.get(plugin.name)
    if found is not None:
        return found
    if plugin.name in elsewhere:
        raise OutsideSubsetError(
            f"the {kind} `{plugin.name}` is outside of the subset that this runner executes",
            where=str(plugin.place),
            hint=f"it has: {', '.join(sorted(known))}; Logstash itself runs the file",
        )
    near = difflib.get_close_matches(plugin.name, known, n=1)
    raise InvalidPluginError(
        f"Couldn't find any {kind} plugin named '{plugin.name}'. Are you sure this is correct?",
        where=str(plugin.place),
        hint=f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(known))}",
    )


def bind(plugin: Plugin, kind: str, model: type[O], environment: Mapping[str, str]) -> O:
    """The options of a plugin as its model.

    Raises:
        InvalidPluginError: an unknown or missing option, or a value of the wrong type.
        ConfigError: an environment variable is missing.
    """
    known = option_kinds(model)
    given = values.attributes(plugin, environment)
    for name in given:
        if name not in known:
            raise _unknown(plugin, kind, name, list(known))
    converted: dict[str, Any] = {}
    for name, value in given.items():
        try:
            converted[name] = known[name].convert(value)
        except _RefusedError as error:
            at = plugin.attribute(name)
            raise InvalidPluginError(
                f"{error} (`{name}` of the {kind} `{plugin.name}` is a {known[name].name})",
                where=str(at.place if at else plugin.place),
            ) from None
    for item in msgspec.structs.fields(model):
        if item.required and item.encode_name not in converted:
            raise InvalidPluginError(
                f"{item.encode_name} => # SETTING MISSING (the {kind} `{plugin.name}` needs it)",
                where=str(plugin.place),
                hint=f"add {item.encode_name} => …",
            )
    names = {item.encode_name: item.name for item in msgspec.structs.fields(model)}
    return model(**{names[name]: value for name, value in converted.items()})


def _unknown(plugin: Plugin, kind: str, name: str, known: list[str]) -> InvalidPluginError:
    near = difflib.get_close_matches(name, known, n=1)
    at = plugin.attribute(name)
    return InvalidPluginError(
        f"Unknown setting '{name}' for {plugin.name} (a {kind})",
        where=str(at.place if at else plugin.place),
        hint=f"did you mean `{near[0]}`?" if near else f"it takes: {', '.join(sorted(known))}",
    )


@functools.cache
def option_kinds(model: type[Options]) -> dict[str, Kind]:
    """Option as written -> its type."""
    hints = typing.get_type_hints(model, include_extras=True)
    return {item.encode_name: _kind(hints[item.name]) for item in msgspec.structs.fields(model)}


def _kind(hint: Any) -> Kind:
    for candidate in (hint, *typing.get_args(hint)):
        for extra in getattr(candidate, "__metadata__", ()):
            if isinstance(extra, Kind):
                return extra
    raise TypeError(f"an option needs a type of this module, not {hint!r}")
