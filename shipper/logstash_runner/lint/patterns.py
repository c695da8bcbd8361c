"""Rule `unused-pattern`: grok patterns that are defined and not used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shipper.errors import ConfigError
from shipper.grok.expression import Expression
from shipper.grok.library import builtin, parse_patterns
from shipper.grok.oniguruma import RegexError
from shipper.logstash_runner import tree
from shipper.logstash_runner.lint.finding import Finding, option, pairs, place_in, texts
from shipper.logstash_runner.values import expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.logstash_runner.tree import Pipeline, Plugin


def patterns(pipeline: Pipeline, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Look at `pattern_definitions` of each grok, and at the files of `patterns_dir` for all of them."""
    groks = [plugin for plugin in tree.plugins(pipeline.section("filter").body) if plugin.name == "grok"]
    files: dict[str, tree.Place] = {}
    used: set[str] = set()
    for plugin in groks:
        own = {name: str(text) for name, text in pairs(option(plugin, "pattern_definitions"))}
        shared = _shared(plugin, environment)
        here = _used(plugin, {**builtin(ecs=True), **shared, **own})
        for name in sorted(own.keys() - here):
            place = place_in(plugin, "pattern_definitions", name)
            yield Finding("unused-pattern", f"the pattern {name} is defined and not used", place, "remove it")
        files.update((name, plugin.place) for name in shared)
        used |= here
    for name in sorted(files.keys() - used):
        yield Finding(
            "unused-pattern", f"the pattern {name} of patterns_dir is not used", files[name], "remove it from its file"
        )


def _shared(plugin: Plugin, environment: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in texts(option(plugin, "patterns_dir")):
        try:
            folder = Path(expand(place, environment, plugin.place))
        except ConfigError:
            continue  # a problem of its own
        paths = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        for path in paths:
            if path.is_file():
                found.update(parse_patterns(path.read_text("utf-8", "replace")))
    return found


def _used(plugin: Plugin, library: Mapping[str, str]) -> set[str]:
    used: set[str] = set()
    for _, expressions in pairs(option(plugin, "match")):
        for text in texts(expressions):
            try:
                used |= Expression(text, library).used
            except RegexError:
                return set(library)
    return used
