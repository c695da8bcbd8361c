"""Elasticsearch -> cells: composite aggregations over groups and time, every page, with what was missing said aloud."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import elasticsearch

from shipper.elastic.client import answer_reason
from shipper.kql import to_dsl
from shipper.kql.values import keyword_value
from shipper.rules.cell import Cell, Group
from shipper.rules.fields import HEARTBEAT
from shipper.rules.levels import EVERY_LEVEL, NO_LEVEL, Levels, OutsideError
from shipper.rules.query_text import parse_query
from shipper.rules.watermark import SILENCE, lowest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from elasticsearch import Elasticsearch

    from shipper.kql import FieldTypes
    from shipper.rules.rule import Rule
    from shipper.rules.verdict import Measures

PAGE = 10_000
"""Cells a request; a quarter of it where the cluster finds them too many."""
DURATIONS_PAGE = 1000
"""The same where each cell brings its buckets of durations."""
Marks = dict[int, tuple[int, float]]
"""Start of a slice (epoch seconds) -> its documents and the sum of their sequence numbers."""
MOST_INDICES = 1000
"""Indices with documents in one reach that are told apart."""
KEEP_ALIVE = "1m"
"""Between two pages of one point in time."""


@dataclass(slots=True)
class Reading:
    """What one query gave: cells by (group, start), and why there may be more."""

    cells: dict[tuple[Group, int], Cell] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    marks: Marks = field(default_factory=dict)
    """Of every slice that has documents, where they were asked for."""
    indices: set[str] = field(default_factory=set)
    """Those that have such documents."""
    pages: int = 0
    took_ms: int = 0


class CellReader:
    """Reads the cells of rules; `prefix` goes before every index pattern."""

    def __init__(self, client: Elasticsearch, types: FieldTypes, prefix: str = "") -> None:
        self._client = client
        self._types = types
        self._prefix = prefix
        self._look: int | None = None
        self._fresh: set[str] = set()
        """Patterns that were refreshed in this look."""
        self._long: set[str] = set()
        """Rules whose last answer had several pages."""
        self._keys: dict[str, Any] = {}
        """Rule -> the key of a cell it had: what to go on `after` needs values of the fields' own types."""
        self._levels: dict[str, Levels] = {}
        """Rule -> the levels its durations were seen in."""

    def look(self, now: int) -> None:
        """What is read from here on belongs to the look at `now`: each pattern is refreshed once for all its rules."""
        if self._look != now:
            self._look = now
            self._fresh.clear()

    def pattern(self, rule: Rule) -> str:
        """The indices of a rule."""
        return ",".join(self._prefix + part.strip() for part in rule.index.split(","))

    def query(self, rule: Rule, start: int, end: int) -> dict[str, Any]:
        """The documents of a rule in [start, end) epoch seconds.

        Raises:
            KqlError: the filter does not suit the fields' types.
        """
        between = {"range": {"@timestamp": {"gte": start * 1000, "lt": end * 1000, "format": "epoch_millis"}}}
        return {"bool": {"filter": [to_dsl(parse_query(rule.filter, rule.name, "filter"), self._types), between]}}

    def aggregation(self, rule: Rule, measures: Measures, levels: Levels = EVERY_LEVEL) -> dict[str, Any]:
        """The aggregation whose buckets are cells; of durations those in `levels`."""
        sources: list[dict[str, Any]] = [
            {"t": {"date_histogram": {"field": "@timestamp", "fixed_interval": f"{rule.step}s"}}},
            *({f"g{number}": {"terms": {"field": name}}} for number, name in enumerate(rule.group_by)),
        ]
        if measures.distinct is not None:
            sources.append({"d": {"terms": {"field": measures.distinct, "missing_bucket": True}}})
        return {"composite": {"sources": sources}, "aggs": self._sums(measures, levels)}

    def request(self, rule: Rule, measures: Measures, start: int, end: int) -> dict[str, Any]:
        """The search for the cells of [start, end), as any client may send it: `method`, `path` and `body`."""
        cells = _sized(self.aggregation(rule, measures), DURATIONS_PAGE if measures.durations else PAGE)
        body = {"size": 0, "track_total_hits": False, "query": self.query(rule, start, end), "aggs": {"cells": cells}}
        return {"method": "POST", "path": f"/{quote(self.pattern(rule), safe=',*')}/_search", "body": body}

    def read(
        self, rule: Rule, measures: Measures, start: int, end: int, *, since: int | None = None, marked: bool = False
    ) -> Reading:
        """All cells of a rule in [start, end); what Elasticsearch could not answer stands in `problems`.

        With `since` only those that begin then or later; `marked`: the marks of all slices besides.
        """
        first, levels = start if since is None else since, self._levels.get(rule.name, EVERY_LEVEL)
        try:
            reading = self._read(rule, measures, (start, first, end), levels, marked=marked)
        except OutsideError:
            levels = EVERY_LEVEL
            reading = self._read(rule, measures, (start, first, end), levels, marked=marked)
        if measures.durations and reading.cells:
            seen = NO_LEVEL if levels == EVERY_LEVEL else levels
            self._levels[rule.name] = seen.including({key for cell in reading.cells.values() for key in cell.buckets})
        return reading

    def _read(
        self, rule: Rule, measures: Measures, times: tuple[int, int, int], levels: Levels, *, marked: bool
    ) -> Reading:
        """Raises OutsideError where there are durations outside of `levels`."""
        reading, (start, first, end) = Reading(), times
        try:
            self._refresh(self.pattern(rule))
            page = DURATIONS_PAGE if measures.durations else PAGE
            query, cells = self.query(rule, start if marked else first, end), self.aggregation(rule, measures, levels)
            ask = _Ask(self.pattern(rule), query, cells, marks=_marks(rule.step) if marked else {})
            known = self._keys.get(rule.name)
            if marked and first > start and known is not None:
                ask.after = {**known, "t": (first - rule.step) * 1000}
            for bucket in self._buckets(rule.name, ask, reading, page):
                key = self._keys[rule.name] = bucket["key"]
                if key["t"] < first * 1000:
                    continue
                group = tuple(keyword_value(key[f"g{number}"]) for number in range(len(rule.group_by)))
                _take(reading.cells, (group, key["t"] // 1000), _cell(bucket, measures, levels))
        except elasticsearch.ApiError as error:
            reading.problems.append(f"{error.status_code}: {_reason(error)}")
        except elasticsearch.TransportError as error:
            reading.problems.append(f"Elasticsearch cannot be reached: {error.message}")
        return reading

    def identities(self, indices: Collection[str]) -> dict[str, str]:
        """Index -> what tells it from others that had or will have its name, where it is there and open.

        Raises:
            elasticsearch.ApiError, elasticsearch.TransportError: it cannot be known now.
        """
        found: dict[str, str] = {}
        for name in indices:  # each for itself: one that is gone fails the whole request
            if ":" in name:  # another cluster's
                found[name] = ""
                continue
            try:
                if name in self._client.field_caps(index=name, fields="_id")["indices"]:
                    settings = self._client.indices.get_settings(index=name, name="index.uuid", flat_settings=True)
                    found[name] = settings[name]["settings"]["index.uuid"]
            except (elasticsearch.NotFoundError, elasticsearch.BadRequestError):
                continue
            except elasticsearch.AuthorizationException:
                found[name] = ""
        return found

    def watermark(self, now: int) -> int | None:
        """Before which second everything is indexed, say the agents that are alive; None where none is."""
        pattern = f"{self._prefix}shipper-metrics-*"
        beats = [
            {"term": {"event.dataset": HEARTBEAT}},
            {"range": {"@timestamp": {"gte": (now - SILENCE) * 1000, "format": "epoch_millis"}}},
        ]
        query: dict[str, Any] = {"bool": {"filter": beats, "must_not": [{"exists": {"field": "shipper.source.id"}}]}}
        aggregation = {
            "composite": {"sources": [{"agent": {"terms": {"field": "agent.id", "missing_bucket": True}}}]},
            "aggs": {
                "beat": {"max": {"field": "@timestamp"}},
                "mark": {"max": {"field": "shipper.watermark"}},
            },
        }
        self._refresh(pattern)
        buckets = self._buckets("", _Ask(pattern, query, aggregation), Reading(), PAGE)
        agents = [(bucket["beat"]["value"], bucket["mark"]["value"]) for bucket in buckets]
        self._fresh.clear()  # what they promise is found only by a refresh that comes after
        return lowest([(int(beat), int(mark)) for beat, mark in agents if beat is not None and mark is not None], now)

    def _refresh(self, pattern: str) -> None:
        """Make visible what was acknowledged, once a look: the watermark promises no more than that."""
        if self._look is None or pattern not in self._fresh:
            self._client.indices.refresh(index=pattern, ignore_unavailable=True)
            self._fresh.add(pattern)

    def _buckets(self, name: str, ask: _Ask, reading: Reading, size: int) -> Iterator[Any]:
        """Every bucket, all of one point in time: what fits one page is one search, and needs no more."""
        if name not in self._long:
            answer, size = self._page({"index": ask.pattern}, ask, size, ask.marks, ask.after)
            found = _found(answer)
            if len(found["buckets"]) < size:
                _note(answer, reading)
                yield from found["buckets"]
                return
            self._long.add(name)
        pages = 0
        for buckets in self._pages(ask, reading, size):
            pages += 1
            yield from buckets
        if pages < 2:
            self._long.discard(name)

    def _pages(self, ask: _Ask, reading: Reading, size: int) -> Iterator[list[Any]]:
        pit = self._client.open_point_in_time(index=ask.pattern, keep_alive=KEEP_ALIVE)["id"]
        try:
            after, marks = ask.after, ask.marks
            while True:
                target = {"pit": {"id": pit, "keep_alive": KEEP_ALIVE}}
                answer, size = self._page(target, ask, size, marks, after)
                _note(answer, reading)
                found = _found(answer)
                yield found["buckets"]
                if found.get("after_key") is None or len(found["buckets"]) < size:
                    return
                after, marks = found["after_key"], {}
        finally:
            self._client.close_point_in_time(id=pit)

    def _page(
        self,
        target: Mapping[str, Any],
        ask: _Ask,
        size: int,
        marks: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> tuple[Any, int]:
        """One page and the page size that worked."""
        while True:
            aggs = {"cells": _sized(ask.cells, size, after), **marks}
            try:
                return self._client.search(**target, size=0, query=ask.query, aggs=aggs, track_total_hits=False), size
            except elasticsearch.ApiError as error:
                if "too_many_buckets" not in str(error.body) or size == 1:
                    raise
                size = max(1, size // 4)

    def _sums(self, measures: Measures, levels: Levels) -> dict[str, Any]:
        aggs: dict[str, Any] = {
            f"hits_{name}": {"filter": to_dsl(node, self._types)} for name, node in measures.filters.items()
        }
        if measures.number is not None:
            aggs["number"] = {"stats": {"field": measures.number}}
        if measures.number is not None and measures.durations:
            aggs |= levels.aggregations(measures.number)
        return aggs


@dataclass(slots=True)
class _Ask:
    """What is searched: the documents, what is made of them, and where to go on."""

    pattern: str
    query: dict[str, Any]
    cells: dict[str, Any]
    marks: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def _sized(cells: Mapping[str, Any], size: int, after: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The aggregation with so many cells, those after a key."""
    paged = {"size": size, "after": after} if after else {"size": size}
    return {**cells, "composite": {**cells["composite"], **paged}}


def _marks(step: int) -> dict[str, Any]:
    """What changes with any document of a slice."""
    slices = {"field": "@timestamp", "fixed_interval": f"{step}s", "min_doc_count": 1}
    return {
        "marks": {"date_histogram": slices, "aggs": {"sum": {"sum": {"field": "_seq_no"}}}},
        "indices": {"terms": {"field": "_index", "size": MOST_INDICES}},
    }


def _cell(bucket: Mapping[str, Any], measures: Measures, levels: Levels) -> Cell:
    cell = Cell(count=bucket["doc_count"])
    for name in measures.filters:
        hits = bucket[f"hits_{name}"]["doc_count"]
        if hits:
            cell.hits[name] = hits
    stats = bucket.get("number")
    if stats is not None and stats["count"]:
        cell.values, cell.total, cell.low, cell.high = stats["count"], stats["sum"], stats["min"], stats["max"]
    if measures.durations:
        cell.buckets = levels.buckets(bucket)
    if bucket["key"].get("d") is not None:
        cell.add_term(keyword_value(bucket["key"]["d"]))
    return cell


def _take(cells: dict[tuple[Group, int], Cell], key: tuple[Group, int], cell: Cell) -> None:
    """A cell whose different values are counted comes in one bucket a value."""
    if key in cells:
        cells[key].merge(cell)
    else:
        cells[key] = cell


def _found(answer: Mapping[str, Any]) -> Any:
    """The buckets of a page; none where no index was there to answer."""
    return answer.get("aggregations", {}).get("cells", {"buckets": []})


def _note(answer: Mapping[str, Any], reading: Reading) -> None:
    """Write down what makes this answer less than the truth."""
    shards = answer["_shards"]
    for index in answer.get("aggregations", {}).get("indices", {}).get("buckets", ()):
        reading.indices.add(index["key"])
    for slice_ in answer.get("aggregations", {}).get("marks", {}).get("buckets", ()):
        reading.marks[slice_["key"] // 1000] = slice_["doc_count"], slice_["sum"]["value"]
    reading.pages += 1
    reading.took_ms += answer["took"]
    if shards["total"] == 0:
        reading.problems.append("no index matches the rule's pattern")
    if shards["failed"]:
        reading.problems.append(f"{shards['failed']} of {shards['total']} shards failed")
    if answer["timed_out"]:
        reading.problems.append("the search timed out")


def _reason(error: elasticsearch.ApiError) -> str:
    """Why, as the first shard said it; else the answer's own reason."""
    detail = error.body.get("error") if isinstance(error.body, dict) else None
    causes = detail.get("root_cause") if isinstance(detail, dict) else None
    return str(causes[0]["reason"]) if causes else answer_reason(error)
