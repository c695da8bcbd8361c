"""What a rule finds, and how rules look at plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.logstash_runner import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.logstash_runner.tree import Place, Plugin


@dataclass(frozen=True, slots=True)
class Finding:
    """Something doubtful; `rule` is its name in `RULES`, `fix` the next step."""

    rule: str
    message: str
    place: Place
    fix: str

    @property
    def where(self) -> str:
        """file:line:column."""
        return str(self.place)


def literal(value: tree.Value | None) -> Any:
    """A literal as plain data, variables left as they are written."""
    if isinstance(value, tree.Text | tree.Number):
        return value.value
    if isinstance(value, tree.Array):
        return [literal(item) for item in value.items]
    if isinstance(value, tree.Hash):
        return {entry.key: literal(entry.value) for entry in value.entries}
    return None


def option(plugin: Plugin, name: str) -> Any:
    """An option as plain data; None where it is not given."""
    attribute = plugin.attribute(name)
    return None if attribute is None else literal(attribute.value)


def place_in(plugin: Plugin, name: str, key: str) -> Place:
    """Where an entry of a hash option stands; else the option, else the plugin."""
    attribute = plugin.attribute(name)
    if attribute is None:
        return plugin.place
    if isinstance(attribute.value, tree.Hash):
        return next((entry.place for entry in attribute.value.entries if entry.key == key), attribute.place)
    return attribute.place


def texts(value: Any) -> Iterator[str]:
    """The texts in a text or a list."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """The pairs of a hash option, also where it is written as a list."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(key), item) for key, item in zip(value[::2], value[1::2], strict=False))
