"""Index templates of others that reach our indices: Elasticsearch applies one composable template, the highest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from elasticsearch import Elasticsearch


@dataclass(frozen=True, slots=True)
class Shadow:
    """A template that is not ours and matches names of ours.

    Attributes:
        name: of the template.
        priority: None for a legacy template: those are ignored wherever a composable one matches.
        covers: our templates whose indices it reaches.
        body: as the cluster gives it.
    """

    name: str
    priority: int | None
    covers: tuple[str, ...]
    body: Mapping[str, Any]


def find_shadows(client: Elasticsearch, ours: Mapping[str, Mapping[str, Any]]) -> list[Shadow]:
    """Templates, composable and legacy, whose patterns overlap with those of `ours` (name -> body), highest first."""
    composable = _get(client, "/_index_template").get("index_templates", ())
    found = [
        Shadow(entry["name"], int(entry["index_template"].get("priority", 0)), covers, entry["index_template"])
        for entry in composable
        if entry["name"] not in ours
        for covers in [_covered(entry["index_template"]["index_patterns"], ours)]
        if covers
    ]
    legacy = [
        Shadow(name, None, covers, body)
        for name, body in _get(client, "/_template").items()
        for covers in [_covered(body["index_patterns"], ours)]
        if covers
    ]
    return sorted(found, key=lambda shadow: -(shadow.priority or 0)) + legacy


def _get(client: Elasticsearch, path: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = client.perform_request("GET", path, headers={"accept": "application/json"}).body
    return answer


def _covered(patterns: Iterable[str], ours: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(
        name
        for name, body in ours.items()
        if any(overlap(theirs, own) for theirs in patterns for own in body["index_patterns"])
    )


@cache
def overlap(first: str, second: str) -> bool:
    """Whether one index name can match both patterns (`*` stands for any text).

    >>> overlap("shipper-*", "shipper-logs-*"), overlap("*-2026*", "shipper-logs-*"), overlap("logs-*", "shipper-*")
    (True, True, False)
    """
    return any(_steps(first, second))


def _steps(first: str, second: str) -> Iterator[bool]:
    """The ways on from here, each as far as it goes."""
    if not first or not second:
        yield not (first + second).strip("*")
        return
    if first[0] == "*":
        yield overlap(first[1:], second)
        yield overlap(first, second[1:])
    elif second[0] == "*":
        yield overlap(first, second[1:])
        yield overlap(first[1:], second)
    else:
        yield first[0] == second[0] and overlap(first[1:], second[1:])
