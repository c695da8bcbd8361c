"""Compares the index with the load's own truth: each record once, in the right service, nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shipper.event import get_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Delivery:
    """Records counted in the index against the truth.

    Attributes:
        expected: records that the services must have written.
        delivered: distinct ones of these that were found.
        duplicated: documents beyond the first of the same record.
        stray: documents that belong to no expected record.
    """

    expected: int
    delivered: int
    duplicated: int
    stray: int

    @property
    def lost(self) -> int:
        return self.expected - self.delivered


def compare(expected: Mapping[str, set[str]], documents: Iterable[dict[str, Any]], seed: int) -> Delivery:
    """Count `documents` (ECS, as indexed) against `expected` (service -> trace ids of load `seed`)."""
    shape = re.compile(rb"%08x0{16}[0-9a-f]{8}" % seed)
    found: Counter[tuple[str, str]] = Counter()
    stray = 0
    for document in documents:
        traces = set(shape.findall(orjson.dumps(document)))
        service = get_field(document, "service.name", "")
        trace = traces.pop().decode() if len(traces) == 1 else ""
        if trace in expected.get(service, ()):
            found[service, trace] += 1
        else:
            stray += 1
    return Delivery(
        expected=sum(map(len, expected.values())),
        delivered=len(found),
        duplicated=sum(found.values()) - len(found),
        stray=stray,
    )
