"""Which fields a filter writes and removes, as far as its configuration tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.grok.expression import Expression
from shipper.grok.library import builtin
from shipper.grok.oniguruma import RegexError
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.lint.finding import option, pairs, place_in, texts
from shipper.logstash_runner.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shipper.logstash_runner.tree import Place, Plugin

    Path = tuple[str, ...]

_BY_KEY = ("add_field", "replace", "coerce", "merge")
_BY_VALUE = ("rename", "copy")
_TARGETS = ("translate", "date", "json", "kv", "fingerprint", "split")
_DISSECTED = re.compile(r"%\{([^}]*)\}")
_DEFAULT_TARGETS = {"fingerprint": "[event][hash]", "date": "@timestamp"}


def written(plugin: Plugin) -> Iterator[Path]:
    """Fields that the filter sets when it succeeds."""
    for path, _ in written_at(plugin):
        yield path


def written_at(plugin: Plugin) -> Iterator[tuple[Path, Place]]:
    """As `written`, each with the place of the option, or of the entry in it, that says so."""
    for name in _BY_KEY:
        for key, _ in pairs(option(plugin, name)):
            yield from _placed([key], place_in(plugin, name, key))
    yield from _of_its_own(plugin)


def _of_its_own(plugin: Plugin) -> Iterator[tuple[Path, Place]]:
    """What only this kind of filter writes."""
    if plugin.name == "mutate":
        for name in _BY_VALUE:
            for key, value in pairs(option(plugin, name)):
                yield from _placed([str(value)], place_in(plugin, name, key))
    if plugin.name in _TARGETS:
        target = option(plugin, "target") or option(plugin, "destination") or _DEFAULT_TARGETS.get(plugin.name)
        yield from _placed([target] if isinstance(target, str) else [], place_in(plugin, "target", ""))
    if plugin.name == "grok":
        yield from _placed(_captured(plugin), place_in(plugin, "match", ""))
    if plugin.name == "dissect":
        for key, pattern in pairs(option(plugin, "mapping")):
            yield from _placed(_dissected(str(pattern)), place_in(plugin, "mapping", key))
    if plugin.name == "csv":
        yield from _placed(texts(option(plugin, "columns")), place_in(plugin, "columns", ""))


def removed(plugin: Plugin) -> Iterator[Path]:
    """Fields that the filter takes away."""
    yield from _paths(texts(option(plugin, "remove_field")))
    if plugin.name == "mutate":
        yield from _paths(key for key, _ in pairs(option(plugin, "rename")))


def _captured(plugin: Plugin) -> Iterator[str]:
    library = {**builtin(ecs=option(plugin, "ecs_compatibility") != "disabled")}
    library.update((name, str(text)) for name, text in pairs(option(plugin, "pattern_definitions")))
    for _, expressions in pairs(option(plugin, "match")):
        for text in texts(expressions):
            try:
                captures = Expression(text, library).captures
            except RegexError:
                continue  # patterns of a folder are not looked at
            yield from (capture.field for capture in captures)


def _dissected(pattern: str) -> Iterator[str]:
    """Names that are kept; `?` skips, `&` takes its name from the text."""
    for name in _DISSECTED.findall(pattern):
        kept = name.removesuffix("->").removeprefix("+").partition("/")[0]
        if kept and kept[0] not in "?&":
            yield kept


def _placed(names: Iterable[str], place: Place) -> Iterator[tuple[Path, Place]]:
    for path in _paths(names):
        yield path, place


def _paths(names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        if "%{" in name or "${" in name:
            continue
        try:
            yield parse_reference(name)
        except EventFault:
            continue
