"""Who took the time: values whose share of a summed field is far above what it was before, or above their documents'.

Where every document adds to the trouble, as with the work in progress, none is "troubled", and counting them tells
little: one host in three that takes 98 % of the time still has a third of the requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.rules.differences import CANDIDATES, FEWEST, LEAST_APART, LEAST_PERCENT, LIMIT, Difference, clearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PER_SHARD = 50
"""Values of a field that each shard names, so that the largest sums are found though the shards differ."""


def aggregations(number: str, now: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """The values with the largest sums of `number` of each field that is not `known`, and what all have together.

    `now` is the query of the judged time; whatever else is searched was before. One search, at most `LIMIT` values
    of a field.
    """
    total = {"total": {"sum": {"field": number}}}
    sides = {"now": {"filter": now, "aggs": total}, "before": {"filter": {"bool": {"must_not": [now]}}, "aggs": total}}
    values = {
        name: {
            "terms": {"field": name, "size": LIMIT, "shard_size": PER_SHARD, "order": {"now>total": "desc"}},
            "aggs": sides,
        }
        for name in CANDIDATES
        if name not in known
    }
    return {**sides, **values}


def shares(answer: Mapping[str, Any], number: str) -> list[Difference]:
    """The clearest of an answer's `aggregations`: what grew first, then what always takes much for its documents."""
    found = [
        difference
        for name in CANDIDATES
        for bucket in answer.get(name, {"buckets": ()})["buckets"]
        if (difference := _share(name, bucket, answer, number)) is not None
    ]
    found.sort(key=_rank)
    return clearest(found)


def _share(name: str, bucket: Mapping[str, Any], all_: Mapping[str, Any], number: str) -> Difference | None:
    percent = _percent(bucket, all_, "now")
    if percent is None or bucket["now"]["doc_count"] < FEWEST:
        return None
    before = _percent(bucket, all_, "before")
    of_documents = 100 * bucket["now"]["doc_count"] / all_["now"]["doc_count"]
    usual = of_documents if before is None else before
    if percent < LEAST_PERCENT or percent - min(usual, of_documents) < LEAST_APART:
        return None
    rounded = None if before is None else round(before, 1)
    return Difference(
        name, str(bucket["key"]), round(percent, 1), round(usual, 1),
        number=number, percent_before=rounded, percent_of_documents=round(of_documents, 1),
    )  # fmt: skip


def _percent(bucket: Mapping[str, Any], all_: Mapping[str, Any], side: str) -> float | None:
    """Of the sum of that time; None where there was nothing to sum."""
    total = all_[side]["total"]["value"]
    return 100 * bucket[side]["total"]["value"] / total if total > 0 else None


def _rank(one: Difference) -> tuple[bool, float, int, str]:
    grown = one.percent - one.percent_elsewhere
    return grown < LEAST_APART, -grown, CANDIDATES.index(one.field), one.value
