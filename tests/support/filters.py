"""Logstash filters on plain dictionaries."""

from __future__ import annotations

import json

from shipper.clock import ManualClock
from shipper.logstash_runner.compile import compile_filters
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.grammar import parse

STAMP = "2026-01-02T03:04:05.678Z"
"""The time of an event that is given none."""


def run(text: str, *documents, clock=None, environment=None):
    """What comes out of the filters `text` for events of these fields, without `@version`."""
    clock = clock or ManualClock()
    filters = compile_filters(parse(f"filter {{ {text} }}").section("filter"), environment or {}, clock)
    left = filters([Event.of({"@timestamp": STAMP, **document}, clock) for document in documents])
    return [{name: value for name, value in json.loads(item.encode()).items() if name != "@version"} for item in left]


def one(text: str, **fields):
    """What becomes of one event; its time is left out where it is the one it was given."""
    (found,) = run(text, fields)
    if found.get("@timestamp") == STAMP:
        del found["@timestamp"]
    return found
