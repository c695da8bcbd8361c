"""Sends dead letters again; each at least once, and by its id once in an index."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from shipper.agent.output import open_any
from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from shipper.agent.dead_letters.letter import DeadLetter
    from shipper.agent.dead_letters.store import DeadLetters, Place
    from shipper.agent.output.base import Output, Session

_RECORDS, _SIZE = 200, 1 << 20


def replay(
    output: Output,
    store: DeadLetters,
    ids: Collection[str] = (),
    tell: Callable[[int], None] = lambda _letters: None,
) -> tuple[int, int]:
    """Send those of `ids`, or all; (went through, rejected again). What goes through is marked after it was taken.

    `tell` is told how many more were tried.

    Raises:
        UsageError: another command works on them.
        UnavailableError: the output cannot be reached or breaks off.
    """
    with store.changing():
        with _reaching(output):
            session = open_any(output)
        try:
            return _Replay(output, session, store, tell).run(ids)
        finally:
            session.close()
            store.tidy()


@contextlib.contextmanager
def _reaching(output: Output) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"cannot be reached: {error}", where=output.name, hint="what went through is marked; try again"
        ) from error


class _Replay:
    def __init__(self, output: Output, session: Session, store: DeadLetters, tell: Callable[[int], None]) -> None:
        self._output = output
        self._session = session
        self._store = store
        self._tell = tell
        self._portion: list[tuple[Place, DeadLetter]] = []
        self._through: set[str] = set()
        self._rejected: set[str] = set()

    def run(self, ids: Collection[str]) -> tuple[int, int]:
        size = 0
        for place, letter in self._store.waiting():
            if letter is None or (ids and letter.id not in ids):
                continue
            self._portion.append((place, letter))
            size += len(bytes(letter.document))
            if len(self._portion) >= min(_RECORDS, self._output.limits.records) or size >= _SIZE:
                self._send()
                size = 0
        self._send()
        return len(self._through), len(self._rejected)

    def _send(self) -> None:
        """One parcel, each id once: a letter that is there twice is one record."""
        portion, self._portion = self._portion, []
        through, rejected = self._through, self._rejected
        fresh = {each.id: each for _, each in portion if each.id not in through and each.id not in rejected}
        if fresh:
            batches = {name: letter.batch() for name, letter in fresh.items()}
            with _reaching(self._output):
                self._session.send(list(batches.values()))
                while not (settled := self._session.receive(1.0)):
                    pass
            refused = {reject.batch.ids[reject.position] for each in settled for reject in each.rejects}
            self._rejected |= refused
            self._through |= batches.keys() - refused
        self._store.mark([place for place, letter in portion if letter.id in self._through])
        self._tell(len(portion))
