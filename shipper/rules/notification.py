"""What a receiver is told: what is wrong, how much, since when, whose it is and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from shipper.clock import iso_utc
from shipper.event import Document, get_field, set_field
from shipper.rules import words
from shipper.rules.change import Change, Kind
from shipper.rules.differences import Difference
from shipper.rules.links import kql, runbook

if TYPE_CHECKING:
    from shipper.rules.rule import Rule


LONGEST_TITLE = 1000
LONGEST_VALUE = 100
"""Characters of a title, and of one value of the group in it."""
_ALIKE = ("rule", "summary", "severity", "owner", "runbook", "at", "since", "text", "reason", "index", "query")


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """One document that shows the trouble, or the last before a silence."""

    timestamp: str
    message: str | None = None
    error_id: str | None = None
    trace_id: str | None = None
    error: str | None = None
    """Type and message, where `message` does not have them."""
    host: str | None = None
    duration: int | None = None
    """`event.duration`, in nanoseconds."""

    @property
    def says_something(self) -> bool:
        """Is there more in it than when and where?"""
        return any(part is not None for part in (self.message, self.error_id, self.trace_id, self.error, self.duration))


class Findings(msgspec.Struct, frozen=True):
    """What a search for the trouble gave."""

    examples: list[Example] = []
    differs: list[Difference] = []
    links: dict[str, str] = {}
    query: str = ""
    before_silence: bool = False
    seen_before: str | None = None


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a receiver needs; the same bytes on every attempt. Times are ISO 8601, UTC."""

    key: str
    """Idempotency key: the same for each attempt to tell the same thing."""
    episode: str
    """The same from firing to resolved."""
    kind: Kind
    rule: str
    summary: str
    severity: str
    owner: str
    runbook: str
    labels: dict[str, str]
    group: dict[str, str]
    at: str
    """When it was seen; of an end that is told late, when it was."""
    since: str
    value: float | None
    text: str
    facts: dict[str, float]
    complete: bool
    correction: bool
    """Documents that came late showed it."""
    stale: bool
    """It is told late: the evaluator was not running, or an agent's lag held the window open."""
    reason: str | None
    index: str
    query: str
    window_seconds: int
    examples: list[Example] = []
    before_silence: bool = False
    """Absence is the trouble: the examples are what was heard last, in the week before; none, where nothing was."""
    seen_before: str | None = None
    """What is new to the rule was there at this time, before all that the rule remembers; None where it was not."""
    differs: list[Difference] = []
    """What the troubled documents have in common that the others have not, the clearest first."""
    links: dict[str, str] = {}
    """Name -> address of a page that shows it."""
    members: list[Notification] = []
    """The notifications that this one tells together; then `group` is what they have in common."""

    @property
    def alerts(self) -> list[Notification]:
        """Its members, or itself where it stands for one alert."""
        return self.members or [self]

    @property
    def title(self) -> str:
        """One line."""
        where = self.where
        return words.line(f"[{self.kind.value}] {self.rule}{' ' if where else ''}{where}: {self.text}", LONGEST_TITLE)

    @property
    def where(self) -> str:
        """The group on one line; empty where there is none."""
        return " ".join(f"{name}={words.line(value, LONGEST_VALUE)}" for name, value in self.group.items())


def shared(told: Notification, known: dict[Any, Any]) -> Notification:
    """The same, with the texts and labels that `known` has already: many alerts of a rule differ in few of them."""
    once: dict[str, Any] = {name: known.setdefault(text, text) for name in _ALIKE if (text := getattr(told, name))}
    for name in ("labels", "facts", "links"):
        value = getattr(told, name)
        once[name] = known.setdefault((name, *sorted(value.items())), value)
    for name in ("examples", "differs", "members"):
        if not getattr(told, name):
            once[name] = known.setdefault((name,), [])
    return msgspec.structs.replace(told, **once)


def notification(change: Change, rule: Rule, found: Findings, runbooks: str | None = None) -> Notification:
    """What to say about a change that has something to `send`; `runbooks` is the address that runbooks begin with."""
    assert change.send is not None
    return Notification(
        key=change.key,
        episode=change.episode,
        kind=change.send,
        rule=rule.name,
        summary=rule.summary,
        severity=rule.severity,
        owner=rule.owner,
        runbook=runbook(rule.runbook, runbooks),
        labels=rule.labels,
        group=change.labels,
        at=iso_utc(change.boundary if change.stale and change.send is Kind.RESOLVED else change.at),
        since=iso_utc(change.since),
        value=change.value,
        text=change.text,
        facts=dict(change.facts),
        complete=change.complete,
        correction=change.correction,
        stale=change.stale,
        reason=change.reason,
        index=rule.index,
        query=found.query or kql(change, rule),
        window_seconds=int(rule.window),
        examples=found.examples,
        before_silence=found.before_silence,
        seen_before=found.seen_before,
        differs=found.differs,
        links=found.links,
    )


def alert_document(change: Change, rule: Rule) -> Document:
    """The change as an ECS document of `shipper-alerts`."""
    alert: dict[str, Any] = {
        "status": change.after.value,
        "previous": change.before.value,
        "episode": change.episode,
        "complete": change.complete,
        "correction": change.correction,
        "stale": change.stale,
        "sent": change.send is not None,
        "since": iso_utc(change.since),
        "severity": rule.severity,
        "group": " ".join(f"{name}={value}" for name, value in change.labels.items()),
    }
    if change.value is not None:
        alert["value"] = change.value
    document: Document = {
        "@timestamp": iso_utc(change.at),
        "message": change.text,
        "event": {
            "kind": "alert",
            "dataset": "shipper.alert",
            "action": change.after.value,
            "id": change.key,
            "start": iso_utc(change.since),
        },
        "rule": {
            "name": rule.name,
            "description": rule.summary,
            "author": [rule.owner],
            "reference": rule.runbook,
        },
        "labels": dict(rule.labels),
        "shipper": {"alert": alert},
    }
    for name, value in change.labels.items():
        ours = name.partition(".")[0] in ("@timestamp", "message", "rule", "labels", "shipper")
        if not ours and get_field(document, name, None) is None:  # `event.id` and its like stay the alert's own
            set_field(document, name, value)
    return document
