"""`shipper stack retention | snapshot | restore`: what is kept of the data, and where its copies are."""

from __future__ import annotations

import dataclasses
import signal
import threading
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.connection import cluster_options, cluster_target, stack_settings
from shipper.cli.terminal import emit, json_option, table

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.stack.retention import Daily
    from shipper.stack.settings import Keep, Place, RepositorySettings, StackSettings
    from shipper.stack.snapshots import Waiting


@click.command()
@cluster_options
@click.option("--logs", type=click.IntRange(min=1), help="Days of logs to keep, today included.")
@click.option("--metrics", type=click.IntRange(min=1), help="Days of metrics to keep.")
@click.option("--campaigns", type=click.IntRange(min=1), help="Days of campaign events to keep.")
@click.option("--disk-percent", type=click.IntRange(1, 99), help="Delete oldest days until disks are used no more.")
@click.option("--least-days", type=click.IntRange(min=1), help="Days that a full disk never costs (default: 7).")
@click.option("--snapshot-first", is_flag=True, help="Take a snapshot of what goes, and delete only if it is whole.")
@click.option("--trust-clock", is_flag=True, help="Today is right although no data has come in for days.")
@click.option("--dry-run", is_flag=True, help="Show what would go, and delete nothing.")
@json_option
def retention(trust_clock: bool, dry_run: bool, as_json: bool, **options: Any) -> None:
    """Delete daily indices that are too old: whole days, never today's, each with an audit record.

    \b
    Examples:
      shipper stack retention --logs 30 --metrics 14 --dry-run
      shipper stack retention --disk-percent 80 --least-days 14
      shipper stack retention -c cluster.yml

    \b
    Exit codes: 0 done; 1 the clock cannot be right, or a snapshot is not whole,
    nothing was deleted; 2 nothing says what to keep; 3 unreachable, or the account may not.
    """
    settings, keep = _kept(options)
    tidying = _Tidying(trust_clock=trust_clock, dry_run=dry_run)
    dailies = [daily for place in settings.places() for daily in _tidied(settings, place, keep, tidying)]
    word = "would go" if dry_run else "deleted"
    rows: list[tuple[object, ...]] = [
        (daily.index, daily.documents, daily.bytes, f"{word}: {daily.reason}" if daily.expired else "kept")
        for daily in dailies
    ]
    emit(
        [dataclasses.asdict(daily) | {"expired": daily.expired, "dry_run": dry_run} for daily in dailies],
        table(rows, ("index", "documents", "bytes", "")) if rows else "there are no daily indices",
        as_json=as_json,
    )


@click.command()
@cluster_options
@click.option("--repository", help="Repository (default: that of the file, else `shipper`).")
@click.option("--index", "indices", multiple=True, help="Index or pattern (repeatable; default: all of ours).")
@click.option("--list", "only_list", is_flag=True, help="Show what there is, and take none.")
@json_option
def snapshot(repository: str | None, indices: tuple[str, ...], only_list: bool, as_json: bool, **options: Any) -> None:
    """Take a snapshot of our indices and wait until it is whole; or list them.

    \b
    Examples:
      shipper stack snapshot                        local stack: its own repository
      shipper stack snapshot --list
      shipper stack snapshot -c cluster.yml --index 'campaign-events-*'

    \b
    Exit codes: 0 whole; 1 shards are missing in it; 2 no such repository; 3 unreachable,
    the account may not, or it was interrupted (the cluster goes on with it).
    """
    from shipper.clock import SystemClock
    from shipper.elastic.client import connect, explained
    from shipper.stack.roles import OURS
    from shipper.stack.snapshots import name_at, snapshots, take

    settings = stack_settings(options)
    wanted = settings.snapshots or _default_repository()
    name = repository or wanted.name
    target = cluster_target(settings, "admin")
    with explained(target.place), connect(target) as client:
        if not only_list:
            if repository is None:
                _register(client, settings, wanted)
            patterns = indices or [settings.prefix + pattern for pattern in OURS]
            take(client, name, name_at(SystemClock().time()), patterns, _waiting())
        found = snapshots(client, name)
    rows = [(one.name, one.state, len(one.indices), one.failed_shards, one.started) for one in found]
    emit(
        [dataclasses.asdict(one) for one in found],
        table(rows, ("snapshot", "state", "indices", "failed shards", "started")) if rows else "there are no snapshots",
        as_json=as_json,
    )


