"""The files of earlier versions: one `dead.ndjson`, and `replayed.ndjson` with the ids that went through."""

from __future__ import annotations

import fcntl
import logging
import os
from typing import TYPE_CHECKING

from shipper.agent.dead_letters.letter import read_old_line
from shipper.agent.dead_letters.store import DeadLetters
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shipper.agent.dead_letters.letter import DeadLetter
    from shipper.agent.dead_letters.store import DeadLetterSettings
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.dead_letters")
_PORTION = 1 << 20


def open_store(directory: Path, clock: Clock, settings: DeadLetterSettings) -> DeadLetters:
    """The store of a state directory that the caller has locked, with what an earlier version left there."""
    store = DeadLetters(directory, clock, settings)
    try:
        adopt_old(directory, store, locked=True)
    except OSError as error:
        _LOG.warning("the dead letters of an earlier version stay where they are for now: %s", error.strerror)
    damaged = store.damaged()
    if damaged:
        _LOG.warning("%d dead letters were damaged on disk and cannot be replayed: see %s", damaged, directory / "dead")
    return store


def adopt_old(directory: Path, store: DeadLetters, *, locked: bool = False) -> None:
    """Bring them into the store, each id once; a crash half-way brings some twice, under one id.

    `locked`: the caller holds the state directory's lock.

    Raises:
        UsageError: an agent of the old version still runs.
        OSError: the disk refused; the old files are still whole.
    """
    old, replayed = directory / "dead.ndjson", directory / "replayed.ndjson"
    if not old.exists():
        replayed.unlink(missing_ok=True)
        return
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not locked:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        count = _copy(old, replayed, store)
    except BlockingIOError:
        raise UsageError(
            "the agent that runs is of an older version", where=str(directory), hint="restart it first"
        ) from None
    finally:
        os.close(descriptor)
    old.unlink()
    replayed.unlink(missing_ok=True)
    _LOG.info("%d dead letters of an older version were taken over", count)


def _copy(old: Path, replayed: Path, store: DeadLetters) -> int:
    done = set(replayed.read_text("utf-8").split("\n")) if replayed.exists() else set()
    count = size = 0
    portion: list[DeadLetter] = []
    for letter in _letters(old):
        if letter.id in done:
            continue
        done.add(letter.id)
        count += 1
        portion.append(letter)
        size += len(bytes(letter.document))
        if size >= _PORTION:
            store.append(portion, bounded=False)
            portion, size = [], 0
    if portion:
        store.append(portion, bounded=False)
    store.close()
    return count


def _letters(path: Path) -> Iterator[DeadLetter]:
    with path.open("rb") as file:
        for line in file:
            letter = read_old_line(line) if line.endswith(b"\n") else None
            if letter is not None:
                yield letter
