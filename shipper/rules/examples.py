"""Up to three documents that show the trouble, newest first. A help, not a fact: none is found where a search fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elasticsearch

from shipper.event import get_field
from shipper.kql import to_dsl
from shipper.rules.notification import Example

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.event import Document
    from shipper.kql import FieldTypes
    from shipper.rules.change import Change
    from shipper.rules.query import CellReader
    from shipper.rules.rule import Rule
    from shipper.rules.verdict import Judge

LIMIT = 3
LONGEST = 400
"""Characters of a message."""
FIELDS = ["@timestamp", "message", "error.message", "error.id", "trace.id", "http.route", "event.duration"]


class ExampleFinder:
    """Searches for examples of a change."""

    def __init__(self, client: Elasticsearch, reader: CellReader, types: FieldTypes) -> None:
        self._client = client
        self._reader = reader
        self._types = types

    def find(self, change: Change, rule: Rule, judge: Judge) -> list[Example]:
        """Examples in the change's window; none where the trouble is absence."""
        evidence = judge.evidence()
        if evidence is None:
            return []
        query = self._reader.query(rule, change.boundary - int(rule.window), change.boundary)
        query["bool"]["filter"] += [{"term": {name: value}} for name, value in change.labels.items()]
        query["bool"]["filter"].append(to_dsl(evidence, self._types))
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
