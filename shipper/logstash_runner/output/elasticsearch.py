"""Output `elasticsearch`: a batch of events becomes operations; what is refused for good becomes dead letters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shipper.logstash_runner.dead_letters import entry
from shipper.logstash_runner.output.bulk import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shipper.clock import Clock
    from shipper.logstash_runner.dead_letters import DeadLetters
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.output.bulk import BulkSender, Rejection
    from shipper.logstash_runner.output.nodes import NodePool

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addressing:
    """How an event becomes an operation.

    Attributes:
        action: `create` or `index`.
        index, document_id: texts made of the event; `document_id` None lets Elasticsearch choose.
        encode: the document as JSON, without its metadata.
        whole: the event as JSON values, its metadata under `@metadata`.
    """

    action: str
    index: Callable[[Event], str]
    document_id: Callable[[Event], str] | None
    encode: Callable[[Event], bytes]
    whole: Callable[[Event], dict[str, Any]]


class ElasticsearchOutput:
    """Writes through a `BulkSender`."""

    def __init__(
        self,
        addressing: Addressing,
        sender: BulkSender,
        pool: NodePool,
        letters: DeadLetters,
        identity: tuple[str, Clock],
    ) -> None:
        """`identity` is the plugin's id and the clock that dates its dead letters."""
        self._addressing = addressing
        self._sender = sender
        self._pool = pool
        self._letters = letters
        self._id, self._clock = identity
        self._heads: dict[str, bytes] = {}

    def receive(self, events: Sequence[Event]) -> None:
        rejections = self._sender.send([self._operation(event) for event in events])
        if rejections:
            self._keep(rejections)

    def close(self) -> None:
        self._pool.close()

    def _operation(self, event: Event) -> Operation:
        to = self._addressing
        head = self._head(to.index(event))
        line = head + (b"}}\n" if to.document_id is None else b',"_id":%b}}\n' % orjson.dumps(to.document_id(event)))
        return Operation(line, to.encode(event) + b"\n", event)

    def _head(self, index: str) -> bytes:
        head = self._heads.get(index)
        if head is None:
            if len(self._heads) > 1000:  # an index name made of a field with many values
                self._heads.clear()
            head = b'{"%b":{"_index":%b' % (self._addressing.action.encode(), orjson.dumps(index))
            self._heads[index] = head
        return head

    def _keep(self, rejections: Sequence[Rejection]) -> None:
        now = self._clock.time()
        _log.warning(
            "Elasticsearch refused %d events for good, the first with %d: %s",
            len(rejections),
            rejections[0].status,
            rejections[0].reason,
        )
        self._letters.write(
            [
                entry(
                    self._addressing.whole(operation.event),
                    ("elasticsearch", self._id),
                    f"Could not index event to Elasticsearch. status: {status}, reason: {reason}",
                    now,
                )
                for operation, status, reason in rejections
            ]
        )