@click.command()
@cluster_options
@click.argument("name")
@click.option("--repository", help="Repository (default: that of the file, else `shipper`).")
@click.option("--index", "indices", multiple=True, help="Index in it (repeatable; default: all).")
@click.option("--rename-prefix", default="", help="Put this before each name, to restore beside what is there.")
@json_option
def restore(name: str, indices: tuple[str, ...], rename_prefix: str, as_json: bool, **options: Any) -> None:
    """Bring the indices of the snapshot NAME back; never over one that is there.

    \b
    Examples:
      shipper stack restore shipper-2026.11.23-101500
      shipper stack restore shipper-2026.11.23-101500 --index shipper-logs-2026.11.20 --rename-prefix restored-

    \b
    Exit codes: 0 every index is searchable; 2 no such snapshot, or an index is there already
    (nothing was restored); 3 unreachable, the account may not, or it was interrupted.
    """
    from shipper.elastic.client import connect, explained
    from shipper.errors import UsageError
    from shipper.stack.snapshots import restore as bring_back
    from shipper.stack.snapshots import snapshots

    repository: str | None = options.pop("repository")
    settings = stack_settings(options)
    place = repository or (settings.snapshots or _default_repository()).name
    target = cluster_target(settings, "admin")
    with explained(target.place), connect(target) as client:
        found = {one.name: one for one in snapshots(client, place)}
        if name not in found:
            raise UsageError(
                f"there is no snapshot {name} in {place}", hint="`shipper stack snapshot --list` shows them"
            )
        names = bring_back(client, place, found[name], indices or found[name].indices, rename_prefix, _waiting())
    emit({"restored": names}, "\n".join(f"restored {restored}" for restored in names), as_json=as_json)


def _kept(options: dict[str, Any]) -> tuple[StackSettings, Keep]:
    """The settings, and what to keep: the options' word over the file's.

    Raises:
        UsageError: nothing says what to keep.
    """
    import msgspec

    from shipper.errors import UsageError
    from shipper.stack.settings import FLOWS

    asked = {name: options.pop(name) for name in (*FLOWS, "disk_percent", "least_days")}
    asked["snapshot_first"] = options.pop("snapshot_first") or None
    settings = stack_settings(options)
    keep = msgspec.structs.replace(settings.keep, **{name: value for name, value in asked.items() if value is not None})
    if not any(getattr(keep, name) for name in (*FLOWS, "disk_percent")):
        raise UsageError("nothing says what to keep", hint="give --logs DAYS, or `stack.keep` in a file")
    return settings, keep


@dataclasses.dataclass(frozen=True, slots=True)
class _Tidying:
    trust_clock: bool
    dry_run: bool


def _tidied(settings: StackSettings, place: Place, keep: Keep, tidying: _Tidying) -> list[Daily]:
    """The dailies of one cluster, those too old deleted; only flows that live there are given up."""
    import msgspec

    from shipper.clock import SystemClock
    from shipper.elastic.client import connect, explained
    from shipper.stack.doubt import check_clock
    from shipper.stack.retention import check_sight, expire, survey
    from shipper.stack.settings import FLOWS

    cluster, prefix = place
    here = [flow for flow in FLOWS if settings.place_of(flow) == place]
    target = cluster_target(msgspec.structs.replace(settings, elasticsearch=cluster), "stack_operator")
    clock = SystemClock()
    with explained(target.place), connect(target) as client:
        check_sight(client, keep, here, prefix, deletes=not tidying.dry_run)
        dailies = survey(client, keep, clock, prefix, here)
        if not tidying.trust_clock:
            check_clock(client, dailies, clock)
        if not tidying.dry_run:
            if keep.snapshot_first:
                _save(client, settings.snapshots or _default_repository(), dailies)
            expire(client, dailies, clock, prefix)
    return dailies


def _save(client: Elasticsearch, repository: RepositorySettings, dailies: list[Daily]) -> None:
    from shipper.stack.retention import snapshot_name
    from shipper.stack.snapshots import take

    going = [daily for daily in dailies if daily.expired]
    if going:
        take(client, repository.name, snapshot_name(going), [daily.index for daily in going], _waiting())


def _register(client: Elasticsearch, settings: StackSettings, wanted: RepositorySettings) -> None:
    """The local stack's repository is made when it is first needed; a cluster's is `setup`'s work."""
    from shipper.stack.snapshots import ensure_repository

    if settings.elasticsearch is None:
        ensure_repository(client, wanted)


def _default_repository() -> RepositorySettings:
    from shipper.stack.settings import RepositorySettings

    return RepositorySettings()


def _waiting() -> Waiting:
    """Watch with the machine's clock; Ctrl-C or SIGTERM ends the watch, not the work."""
    from shipper.clock import SystemClock
    from shipper.stack.snapshots import Waiting

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return Waiting(SystemClock(), stop)
