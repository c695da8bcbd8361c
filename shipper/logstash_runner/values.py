"""Literals of a pipeline file as the values that plugins get.

Environment variables are filled in; hashes are put in the order of `java.util.HashMap`, in which Logstash walks them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.errors import ConfigError
from shipper.logstash_runner import tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.logstash_runner.tree import Place

_VARIABLE = re.compile(r"\$\{([a-zA-Z_.][a-zA-Z0-9_.]*)(?::([^}]*))?\}")


def expand(text: str, environment: Mapping[str, str], place: Place) -> str:
    """Replace `${NAME}` and `${NAME:default}`.

    Raises:
        ConfigError: a variable is neither set nor has a default.
    """
    if "${" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        found: str | None = environment.get(match.group(1), match.group(2))
        if found is None:
            raise ConfigError(
                f"Cannot evaluate `{match.group()}`. Replacement variable `{match.group(1)}` is not defined in a"
                " Logstash secret store or an environment entry and there is no default value given.",
                where=str(place),
                hint=f"export {match.group(1)}=…, or write ${{{match.group(1)}:default}}",
            )
        return found

    return _VARIABLE.sub(value, text)


def attributes(plugin: tree.Plugin, environment: Mapping[str, str]) -> dict[str, Any]:
    """Option -> value: str, int, float, list, dict or (a codec) `tree.Plugin`; repeated options are merged.

    Raises:
        ConfigError: an environment variable is missing.
    """
    merged: dict[str, Any] = {}
    for attribute in plugin.attributes:
        value = plain(attribute.value, environment)
        name = attribute.name
        if name not in merged:
            merged[name] = value
        elif isinstance(merged[name], dict) and isinstance(value, dict):
            merged[name] = _merge(merged[name], value)
        elif isinstance(merged[name], list):
            merged[name] = [*merged[name], *_listed(value)]
        elif merged[name] != value:
            merged[name] = [merged[name], value]
    return {name: _ordered(value) for name, value in merged.items()}


def plain(value: tree.Value | tree.Operand, environment: Mapping[str, str]) -> Any:
    """One literal; hashes in the order written."""
    if isinstance(value, tree.Text):
        return expand(value.value, environment, value.place)
    if isinstance(value, tree.Number):
        return value.value
    if isinstance(value, tree.Array):
        return [plain(item, environment) for item in value.items]
    if isinstance(value, tree.Hash):
        return {entry.key: plain(entry.value, environment) for entry in value.entries}
    return value


def java_order(keys: Sequence[str]) -> list[str]:
    """The order in which a `java.util.HashMap` filled in this order walks its keys."""
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda key: _spread(java_hash(key)) & (size - 1))


def java_hash(text: str) -> int:
    """`String.hashCode` as an unsigned 32-bit number."""
    units = text.encode("utf-16-be", "surrogatepass")
    value = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    return value


def _spread(value: int) -> int:
    return value ^ (value >> 16)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in java_order(list(value))}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


def _merge(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """As Logstash's `hash_merge`: values under one key become a list without repetitions."""
    merged = dict(first)
    for key, value in second.items():
        old = merged.get(key)
        if key not in merged:
            merged[key] = value
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value)
        else:
            joined = [*_listed(old), *(item for item in _listed(value) if item not in _listed(old))]
            merged[key] = old if joined == [old] else joined
    return merged


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
