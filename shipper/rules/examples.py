"""What shows the trouble: three documents, newest (or longest) first, and what the troubled ones have in common.

A help, not a fact: nothing is found where a search fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elasticsearch
import msgspec

from shipper.event import get_field
from shipper.kql import fields, to_dsl
from shipper.rules import links, shares
from shipper.rules.differences import aggregations, differences
from shipper.rules.notification import Example, Findings
from shipper.rules.query_text import parse_query
from shipper.rules.state import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

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
FETCHED = 30
"""Documents of which the examples are chosen: as many different errors as there are."""
SILENT = 7 * 86400
"""Seconds before a silence in which the last document is looked for."""
FIELDS = [
    "@timestamp", "message", "error.type", "error.message", "error.id", "trace.id", "http.route", "event.duration",
    "host.name",
]  # fmt: skip


class ExampleFinder:
    """Searches for what shows a change; `kibana` is the address that links begin with, if there is one."""

    def __init__(self, client: Elasticsearch, reader: CellReader, types: FieldTypes, kibana: str | None = None) -> None:
        self._client = client
        self._reader = reader
        self._types = types
        self._kibana = kibana

    def find(self, change: Change, rule: Rule, judge: Judge, *, search: bool = True) -> Findings:
        """What the change's window shows; nothing but query and link without `search`."""
        if Status.INCOMPLETE in (change.before, change.after):
            return self._told(change, rule, judge, "")
        evidence = judge.evidence(change.facts)
        told = self._told(change, rule, judge, evidence or "")
        if not search or change.after in (Status.RESOLVED, Status.OK):
            return told
        if evidence is None:
            heard = self._newest(rule, self._within(change, rule, SILENT), 1)
            return told if heard is None else msgspec.structs.replace(told, examples=heard, before_silence=True)
        query = self._within(change, rule, judged_seconds(change, rule))
        query["bool"]["filter"].append(to_dsl(parse_query(evidence, rule.name, "evidence"), self._types))
        if judge.weight is not None:
            examples, differs = self._examples(rule, query, judge.weight), self._shares(change, rule, judge.weight)
        else:
            examples, differs = self._examples(rule, query), self._differs(change, rule, query, evidence)
        before = self._before(change, rule, judge) if judge.memory else None
        return msgspec.structs.replace(told, examples=examples, differs=differs, seen_before=before)

    def _before(self, change: Change, rule: Rule, judge: Judge) -> str | None:
        """When the group was last seen before all that the rule looked at and remembers, as far as indices are kept."""
        earlier = self._reader.query(rule, 0, change.boundary - judge.span)
        earlier["bool"]["filter"] += [{"term": {name: value}} for name, value in change.labels.items()]
        found = self._newest(rule, earlier, 1)
        return found[0].timestamp if found else None

    def _told(self, change: Change, rule: Rule, judge: Judge, evidence: str) -> Findings:
        query = links.kql(change, rule, evidence)
        if self._kibana is None:
            return Findings(query=query)
        page = links.discover(self._kibana, change, rule, query, judge.span)
        return Findings(query=query, links={"kibana": page})

    def _within(self, change: Change, rule: Rule, seconds: int) -> dict[str, Any]:
        """The documents of the change's group in the last `seconds` of its window."""
        query = self._reader.query(rule, change.boundary - seconds, change.boundary)
        query["bool"]["filter"] += [{"term": {name: value}} for name, value in change.labels.items()]
        return query

    def _differs(self, change: Change, rule: Rule, troubled: dict[str, Any], evidence: str) -> list[Difference]:
        whole, labels = against(rule, change, evidence)
        seconds = max(judged_seconds(change, rule), BACKGROUND)
        background = self._reader.query(whole, change.boundary - seconds, change.boundary)
        background["bool"]["filter"] += [{"term": {name: value}} for name, value in labels.items()]
        return differences(self._counted(rule, troubled, aggregations(background, rule.group_by)))

    def _shares(self, change: Change, rule: Rule, number: str) -> list[Difference]:
        """Whose part of the sum of `number` grew."""
        now = self._reader.query(rule, *judged_period(change, rule))
        before = self._reader.query(rule, *calm_period(change, rule))
        labels = [{"term": {name: value}} for name, value in change.labels.items()]
        query = {"bool": {"filter": [{"exists": {"field": number}}, *labels, {"bool": {"should": [now, before]}}]}}
        return shares.shares(self._counted(rule, query, shares.aggregations(number, now, rule.group_by)), number)

    def _counted(self, rule: Rule, query: dict[str, Any], aggs: dict[str, Any]) -> Mapping[str, Any]:
        """The answer's aggregations; nothing where they cannot be had, or only of a part of the documents."""
        try:
            answer = self._client.search(
                index=self._reader.pattern(rule),
                query=query,
                size=0,
                aggs=aggs,
                timeout=TIMEOUT,
                track_total_hits=False,
            )
        except (elasticsearch.ApiError, elasticsearch.TransportError):
            return {}
        partial = answer["timed_out"] or answer["_shards"]["failed"]
        return {} if partial else answer.get("aggregations", {})

    def _examples(self, rule: Rule, query: dict[str, Any], number: str | None = None) -> list[Example]:
        """The newest (or those with most of `number`) of each error, then the others, of those that say something."""
        found = [one for one in self._newest(rule, query, FETCHED, number) or () if one.says_something]
        errors = {one.error_id: one for one in reversed(found) if one.error_id}
        chosen = [one for one in found if errors.get(one.error_id or "") is one]
        others = [one for one in found if not any(one is other for other in chosen)]
        return [*chosen, *others][:LIMIT]

    def _newest(self, rule: Rule, query: dict[str, Any], size: int, number: str | None = None) -> list[Example] | None:
        """The newest, or those with most of `number`; None where they cannot be had."""
        by_time = {"@timestamp": {"order": "desc", "unmapped_type": "date"}}
        by_number = [] if number is None else [{number: {"order": "desc", "unmapped_type": "long"}}]
        try:
            answer = self._client.search(
                index=self._reader.pattern(rule),
                query=query,
                size=size,
                sort=[*by_number, by_time],
                source_includes=FIELDS,
                track_total_hits=False,
                timeout=TIMEOUT,
            )
        except (elasticsearch.ApiError, elasticsearch.TransportError):
            return None
        return [example(hit["_source"]) for hit in answer["hits"]["hits"]]


