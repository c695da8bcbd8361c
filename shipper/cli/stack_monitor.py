"""`shipper stack monitor`: statistics of Elasticsearch and Logstash into `shipper-metrics-*`."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.connection import cluster_options, cluster_target, stack_settings
from shipper.cli.terminal import emit, json_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.elastic.client import ClientSettings
    from shipper.stack.monitor.run import Source
    from shipper.stack.monitor.settings import MonitorSettings

ROLE = "stack_monitor"


@click.command()
@cluster_options
@click.option("--logstash", "logstash", multiple=True, help="URL of a Logstash's API, http://host:9600 (repeatable).")
@click.option("--once", is_flag=True, help="Take one round, then stop.")
@json_option
def monitor(logstash: tuple[str, ...], once: bool, as_json: bool, **options: Any) -> None:
    """Add statistics of nodes, indices, shards and Logstash pipelines to shipper-metrics, every 30 seconds.

    \b
    Examples:
      shipper stack monitor                                   the local stack
      shipper stack monitor --logstash http://127.0.0.1:9600
      shipper stack monitor -c cluster.yml                    several clusters: `stack.monitor`

    Its account is `stack_monitor`: it sees statistics and adds metrics, no more.

    \b
    Exit codes: 0 stopped; 1 with --once: something could not be asked or written;
    2 wrong options; 3 the cluster the numbers go to cannot be reached at the start.
    """
    import msgspec

    from shipper.clock import SystemClock
    from shipper.elastic.client import connect, explained
    from shipper.stack.monitor.run import Monitor

    settings = stack_settings(options)
    watching = settings.monitor
    if logstash:
        watching = msgspec.structs.replace(watching, logstash=_logstash(logstash))
    place = settings.place_of("metrics")
    target = cluster_target(msgspec.structs.replace(settings, elasticsearch=place[0]), ROLE)
    with connect(target) as client, _sources(watching, target) as sources:
        with explained(target.place):
            client.cluster.health()
        running = Monitor(client, sources, float(watching.every), place[1])
        if once:
            running.once(SystemClock())
        else:
            running.run(SystemClock(), _until_told())
    tally = dataclasses.asdict(running.tally)
    emit(tally, "\n".join(f"{name:<9} {value}" for name, value in tally.items()), as_json=as_json)
    if once and (running.tally.failures or running.tally.refused):
        sys.exit(1)


@contextlib.contextmanager
def _sources(watching: MonitorSettings, target: ClientSettings) -> Iterator[list[Source]]:
    """Everything to ask; with no cluster named, the one that the numbers go to."""
    from shipper.elastic.client import connect
    from shipper.stack.monitor import elasticsearch, logstash
    from shipper.stack.monitor.run import Source
    from shipper.stack.monitor.settings import LogstashSettings, Watched

    def of_logstash(settings: LogstashSettings) -> Any:
        return logstash.samples(logstash.fetch(settings), settings.url, watching.most_documents)

    clusters = watching.clusters or (Watched(name="default", elasticsearch=target),)
    with contextlib.ExitStack() as stack:
        yield [
            *(
                Source(
                    cluster.name,
                    functools.partial(
                        elasticsearch.samples,
                        stack.enter_context(connect(cluster.elasticsearch)),
                        cluster.name,
                        cluster.indices,
                        watching.most_documents,
                    ),
                )
                for cluster in clusters
            ),
            *(Source(one.url, functools.partial(of_logstash, one)) for one in watching.logstash),
        ]


def _logstash(urls: tuple[str, ...]) -> Any:
    from shipper.errors import UsageError
    from shipper.stack.monitor.settings import LogstashSettings

    try:
        return tuple(LogstashSettings(url=url) for url in urls)
    except ValueError as error:
        raise UsageError(str(error), where="--logstash", hint="write it as http://host:9600") from error


def _until_told() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
