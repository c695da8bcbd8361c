"""The ids of a pipeline's plugins: Logstash refuses two of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner import tree, values
from shipper.logstash_runner.plugin import InvalidPluginError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def id_conflicts(pipeline: tree.Pipeline, environment: Mapping[str, str]) -> Iterator[InvalidPluginError]:
    """An error for each plugin whose id another one has; an id that cannot be read is `bind`'s to refuse."""
    seen: set[str] = set()
    for kind in ("input", "filter", "output"):
        for plugin in tree.plugins(pipeline.section(kind).body):
            for attribute in plugin.attributes:
                if attribute.name != "id" or not isinstance(attribute.value, tree.Text):
                    continue
                name = values.expand(attribute.value.value, environment, attribute.place)
                if name in seen:
                    yield InvalidPluginError(
                        f"Two plugins have the id '{name}', please fix this conflict", where=str(attribute.place)
                    )
                seen.add(name)
