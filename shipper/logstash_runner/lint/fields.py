"""Rule `not-ecs`: a filter sets a field that neither ECS nor Shipper knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shipper.ecs import table
from shipper.logstash_runner import tree
from shipper.logstash_runner.lint.finding import Finding
from shipper.logstash_runner.lint.writes import removed, written_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.logstash_runner.tree import Pipeline

_OWN = (
    "@metadata",
    "shipper",
    "labels",
    "system",
    "tenant",
    "actor",
    "action",
    "object",
    "context",
    "resource",
    "value",
)
"""First names of fields of our own: docs/concepts/architecture.md."""
_OWN_NAMES = frozenset({"@timestamp", "@version", "tags", "http.route"})


def fields(pipeline: Pipeline, _: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the fields that filters set and nobody removes."""
    plugins = list(tree.plugins(pipeline.section("filter").body))
    gone = {path for plugin in plugins for path in removed(plugin)}
    for plugin in plugins:
        for path, place in dict(written_at(plugin)).items():
            if not _known(path) and not any(path[:length] in gone for length in range(1, len(path) + 1)):
                yield Finding(
                    "not-ecs",
                    f"the field {'.'.join(path)} is not in ECS (set by {plugin.name})",
                    place,
                    "use a field of ECS, `labels.*` or `[@metadata]`, or remove it before the output",
                )


def _known(path: tuple[str, ...]) -> bool:
    name = ".".join(path)
    return path[0] in _OWN or name in _OWN_NAMES or name in _names()


@cache
def _names() -> frozenset[str]:
    """ECS fields and the objects that hold them."""
    found: set[str] = set()
    for name in table.TYPES:
        parts = name.split(".")
        found.update(".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return frozenset(found)
