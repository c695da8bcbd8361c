"""`shipper-rule-state-mutes`: silences and acknowledgements, one document each, beside the state of the rules."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import elasticsearch
import msgspec

from shipper.clock import iso_utc
from shipper.errors import UsageError
from shipper.rules.routing.matcher import Matcher, all_match, labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.rules.notification import Notification
    from shipper.rules.routing.maintenance import MaintenanceSettings

T = TypeVar("T", bound=msgspec.Struct)

_log = logging.getLogger("shipper.rules")
INDEX = "shipper-rule-state-mutes"
KNOWN_FOR = 5
"""Seconds for which an evaluator that only holds things back believes what it read."""
MOST = 10_000
"""Mutes that are read at most; what has ended is deleted after KEPT, so nobody comes near."""
KEPT = 30 * 86400
"""Seconds for which a silence that has ended is still listed."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that match are held back in [start, end), epoch seconds."""

    id: str
    matchers: tuple[Matcher, ...]
    start: float
    end: float
    author: str
    comment: str

    def holds(self, told: Notification, now: float) -> bool:
        """Is `told` held back at `now`?"""
        return self.start <= now < self.end and all_match(self.matchers, labels_of(told))


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody works on an episode: no reminders until it resolves."""

    episode: str
    rule: str
    at: float
    author: str
    comment: str


class MuteStore:
    """Reads and writes them; `prefix` goes before the index name."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._index = prefix + INDEX

    def silences(self) -> list[Silence]:
        """All that are kept, oldest first."""
        return self.read()[0]

    def acks(self) -> list[Ack]:
        """All episodes that somebody works on."""
        return self.read()[1]

    def read(self) -> tuple[list[Silence], list[Ack]]:
        """All that are kept, by one search; silences oldest first."""
        try:  # not `ignore_unavailable`: that takes an index one may not read for none at all
            hits = self._client.search(index=self._index, size=MOST)["hits"]["hits"]
        except elasticsearch.NotFoundError:
            return [], []
        silences = self._documents(hits, "silence:", Silence)
        return sorted(silences, key=lambda silence: (silence.start, silence.id)), self._documents(hits, "ack:", Ack)

    def add(self, matchers: Sequence[Matcher], span: tuple[float, float], author: str, comment: str) -> Silence:
        """Store a silence for [start, end), epoch seconds.

        Raises:
            UsageError: it would hold back everything, or ends before it begins.
        """
        if not matchers:
            raise UsageError("a silence needs a matcher", hint="for everything say `rule=*`")
        if span[1] <= span[0]:
            raise UsageError("the silence ends before it begins", hint="give --until a later time than --from")
        silence = Silence(
            id=secrets.token_hex(4), matchers=tuple(matchers), start=span[0], end=span[1], author=author,
            comment=comment,
        )  # fmt: skip
        self._client.create(index=self._index, id=f"silence:{silence.id}", document=_body(silence), refresh=True)
        return silence

    def expire(self, name: str, now: float) -> Silence:
        """End a silence at `now`, over the version that was read.

        Raises:
            UsageError: there is none, it has ended, or somebody else changed it meanwhile.
        """
        hint = "`shipper rules silence list` shows them"
        try:
            found = self._client.get(index=self._index, id=f"silence:{name}")
        except elasticsearch.NotFoundError as error:
            raise UsageError(f"there is no silence `{name}`", hint=hint) from error
        silence = msgspec.json.decode(found["_source"]["body"], type=Silence)
        if silence.end <= now:
            raise UsageError(f"the silence `{name}` ended at {iso_utc(silence.end)}", hint=hint)
        ended = msgspec.structs.replace(silence, end=now)
        try:
            self._client.index(
                index=self._index, id=f"silence:{name}", document=_body(ended), refresh=True,
                if_seq_no=found["_seq_no"], if_primary_term=found["_primary_term"],
            )  # fmt: skip
        except elasticsearch.ConflictError as error:
            raise UsageError(f"somebody else changed the silence `{name}` just now", hint=hint) from error
        return ended

    def acknowledge(self, ack: Ack) -> bool:
        """Store it; False if the episode is acknowledged already."""
        try:
            self._client.create(index=self._index, id=f"ack:{ack.episode}", document=_body(ack), refresh=True)
        except elasticsearch.ConflictError:
            return False
        return True

    def forget(self, documents: Sequence[str]) -> None:
        """Delete documents by id (`ack:<episode>`, `silence:<id>`), if they are there."""
        for name in documents:
            self._client.options(ignore_status=404).delete(index=self._index, id=name)

    def _documents(self, hits: Sequence[Any], kind: str, model: type[T]) -> list[T]:
        """What can be read; a document that cannot be holds nothing back and is named in the log."""
        found: list[T] = []
        for hit in hits:
            if hit["_id"].startswith(kind):
                try:
                    found.append(msgspec.json.decode(hit["_source"].get("body", ""), type=model))
                except (msgspec.DecodeError, TypeError) as error:
                    _log.warning("%s/%s cannot be read and is ignored: %s", self._index, hit["_id"], error)
        return found


class MuteSource(Protocol):
    """Where `Mutes` reads."""

    def read(self) -> tuple[list[Silence], list[Ack]]:
        """All that are kept."""

    def forget(self, documents: Sequence[str]) -> None:
        """Delete by id."""


class Mutes:
    """Why something is not told now: silences, acknowledgements and maintenance windows together."""

    def __init__(self, store: MuteSource, windows: Sequence[MaintenanceSettings], clock: Clock) -> None:
        self._store = store
        self._windows = [(window.matchers(), window) for window in windows]
        self._clock = clock
        self._read_at: float | None = None
        self._silences: list[Silence] = []
        self._acked: frozenset[str] = frozenset()

    def refresh(self, *, known_for: float = 0) -> None:
        """Read again what was read `known_for` or more seconds ago; drop what is long over."""
        now = self._clock.monotonic()
        if self._read_at is not None and now < self._read_at + known_for:
            return
        (silences, acks), old = self._store.read(), self._clock.time() - KEPT
        self._silences = [silence for silence in silences if silence.end > old]
        self._store.forget([f"silence:{silence.id}" for silence in silences if silence.end <= old])
        self._acked = frozenset(ack.episode for ack in acks)
        self._read_at = now

    def reason(self, told: Notification) -> str | None:
        """What holds it back now; None = nothing."""
        now = self._clock.time()
        for silence in self._silences:
            if silence.holds(told, now):
                return f"silence {silence.id} of {silence.author}: {silence.comment}"
        labels = labels_of(told)
        for matchers, window in self._windows:
            if window.open_at(now) and all_match(matchers, labels):
                return f"maintenance window {window.name}"
        return None

    def acknowledged(self, episode: str) -> bool:
        """Does somebody work on it?"""
        return episode in self._acked

    def resolved(self, episode: str) -> None:
        """The episode is over, and so is its acknowledgement."""
        if episode in self._acked:
            self._store.forget([f"ack:{episode}"])
            self._acked -= {episode}


def _body(document: Silence | Ack) -> dict[str, Any]:
    return {"body": msgspec.json.encode(document).decode()}
