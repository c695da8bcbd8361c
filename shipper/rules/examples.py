"""What shows the trouble: three documents, newest first, and what the troubled ones have in common.

A help, not a fact: nothing is found where a search fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elasticsearch

from shipper.event import get_field
from shipper.kql import to_dsl
from shipper.rules import links
from shipper.rules.differences import aggregations, differences
from shipper.rules.notification import Example, Findings
from shipper.rules.state import Status

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.event import Document
    from shipper.kql import FieldTypes
    from shipper.rules.change import Change
    from shipper.rules.differences import Difference
    from shipper.rules.query import CellReader
    from shipper.rules.rule import Rule
    from shipper.rules.verdict import Judge

LIMIT = 3
LONGEST = 400
"""Characters of a message."""
BACKGROUND = 3600
"""Seconds before the window's end that hold the documents the troubled ones are compared with, at least."""
TIMEOUT = "5s"
"""A notification does not wait longer for what differs."""
FIELDS = ["@timestamp", "message", "error.message", "error.id", "trace.id", "http.route", "event.duration"]


class ExampleFinder:
    """Searches for what shows a change; `kibana` is the address that links begin with, if there is one."""

    def __init__(self, client: Elasticsearch, reader: CellReader, types: FieldTypes, kibana: str | None = None) -> None:
        self._client = client
        self._reader = reader
        self._types = types
        self._kibana = kibana

    def find(self, change: Change, rule: Rule, judge: Judge, *, search: bool = True) -> Findings:
        """What the change's window shows; nothing but links without `search`, or where the trouble is absence."""
        seen = {} if self._kibana is None else {"kibana": links.discover(self._kibana, change, rule)}
        evidence = judge.evidence()
        if not search or evidence is None or Status.INCOMPLETE in (change.before, change.after):
            return Findings(links=seen)
        query = self._within(change, rule, int(rule.window))
        query["bool"]["filter"].append(to_dsl(evidence, self._types))
        troubled = change.after not in (Status.RESOLVED, Status.OK)
        differs = self._differs(change, rule, query) if troubled else []
        return Findings(examples=self._examples(rule, query), differs=differs, links=seen)

    def _within(self, change: Change, rule: Rule, seconds: int) -> dict[str, Any]:
        """The documents of the change's group in the last `seconds` of its window."""
        query = self._reader.query(rule, change.boundary - seconds, change.boundary)
        query["bool"]["filter"] += [{"term": {name: value}} for name, value in change.labels.items()]
        return query

    def _differs(self, change: Change, rule: Rule, troubled: dict[str, Any]) -> list[Difference]:
        background = self._within(change, rule, max(int(rule.window), BACKGROUND))
        try:
            answer = self._client.search(
                index=self._reader.pattern(rule),
                query=troubled,
                size=0,
                aggs=aggregations(background, rule.group_by),
                timeout=TIMEOUT,
                track_total_hits=False,
            )
        except (elasticsearch.ApiError, elasticsearch.TransportError):
            return []
        return differences(answer["aggregations"])

    def _examples(self, rule: Rule, query: dict[str, Any]) -> list[Example]:
        try:
            answer = self._client.search(
                index=self._reader.pattern(rule),
                query=query,
                size=LIMIT,
                sort=[{"@timestamp": {"order": "desc", "unmapped_type": "date"}}],
                source_includes=FIELDS,
                track_total_hits=False,
            )
        except (elasticsearch.ApiError, elasticsearch.TransportError):
            return []
        return [example(hit["_source"]) for hit in answer["hits"]["hits"]]


def example(document: Document) -> Example:
    """The telling fields of a document."""
    message = _text(document, "message") or _text(document, "error.message") or _text(document, "http.route")
    return Example(
        timestamp=str(document.get("@timestamp", "")),
        message=None if message is None else message[:LONGEST],
        error_id=_text(document, "error.id"),
        trace_id=_text(document, "trace.id"),
    )


def _text(document: Document, name: str) -> str | None:
    found: Any = get_field(document, name, None)
    return None if found is None else str(found)
