"""Durations of a cell as Elasticsearch counts them: one sparse histogram a level, and what lies below and above them.

Most fields use a few of the twelve levels, and each that is asked for costs in every cell of every answer. So a reader
asks for those it has seen; whatever lies outside of them is counted and makes it ask again for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from shipper.rules.cell import CEILING, FLOOR, LEVELS, bucket_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class OutsideError(Exception):
    """A duration lies in a level that was not asked for."""


class Levels(NamedTuple):
    """Those from `first` to `last` (numbers of LEVELS), both among them."""

    first: int
    last: int

    def including(self, buckets: Iterable[int]) -> Levels:
        """These and the levels of some buckets of durations."""
        first, last = self
        for bucket in buckets:
            level = min(max((bucket.bit_length() - 11) // 3, 0), len(LEVELS) - 1)
            first, last = min(first, level), max(last, level)
        return Levels(first, last)

    def aggregations(self, field: str) -> dict[str, Any]:
        """What to ask in each cell."""

        def between(**bounds: int) -> dict[str, Any]:
            return {"filter": {"range": {field: bounds}}}

        aggs: dict[str, Any] = {
            "short": between(lt=LEVELS[self.first][0]),
            "long": between(gte=LEVELS[self.last][1]),
        }
        for number in range(self.first, self.last + 1):
            low, high = LEVELS[number]
            step = bucket_step((low, high))
            bounds = {"min": low, "max": high - step}  # an array may have values of other levels too
            steps = {"field": field, "interval": step, "min_doc_count": 1, "hard_bounds": bounds}
            aggs[f"level_{number}"] = {**between(gte=low, lt=high), "aggs": {"steps": {"histogram": steps}}}
        return aggs

    def buckets(self, answer: Mapping[str, Any]) -> dict[int, int]:
        """The buckets of durations of a cell.

        Raises:
            OutsideError: one lies in a level that was not asked for.
        """
        short, long = answer["short"]["doc_count"], answer["long"]["doc_count"]
        if (short and LEVELS[self.first][0] > FLOOR) or (long and LEVELS[self.last][1] < CEILING):
            raise OutsideError
        found = {0: short} if short else {}
        for number in range(self.first, self.last + 1):
            for step in answer[f"level_{number}"]["steps"]["buckets"]:
                found[int(step["key"])] = step["doc_count"]
        if long:
            found[CEILING] = long
        return found


EVERY_LEVEL = Levels(0, len(LEVELS) - 1)
NO_LEVEL = Levels(len(LEVELS) - 1, 0)
"""What `including` begins with."""
