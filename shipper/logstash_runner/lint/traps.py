"""Rule `trap`: what Logstash accepts and people regret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.logstash_runner import tree
from shipper.logstash_runner.lint.finding import Finding, option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.logstash_runner.tree import Pipeline, Plugin


def traps(pipeline: Pipeline, _: Mapping[str, str]) -> Iterator[Finding]:
    """Look at single plugins."""
    for plugin in tree.plugins(pipeline.section("input").body):
        if plugin.name == "beats" and option(plugin, "enrich") is None:
            yield _found(
                plugin, "each message is stored twice, as event.original too", 'set enrich => ["source_metadata"]'
            )
    looked_at: list[Any] = []  # a source may be written as a list of one
    for plugin in tree.plugins(pipeline.section("filter").body):
        if plugin.name != "json":
            continue
        if option(plugin, "target") is not None:
            looked_at.append(option(plugin, "source"))
        elif option(plugin, "source") not in looked_at:  # else the author has seen to what may not be overwritten
            yield _found(
                plugin, "JSON without a target may overwrite any field, @timestamp and @metadata too", "set target => …"
            )
    for plugin in tree.plugins(pipeline.section("output").body):
        if plugin.name == "elasticsearch":
            yield from _output(plugin)


def _output(plugin: Plugin) -> Iterator[Finding]:
    if option(plugin, "document_id") is None and option(plugin, "data_stream") not in ("true", True):
        yield _found(
            plugin,
            "without document_id an event that is sent again is stored again",
            'set document_id and action => "create"',
        )
    elif option(plugin, "document_id") is not None and option(plugin, "action") not in ("create", "index", "update"):
        yield _found(plugin, "an event that is sent again overwrites the first", 'set action => "create"')


def _found(plugin: Plugin, message: str, fix: str) -> Finding:
    return Finding("trap", f"{plugin.name}: {message}", plugin.place, fix)
