"""What the troubled documents have in common that the others of the same group have not: significant terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from shipper.rules.words import line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACES = (
    "host.name", "service.name", "service.version", "service.node.name", "service.environment", "http.route",
    "url.domain", "source.ip", "user_agent.name", "tenant", "cloud.region", "container.name", "context.campaign.id",
)  # fmt: skip
"""Fields that tell where to look."""
MARKS = ("error.type", "error.id", "http.response.status_code", "log.logger", "event.dataset")
"""Fields that tell what went wrong; many follow from the rule's own query, so they never crowd out the places."""
CANDIDATES = (*PLACES, *MARKS)
"""All are keywords or whole numbers in our templates."""
LIMIT = 3
"""Values of a field, and places told at most."""
MOST_MARKS = 2
LEAST_PERCENT = 30.0
"""A value that fewer of the troubled documents have explains too little."""
LEAST_APART = 20.0
"""Percentage points between the troubled documents and the others."""
LONGEST_VALUE = 80
"""Characters of a value that a text shows."""
FEWEST = 5
"""Troubled documents with the value, at least."""


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many percent of the troubled documents have the value, and so many of the others.

    With `number` the percent are of the sum of that field, and `percent_elsewhere` is what they were before (where
    there was nothing before: the percent of documents).
    """

    field: str
    value: str
    percent: float
    percent_elsewhere: float
    number: str | None = None
    percent_before: float | None = None
    percent_of_documents: float | None = None

    @property
    def text(self) -> str:
        """For people."""
        value = f"{self.field}={line(self.value, LONGEST_VALUE)}"
        if self.number is None:
            return f"{value} in {self.percent:.0f}% of them, {self.percent_elsewhere:.0f}% of the others"
        whole = "the time spent" if self.number == "event.duration" else self.number
        before = "" if self.percent_before is None else f", {self.percent_before:.0f}% before"
        documents = f"{self.percent_of_documents or 0:.0f}% of the documents"
        return f"{value} has {self.percent:.0f}% of {whole}{before}; {documents}"


def aggregations(background: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """One aggregation a field, without those that are `known` to be the same; `background` holds the foreground."""
    return {
        name: {
            "significant_terms": {
                "field": name,
                "size": LIMIT,
                "min_doc_count": FEWEST,
                "background_filter": background,
            }
        }
        for name in CANDIDATES
        if name not in known
    }


def differences(answer: Mapping[str, Any]) -> list[Difference]:
    """The clearest places and then the clearest marks of an answer's `aggregations`, the clearest first."""
    found = [
        difference
        for name, result in answer.items()
        for bucket in result["buckets"]
        if (difference := _difference(name, result, bucket)) is not None
    ]
    found.sort(key=lambda one: (one.percent_elsewhere - one.percent, CANDIDATES.index(one.field), one.value))
    return clearest(found)


def clearest(found: Sequence[Difference]) -> list[Difference]:
    """The first places and then the first marks of what is in order.

    A mark that says no more than the one before (the `error.id` of the only `error.type`) is left out.
    """
    places = [one for one in found if one.field in PLACES]
    marks: list[Difference] = []
    for one in found:
        said = {"error.id": "error.type"}.get(one.field)
        again = any(other.field == said and other.percent == one.percent for other in marks)
        if one.field in MARKS and not again:
            marks.append(one)
    return [*places[:LIMIT], *marks[:MOST_MARKS]]


def _difference(name: str, result: Mapping[str, Any], bucket: Mapping[str, Any]) -> Difference | None:
    inside, outside = result["doc_count"], result["bg_count"] - result["doc_count"]
    if not inside or outside <= 0:
        return None
    percent = 100 * bucket["doc_count"] / inside
    elsewhere = 100 * max(0, bucket["bg_count"] - bucket["doc_count"]) / outside
    if percent < LEAST_PERCENT or percent - elsewhere < LEAST_APART:
        return None
    return Difference(name, str(bucket["key"]), round(percent, 1), round(elsewhere, 1))
