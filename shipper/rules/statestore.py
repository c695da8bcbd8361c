"""`shipper-rule-state`: one document a rule, with its lease, its state and what is still to be sent.

Every write names the version it read (`if_seq_no`, `if_primary_term`): of two evaluators one wins, the other learns it.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import elasticsearch
import msgspec

from shipper.clock import iso_utc
from shipper.rules.notification import Notification
from shipper.rules.state import RuleState, decode, encode

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.rules.rule import Rule

INDEX = "shipper-rule-state"
_log = logging.getLogger("shipper.rules")
MAPPING = {
    "dynamic": False,
    "properties": {"@timestamp": {"type": "date"}, "rule": {"properties": {"name": {"type": "keyword"}}}},
}


class Entry(msgspec.Struct, kw_only=True):
    """One notification and who still waits for it."""

    notification: Notification
    receivers: list[str]
    attempts: int = 0
    due: float = 0.0
    """Epoch seconds of the next attempt."""
    created: float = 0.0
    batch: str | None = None
    """What is told together has the same; None = it is told alone."""
    wait: float = 0.0
    interval: float = 0.0
    """Seconds the first of a batch waits, and seconds between two messages of it."""
    sealed: bool = False
    """Nothing is added to it any more: its key and text stay."""
    started: bool = False
    """A receiver with a limit may have seen it: it is not merged with others any more."""
    muted: str | None = None
    """What holds it back."""
    fell_back: bool = False
    """The fallback of its receiver was told."""


class _Stored(msgspec.Struct):
    """The document as `save` writes it."""

    state: str
    alerts: str
    outbox: str
    owner: str
    until: float
    told: str = "{}"
    live: str = "{}"


@dataclass(slots=True)
class Held:
    """A rule's document as it was read or written last."""

    rule: str
    state: RuleState
    alerts: list[dict[str, Any]] = field(default_factory=list)
    """Alert documents that are not yet known to be indexed."""
    outbox: list[Entry] = field(default_factory=list)
    told: dict[str, float] = field(default_factory=dict)
    """Receiver and batch -> when it was told last (epoch seconds)."""
    live: dict[str, dict[str, Notification]] = field(default_factory=dict)
    """Receiver that must hear again and again -> subject (see `outbox`) -> what it was told of it."""
    owner: str = ""
    until: float = 0.0
    """Epoch seconds at which the lease ends."""
    version: tuple[int, int] | None = None
    """(`_seq_no`, `_primary_term`); None = not stored yet."""
    damage: str | None = None
    """Why what was stored could not be read, and where it was put; the state is a fresh one."""


class LostLeaseError(Exception):
    """Somebody else wrote the rule's document: what was computed here must not be used."""


class StateStore:
    """Loads and saves; `prefix` goes before the index name."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._index = prefix + INDEX

    def prepare(self) -> None:
        """Create the index if nobody has."""
        try:
            self._client.indices.create(index=self._index, mappings=MAPPING)
        except elasticsearch.BadRequestError as error:
            if "resource_already_exists" not in str(error.body):
                raise

    def load(self, rule: Rule) -> Held:
        """The rule's document, or a fresh one."""
        try:
            found = self._client.get(index=self._index, id=rule.name)
        except elasticsearch.NotFoundError:
            return Held(rule.name, RuleState(shape=list(rule.group_by)))
        version = (found["_seq_no"], found["_primary_term"])
        try:
            stored = msgspec.convert(found["_source"], _Stored)
            return Held(
                rule=rule.name,
                state=decode(stored.state, rule.group_by),
                alerts=msgspec.json.decode(stored.alerts, type=list[dict[str, Any]]),
                outbox=msgspec.json.decode(stored.outbox, type=list[Entry]),
                told=msgspec.json.decode(stored.told, type=dict[str, float]),
                live=msgspec.json.decode(stored.live, type=dict[str, dict[str, Notification]]),
                owner=stored.owner,
                until=stored.until,
                version=version,
            )
        except (msgspec.DecodeError, UnicodeError) as error:
            return self._set_aside(rule, found["_source"], version, error)

    def _set_aside(self, rule: Rule, source: dict[str, Any], version: tuple[int, int], error: Exception) -> Held:
        """A fresh state in place of a document that cannot be read, with its outbox if that can; a copy is kept."""
        copy = f"{rule.name}.damaged-{version[1]}-{version[0]}"
        kept = {"damaged": msgspec.json.encode(source).decode()}
        self._client.index(index=self._index, id=copy, document=kept)
        damage = f"the stored state of {rule.name} cannot be read ({error}); it was set aside as {self._index}/{copy}"
        _log.error("%s; the rule is judged afresh", damage)
        fresh = Held(rule.name, RuleState(shape=list(rule.group_by)), version=version, damage=damage)
        with contextlib.suppress(msgspec.DecodeError, UnicodeError):
            fresh.outbox = msgspec.json.decode(source.get("outbox") or "[]", type=list[Entry])
        return fresh

    def save(self, held: Held, now: float) -> None:
        """Write it back over the version it was read from; `held.version` moves on.

        Raises:
            LostLeaseError: it was changed by another evaluator meanwhile.
        """
        document = {
            "@timestamp": iso_utc(now),
            "rule": {"name": held.rule},
            "owner": held.owner,
            "until": held.until,
            "state": encode(held.state),
            "alerts": msgspec.json.encode(held.alerts).decode(),
            "outbox": msgspec.json.encode(held.outbox).decode(),
            "told": msgspec.json.encode(held.told).decode(),
            "live": msgspec.json.encode(held.live).decode(),
        }
        expected: dict[str, Any] = {"op_type": "create"}
        if held.version is not None:
            expected = {"if_seq_no": held.version[0], "if_primary_term": held.version[1]}
        try:
            answer = self._client.index(index=self._index, id=held.rule, document=document, **expected)
        except elasticsearch.ConflictError as error:
            raise LostLeaseError(held.rule) from error
        held.version = (answer["_seq_no"], answer["_primary_term"])
