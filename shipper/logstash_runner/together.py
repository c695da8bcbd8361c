"""What pipelines that run together must agree on: a port is one input's, and what is sent to is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.errors import ConfigError
from shipper.logstash_runner import input as inputs
from shipper.logstash_runner import output as outputs
from shipper.logstash_runner import tree
from shipper.logstash_runner.plugin import bind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shipper.logstash_runner.plugin import InputOptions, OutputOptions

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on


def conflicts(pipelines: Sequence[tree.Pipeline], environment: Mapping[str, str]) -> Iterator[ConfigError]:
    """An error for each input that wants another one's port, and each output that sends to an address nobody has.

    Plugins that would not start by themselves are left out: they are told where they stand.
    """
    taken: list[tuple[str, int, tree.Plugin]] = []
    addresses: set[str] = set()
    for plugin, options in _bound(pipelines, "input", environment):
        if isinstance(options, inputs.PipelineInputOptions):
            if options.address in addresses:
                yield ConfigError(
                    f"the address `{options.address}` is another pipeline input's already",
                    where=str(plugin.place),
                    hint="give each its own",
                )
            addresses.add(options.address)
            continue
        host, port = getattr(options, "host", ""), int(getattr(options, "port", 0))
        for other_host, other_port, other in taken:
            if port == other_port and (host == other_host or _EVERYWHERE & {host, other_host}):
                yield ConfigError(
                    f"the port {port} is that of the input at {other.place} already",
                    where=str(plugin.place),
                    hint="choose another port, or 0 for a free one",
                )
                break
        if port:
            taken.append((host, port, plugin))
    for plugin, sender in _bound(pipelines, "output", environment):
        for name in getattr(sender, "send_to", ()):
            if name not in addresses:
                yield ConfigError(
                    f"no pipeline has the address `{name}`",
                    where=str(plugin.place),
                    hint=f"there are: {', '.join(sorted(addresses)) or 'none'}",
                )


def _bound(
    pipelines: Sequence[tree.Pipeline], kind: str, environment: Mapping[str, str]
) -> Iterator[tuple[tree.Plugin, InputOptions | OutputOptions]]:
    known = inputs.INPUTS if kind == "input" else outputs.OUTPUTS
    for pipeline in pipelines:
        for plugin in tree.plugins(pipeline.section(kind).body):
            if plugin.name in known:
                try:
                    yield plugin, bind(plugin, kind, known[plugin.name].options, environment)
                except ConfigError:
                    continue
