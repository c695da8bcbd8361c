"""Which fields a filter writes and removes, as far as its configuration tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.grok.expression import Expression
from shipper.grok.library import builtin
from shipper.grok.oniguruma import RegexError
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.lint.finding import option, pairs, texts
from shipper.logstash_runner.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.logstash_runner.tree import Plugin

    Path = tuple[str, ...]

_BY_KEY = ("add_field", "replace", "coerce", "merge")
_BY_VALUE = ("rename", "copy")
_TARGETS = ("translate", "date", "json", "kv", "fingerprint", "split")
_DEFAULT_TARGETS = {"fingerprint": "[event][hash]", "date": "@timestamp"}


def written(plugin: Plugin) -> Iterator[Path]:
    """Fields that the filter sets when it succeeds."""
    for name in _BY_KEY:
        yield from _paths(key for key, _ in pairs(option(plugin, name)))
    if plugin.name == "mutate":
        for name in _BY_VALUE:
            yield from _paths(str(value) for _, value in pairs(option(plugin, name)))
    if plugin.name in _TARGETS:
        target = option(plugin, "target") or option(plugin, "destination") or _DEFAULT_TARGETS.get(plugin.name)
        yield from _paths([target] if isinstance(target, str) else [])
    if plugin.name == "grok":
        yield from _captured(plugin)


def removed(plugin: Plugin) -> Iterator[Path]:
    """Fields that the filter takes away."""
    yield from _paths(texts(option(plugin, "remove_field")))
    if plugin.name == "mutate":
        yield from _paths(key for key, _ in pairs(option(plugin, "rename")))


def _captured(plugin: Plugin) -> Iterator[Path]:
    library = {**builtin(ecs=option(plugin, "ecs_compatibility") != "disabled")}
    library.update((name, str(text)) for name, text in pairs(option(plugin, "pattern_definitions")))
    for _, expressions in pairs(option(plugin, "match")):
        for text in texts(expressions):
            try:
                captures = Expression(text, library).captures
            except RegexError:
                continue  # patterns of a folder are not looked at
            yield from _paths(capture.field for capture in captures)


def _paths(names: Iterator[str] | list[str]) -> Iterator[Path]:
    for name in names:
        if "%{" in name or "${" in name:
            continue
        try:
            yield parse_reference(name)
        except EventFault:
            continue
