"""Backup and restore with Elasticsearch's own snapshots: a repository, one snapshot, and back.

Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/snapshot-restore.html. Every call returns at once
and is watched afterwards, so that no request has to stay open as long as a backup takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from elasticsearch import BadRequestError, NotFoundError

from shipper.errors import FindingError, UnavailableError, UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Mapping

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.stack.settings import RepositorySettings

_LOOK_EVERY = 0.5
_NAME_TAKEN = ("snapshot_name_already_in_use_exception", "invalid_snapshot_name_exception")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot as the cluster describes it; `state` is SUCCESS, PARTIAL, FAILED or IN_PROGRESS."""

    name: str
    state: str
    indices: tuple[str, ...]
    failed_shards: int
    started: str

    @property
    def whole(self) -> bool:
        """Every shard of every index is in it."""
        return self.state == "SUCCESS" and self.failed_shards == 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to watch a snapshot or a restore: the clock, an event that ends the watch, and how long at most (seconds)."""

    clock: Clock
    stop: threading.Event
    patience: float = 6 * 3600.0


def ensure_repository(client: Elasticsearch, wanted: RepositorySettings) -> str:
    """Register the repository if it is not there: `create` or `unchanged`.

    Raises:
        FindingError: one of that name is elsewhere; it is not touched.
    """
    existing = repository(client, wanted.name)
    if existing is None:
        client.snapshot.create_repository(name=wanted.name, repository=wanted.body())
        return "create"
    if not same_repository(existing, wanted.body()):
        raise FindingError(
            f"the snapshot repository {wanted.name} is there with another place: {existing}",
            hint="give `snapshots.repository` another name, or the settings that it has",
        )
    return "unchanged"


def repository(client: Elasticsearch, name: str) -> dict[str, Any] | None:
    """What the cluster knows of a repository, or None."""
    try:
        return dict(client.snapshot.get_repository(name=name).body[name])
    except NotFoundError:
        return None


def same_repository(existing: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether it is of that type and has at least those settings; more of them are its owner's business."""
    has = {name: str(value).lower() for name, value in existing.get("settings", {}).items()}
    return existing.get("type") == wanted["type"] and all(
        has.get(name) == str(value).lower() for name, value in wanted["settings"].items()
    )


def snapshots(client: Elasticsearch, repository: str) -> list[Snapshot]:
    """All snapshots there, oldest first.

    Raises:
        UsageError: there is no such repository.
    """
    try:
        found = client.snapshot.get(repository=repository, snapshot="*", verbose=True)["snapshots"]
    except NotFoundError as error:
        raise UsageError(
            f"there is no snapshot repository {repository}",
            hint="`shipper stack setup` with `snapshots:` in its file makes one",
        ) from error
    return [_read(snapshot) for snapshot in sorted(found, key=lambda one: one.get("start_time_in_millis", 0))]


def name_at(seconds: float) -> str:
    """`shipper-2026.11.23-101500`: names sort by time; the repository refuses a second one of the same second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("shipper-%Y.%m.%d-%H%M%S")


def take(client: Elasticsearch, repository: str, name: str, indices: Iterable[str], waiting: Waiting) -> Snapshot:
    """Take the snapshot `name` of `indices`, or join one of that name that runs or is done already.

    Raises:
        FindingError: it is not whole.
        UsageError: no such repository or index.
        UnavailableError: it took longer than `waiting.patience`, or we were told to stop; it goes on in the cluster.
    """
    try:
        client.snapshot.create(
            repository=repository,
            snapshot=name,
            indices=",".join(indices),
            include_global_state=False,
            wait_for_completion=False,
            metadata={"managed_by": "shipper"},
        )
    except NotFoundError as error:
        raise UsageError(
            f"no such index, or no such repository ({repository})", hint="`shipper stack snapshot --list` shows both"
        ) from error
    except BadRequestError as error:
        if error.error not in _NAME_TAKEN:
            raise
    deadline = waiting.clock.monotonic() + waiting.patience
    while True:
        snapshot = _read(client.snapshot.get(repository=repository, snapshot=name)["snapshots"][0])
        if snapshot.whole:
            return snapshot
        if snapshot.state not in {"IN_PROGRESS", "STARTED"}:
            raise FindingError(
                f"the snapshot {name} is {snapshot.state}: {snapshot.failed_shards} shards failed",
                hint="mend the cluster's health (`shipper stack status`), then take another",
            )
        _pause(waiting, deadline, f"the snapshot {name} is not done yet")


def restore(
    client: Elasticsearch, repository: str, snapshot: Snapshot, indices: Iterable[str], rename: str, waiting: Waiting
) -> list[str]:
    """Bring `indices` back, each under `rename` + its name (`rename` may be empty); the names they have now.

    Aliases and templates come from the cluster, not from the snapshot. An index that is there is never overwritten.

    Raises:
        UsageError: the snapshot has none of them, or one is there already.
        UnavailableError: it took longer than `waiting.patience`, or we were told to stop; it goes on in the cluster.
    """
    wanted = [index for index in indices if index in snapshot.indices]
    if not wanted:
        raise UsageError(f"none of them is in {snapshot.name}", hint="`shipper stack snapshot --list` says what is")
    names = [rename + index for index in wanted]
    there = [name for name in names if client.indices.exists(index=name)]
    if there:
        raise UsageError(
            f"already there: {', '.join(there)}; nothing was restored",
            hint="delete them first, or restore beside them with --rename-prefix restored-",
        )
    client.snapshot.restore(
        repository=repository,
        snapshot=snapshot.name,
        indices=",".join(wanted),
        include_aliases=False,
        include_global_state=False,
        rename_pattern="^",
        rename_replacement=rename,
        wait_for_completion=False,
    )
    deadline = waiting.clock.monotonic() + waiting.patience
    while not _recovered(client, names):
        _pause(waiting, deadline, "the restore is not done yet")
    return names


def _recovered(client: Elasticsearch, names: list[str]) -> bool:
    """Whether every primary is active; the status alone is yellow before that already."""
    found = client.cluster.health(index=",".join(names), level="indices")["indices"]
    return found.keys() == set(names) and all(
        index["active_primary_shards"] == index["number_of_shards"] for index in found.values()
    )


def _pause(waiting: Waiting, deadline: float, what: str) -> None:
    if waiting.clock.monotonic() > deadline or waiting.clock.wait(waiting.stop, _LOOK_EVERY):
        raise UnavailableError(f"{what}; the cluster goes on with it", hint="look again later: it is not started twice")


def _read(body: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        name=body["snapshot"],
        state=body["state"],
        indices=tuple(sorted(body.get("indices", ()))),
        failed_shards=body.get("shards", {}).get("failed", 0),
        started=str(body.get("start_time", "")),
    )
