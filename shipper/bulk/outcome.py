"""What a `_bulk` answer means for each item.

| answer | item | whole request |
|---|---|---|
| 200, 201 | ok | read the items |
| 409 | duplicate: a `create` of an id that is there already, so it is delivered | retry |
| 400 and the rest of 4xx | reject (dead letter) | split: some record breaks the body; one alone: asked twice |
| 413 | split | split: halve it; one record alone is rejected |
| 401, 403, 404 of the request, 408, 429, 5xx | retry | retry |

Retried for ever although they are 4xx, because the record is not to blame: 403 (a write block at flood stage, a
missing role), 401, a closed index, a full shard limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import msgspec

BULK_PATH = "/_bulk?filter_path=errors,items.*.error.type,items.*.error.reason,items.*.error.caused_by,items.*.status"
"""Path and query that keep the answer short."""


class Outcome(Enum):
    """What to do about an item or a request."""

    OK = "ok"
    DUPLICATE = "duplicate"
    RETRY = "retry"
    REJECT = "reject"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Failure:
    """One item that was not simply stored.

    Attributes:
        position: 0-based place in the request.
        reason: the server's words, at most 500 characters.
    """

    position: int
    outcome: Outcome
    status: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The meaning of one HTTP answer.

    Attributes:
        whole: OK when the items were processed (then `failures` lists the exceptions, duplicates too), else RETRY or
            SPLIT for the whole request.
        reason: for a request that failed as a whole.
    """

    whole: Outcome
    status: int = 200
    reason: str = ""
    failures: list[Failure] = field(default_factory=list)

    def needs_second_opinion(self, count: int) -> bool:
        """Whether a request of `count` items is to be sent once more before its one record is blamed.

        A network that garbled the request is answered alike; it gives no second try of that record the blame. Use a
        new connection where the old one may be at fault.
        """
        return count == 1 and self.whole is Outcome.SPLIT and self.status != 413


class _Error(msgspec.Struct):
    type: str = ""
    reason: str | None = None
    caused_by: dict[str, object] | None = None


class _Item(msgspec.Struct):
    status: int = 0
    error: _Error | None = None


class _Head(msgspec.Struct):
    errors: bool


class _Body(msgspec.Struct):
    items: list[dict[str, _Item]] = []


_HEAD = msgspec.json.Decoder(_Head)
"""Passes over the items, which say nothing where there are no errors and as many of them as were sent."""
_STATUS = b'"status":'
"""Once in each item; inside of a text its quotes are escaped."""
_BODY = msgspec.json.Decoder(_Body)
_TRANSIENT_400 = {"index_closed_exception", "process_cluster_event_timeout_exception"}


def classify_item(status: int, kind: str = "", reason: str = "") -> Outcome:
    """The outcome of one item by its status and error type."""
    if status in (200, 201):
        return Outcome.OK
    if status == 409:
        return Outcome.DUPLICATE
    if status == 413:
        return Outcome.SPLIT
    if status in (401, 403, 408, 429) or status >= 500 or status < 200:
        return Outcome.RETRY
    if kind in _TRANSIENT_400 or (kind == "validation_exception" and "shards" in reason):
        return Outcome.RETRY
    return Outcome.REJECT


def classify_request(status: int) -> Outcome:
    """The outcome of a whole request by its HTTP status."""
    if status in (200, 201):
        return Outcome.OK
    if status in (400, 413):
        return Outcome.SPLIT
    return Outcome.RETRY


def read_answer(status: int, body: bytes, count: int) -> Answer:
    """Read the answer to a request of `count` items.

    A success whose body is damaged or of another length counts as RETRY: ids make the resend harmless.
    """
    whole = classify_request(status)
    if whole is not Outcome.OK:
        return Answer(whole, status, _shorten(body.decode("utf-8", "replace")))
    try:
        if not _HEAD.decode(body).errors and body.count(_STATUS) == count:
            return Answer(Outcome.OK, status)
        answer = _BODY.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:  # nested a hundred thousand deep: junk as well
        return Answer(Outcome.RETRY, status, f"not an answer to _bulk: {error}")
    if len(answer.items) != count:
        return Answer(Outcome.RETRY, status, f"{len(answer.items)} items answered, {count} sent")
    return Answer(Outcome.OK, status, failures=list(_failures(answer.items)))


def _failures(items: list[dict[str, _Item]]) -> list[Failure]:
    found = []
    for position, entry in enumerate(items):
        item = next(iter(entry.values()), _Item())
        if item.error is None and item.status in (200, 201):
            continue
        kind = item.error.type if item.error else ""
        reason = _reason(item.error)
        outcome = classify_item(item.status, kind, reason)
        if outcome is not Outcome.OK:
            found.append(Failure(position, outcome, item.status, kind, reason))
    return found


def _reason(error: _Error | None) -> str:
    if error is None:
        return ""
    text = error.reason or error.type
    cause = error.caused_by.get("reason") if error.caused_by else None
    return _shorten(f"{text}: {cause}" if isinstance(cause, str) else text)


def _shorten(text: str) -> str:
    return text if len(text) <= 500 else text[:499] + "…"