def judged_seconds(change: Change, rule: Rule) -> int:
    """How long the documents lie back that the verdict is about: the window, or the longer one of a burn rate."""
    return int(change.facts.get("long_seconds", rule.window))


def judged_period(change: Change, rule: Rule) -> tuple[int, int]:
    """What the verdict is about, in epoch seconds."""
    return change.boundary - judged_seconds(change, rule), change.boundary


def calm_period(change: Change, rule: Rule) -> tuple[int, int]:
    """The time before the first window of the episode, as long as is compared with."""
    seconds = judged_seconds(change, rule)
    end = min(change.since, change.boundary) - seconds
    return end - max(seconds, BACKGROUND), end


def against(rule: Rule, change: Change, evidence: str) -> tuple[Rule, dict[str, str]]:
    """Rule and labels of the documents that the troubled ones are compared with.

    Where all that the rule counts is trouble (its filter is its evidence) that is what it does not count, too.
    """
    if not evidence or evidence != rule.filter:
        return rule, change.labels
    about = fields(parse_query(rule.filter, rule.name, "filter"))
    labels = {name: value for name, value in change.labels.items() if name not in about}
    return msgspec.structs.replace(rule, filter=""), labels


def example(document: Document) -> Example:
    """The telling fields of a document."""
    message = _text(document, "message") or _text(document, "error.message") or _text(document, "http.route")
    known = message or ""
    error = ": ".join(
        part for name in ("error.type", "error.message") if (part := _text(document, name)) and part not in known
    )
    spent: Any = get_field(document, "event.duration", None)
    return Example(
        timestamp=str(document.get("@timestamp", "")),
        message=None if message is None else message[:LONGEST],
        error_id=_text(document, "error.id"),
        trace_id=_text(document, "trace.id"),
        error=error[:LONGEST] or None,
        host=_text(document, "host.name"),
        duration=int(spent) if isinstance(spent, int | float) and not isinstance(spent, bool) else None,
    )


def _text(document: Document, name: str) -> str | None:
    found: Any = get_field(document, name, None)
    return None if found is None else str(found)
