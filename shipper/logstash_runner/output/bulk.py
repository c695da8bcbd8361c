"""Deliver operations through `_bulk` until each is stored or refused for good.

| answer | what happens |
|---|---|
| 200, 201, 409 | delivered (409: the id is there already) |
| 400, 404 of an item | rejection, for the dead letter queue |
| 401, 403, 429, 5xx of an item | only those items again, for ever, with growing and jittered pauses |
| 401, 403, 429, 5xx of the request, no connection | the whole request again, likewise |
| 400, 413 of the request | halves; a single operation is a rejection |
"""

from __future__ import annotations

import gzip
import logging
import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from shipper.bulk import Outcome, read_answer
from shipper.errors import UndeliveredError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from shipper.bulk import Answer
    from shipper.clock import Clock

_log = logging.getLogger(__name__)


class StoppedError(UndeliveredError):
    """The runner ends while events are not delivered; their senders keep them."""


class Operation(NamedTuple):
    """One action of a `_bulk` body, each part with its newline, and the event it came from."""

    action: bytes
    document: bytes
    event: Any

    @property
    def size(self) -> int:
        """Bytes in the body."""
        return len(self.action) + len(self.document)


class Rejection(NamedTuple):
    """An operation that Elasticsearch will never take as it is."""

    operation: Operation
    status: int
    reason: str


class Transport(Protocol):
    """Carries one `_bulk` body to some node."""

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return (HTTP status, answer); raise `OSError` where there is no answer."""


@dataclass(frozen=True, slots=True)
class BulkPolicy:
    """Sizes in bytes, intervals in seconds; `compression` is a gzip level, 0 sends plain."""

    body_bytes: int = 8 * 1024 * 1024
    retry_initial: float = 2.0
    retry_max: float = 64.0
    compression: int = 1


@dataclass(slots=True)
class BulkCounts:
    """What became of the operations."""

    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    retried: int = 0


@dataclass(slots=True)
class _Attempt:
    """`doubted`: the request, of one operation, was refused once; perhaps only because the network garbled it."""

    operations: Sequence[Operation]
    pause: float = 0.0
    doubted: bool = False


@dataclass(slots=True)
class BulkSender:
    """Shared by the workers; keeps no state but counts."""

    transport: Transport
    policy: BulkPolicy
    clock: Clock
    stopping: threading.Event
    counts: BulkCounts = field(default_factory=BulkCounts)
    jitter: Callable[[], float] = random.random

    def send(self, operations: Sequence[Operation]) -> list[Rejection]:
        """Return once every operation is stored or among the rejections.

        Raises:
            StoppedError: `stopping` was set while Elasticsearch did not take them.
        """
        rejections: list[Rejection] = []
        attempts = deque(_Attempt(part) for part in _parts(operations, self.policy.body_bytes))
        while attempts:
            attempts.extendleft(reversed(self._try(attempts.popleft(), rejections)))
        self.counts.rejected += len(rejections)
        return rejections

    def _try(self, attempt: _Attempt, rejections: list[Rejection]) -> list[_Attempt]:
        """One request; what is to be sent after it."""
        self._pause(attempt.pause)
        answer = self._post(attempt.operations)
        if isinstance(answer, str) or answer.whole is Outcome.RETRY:
            return [self._again(attempt, attempt.operations, answer if isinstance(answer, str) else _told(answer))]
        if answer.whole is Outcome.SPLIT:
            if answer.needs_second_opinion(len(attempt.operations)) and not attempt.doubted:
                return [_Attempt(attempt.operations, doubted=True)]
            return self._split(attempt.operations, answer, rejections)
        again = self._judge(attempt.operations, answer, rejections)
        if not again:
            return []
        return [self._again(attempt, again, f"{len(again)} items were put off")]

    def _post(self, operations: Sequence[Operation]) -> Answer | str:
        body = b"".join([part for operation in operations for part in operation[:2]])
        headers = {"Content-Type": "application/x-ndjson"}
        if self.policy.compression:
            body = gzip.compress(body, self.policy.compression, mtime=0)
            headers["Content-Encoding"] = "gzip"
        try:
            status, answer = self.transport.post(body, headers)
        except OSError as error:
            return str(error)
        return read_answer(status, answer, len(operations))

    def _split(self, operations: Sequence[Operation], answer: Answer, rejections: list[Rejection]) -> list[_Attempt]:
        if len(operations) == 1:
            rejections.append(Rejection(operations[0], answer.status, answer.reason or "the request was refused"))
            return []
        middle = len(operations) // 2
        return [_Attempt(operations[:middle]), _Attempt(operations[middle:])]

    def _judge(self, operations: Sequence[Operation], answer: Answer, rejections: list[Rejection]) -> list[Operation]:
        """Sort the items of an answer; those to send again."""
        again: list[Operation] = []
        self.counts.stored += len(operations) - len(answer.failures)
        for failure in answer.failures:
            operation = operations[failure.position]
            if failure.outcome is Outcome.DUPLICATE:
                self.counts.duplicates += 1
            elif failure.outcome is Outcome.RETRY:
                again.append(operation)
            else:
                rejections.append(Rejection(operation, failure.status, f"{failure.kind}: {failure.reason}"))
        return again

    def _again(self, attempt: _Attempt, operations: Sequence[Operation], reason: str) -> _Attempt:
        self.counts.retried += len(operations)
        pause = min(self.policy.retry_max, attempt.pause * 2 or self.policy.retry_initial)
        _log.warning("Elasticsearch did not take %d events, again in %.1f s: %s", len(operations), pause, reason)
        return _Attempt(operations, pause)

    def _pause(self, seconds: float) -> None:
        if seconds and self.clock.wait(self.stopping, seconds * (0.5 + self.jitter() / 2)):
            raise StoppedError("stopped while Elasticsearch did not take events", hint="their senders will resend them")


def _told(answer: Answer) -> str:
    return f"HTTP {answer.status} {answer.reason}"


def _parts(operations: Sequence[Operation], limit: int) -> Iterator[Sequence[Operation]]:
    """Runs of operations of at most `limit` bytes each (or one larger operation)."""
    begin = size = 0
    for position, operation in enumerate(operations):
        length = len(operation.action) + len(operation.document)
        if size and size + length > limit:
            yield operations[begin:position]
            begin, size = position, 0
        size += length
    if begin < len(operations):
        yield operations[begin:]
