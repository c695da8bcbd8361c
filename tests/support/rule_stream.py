"""Seeded streams of log documents with lag, disorder and duplicates, and rules to judge them by."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from shipper import config
from shipper.clock import iso_utc
from shipper.rules.type import AnyRule

if TYPE_CHECKING:
    from shipper.rules.rule import Rule

START = 1_767_607_200
"""2026-01-05T10:00:00Z."""


def rule(text: str) -> Rule:
    """A rule from YAML, the common keys filled in."""
    common = "summary: s\nowner: o\nrunbook: r\n"
    bound: Rule = config.bind(config.parse(common + text, "rule.yml"), AnyRule)  # type: ignore[arg-type]  # a union
    return bound


def stream(seed: int, seconds: int, *, lag: float = 3.0, late: float = 0.05) -> list[dict[str, Any]]:
    """Documents of three services over `seconds`: bursts of errors and slow requests, some late by up to a minute."""
    source = random.Random(seed)
    documents: list[dict[str, Any]] = []
    at = float(START)
    bad_from = START + source.uniform(0.2, 0.5) * seconds
    bad_to = bad_from + source.uniform(0.05, 0.3) * seconds
    while at < START + seconds:
        at += source.expovariate(2.0)
        service = source.choice(["shop", "shop", "mail", "pay"])
        bad = service == "shop" and bad_from <= at < bad_to
        wait = source.uniform(0, 60) if source.random() < late else source.uniform(0, lag)
        documents.append(
            {
                "_id": f"{seed}-{len(documents)}",
                "@timestamp": iso_utc(at),
                "event": {
                    "ingested": iso_utc(at + wait),
                    "duration": int(source.lognormvariate(19 if bad else 16, 0.5)),
                    "outcome": "failure" if bad and source.random() < 0.6 else "success",
                },
                "service": {"name": service},
                "system": {"cpu": {"total": {"norm": {"pct": round(source.random(), 3)}}}},
            }
        )
    _count_up(documents)
    repeated = source.sample(documents, len(documents) // 20)
    everything = documents + [dict(document) for document in repeated]
    source.shuffle(everything)
    return everything


def _count_up(documents: list[dict[str, Any]]) -> None:
    """A counter of each service: it grows by the milliseconds its requests took, and begins again now and then."""
    counters: dict[str, int] = {}
    for number, document in enumerate(documents):
        service = document["service"]["name"]
        before = 0 if number % 41 == 40 else counters.get(service, 0)
        counters[service] = before + document["event"]["duration"] // 1_000_000
        document["system"]["network"] = {"in": {"bytes": counters[service]}}


RULES = {
    "ratio": "name: ratio\ntype: ratio\nof: 'event.outcome: failure'\nabove_percent: 25\nmin_count: 5\n",
    "latency": "name: latency\ntype: latency\nabove_ms: 60\nmin_samples: 5\nfor: 10s\nrecover: 20s\n",
    "count": "name: count\ntype: threshold\nabove: 16\n",
    "average": "name: average\ntype: threshold\nmetric: avg\nfield: system.cpu.total.norm.pct\nabove: 0.6\n",
    "apdex": "name: apdex\ntype: apdex\ntarget_ms: 30\nbelow: 0.5\nmin_samples: 5\nbad: 'event.outcome: failure'\n",
    "saturation": "name: saturation\ntype: saturation\nworkers: 1\nabove_percent: 10\nmin_samples: 5\n",
    "change": "name: change\ntype: change\nby_percent: 50\nmetric: percentile\nfield: event.duration\n"
    "min_count: 5\nreference: 40s\n",
    "cardinality": "name: cardinality\ntype: cardinality\nfield: event.outcome\nabove: 1\n",
    "percentile": "name: percentile\ntype: threshold\nmetric: percentile\npercentile: 90\nfield: event.duration\n"
    "above: 30\n",
    "rate": "name: rate\ntype: threshold\nmetric: rate\nfield: system.network.in.bytes\nabove: 50\nunit: ' bytes/s'\n",
    "flatline": "name: flatline\ntype: flatline\nbelow: 5\n",
}
TIMES = "group_by: [service.name]\nwindow: 20s\nevery: 10s\ncell: 5s\ngrace: 5s\nlate: 1m\nretire: 5m\n"


def rules() -> list[Rule]:
    """One rule of several types, all with short windows."""
    return [rule(text + TIMES) for text in RULES.values()]
