"""Timelines in, changes out: how tests tell the life of a group."""

from __future__ import annotations

from typing import Any

from shipper.clock import iso_utc
from shipper.rules.replay import Replay, Timeline
from shipper.rules.state import decode, encode
from tests.support.rule_stream import START, rule

BASE = "name: r\ntype: threshold\nabove: 3\nwindow: 10s\nevery: 10s\ncell: 5s\ngrace: 5s\nlate: 60s\n"


def documents(*bursts: tuple[float, int], lag: float = 0.0, **fields: Any) -> list[dict[str, Any]]:
    """`(second, number)` bursts of equal documents."""
    return [
        {"@timestamp": iso_utc(START + at), "event": {"ingested": iso_utc(START + at + lag)}, **fields}
        for at, number in bursts
        for _ in range(number)
    ]


def play(text: str, found: list[dict[str, Any]], until: int = 200, restart_at: set[int] | None = None) -> list[str]:
    """`second: from->to [sent]` of every change."""
    timeline = Timeline()
    timeline.add({"@timestamp": iso_utc(START - 1), "event": {"ingested": iso_utc(START - 1)}, "warm": True})
    for document in found:
        timeline.add(document)
    replay = Replay(rule(text), timeline)
    told: list[str] = []
    for now in replay.ticks(START + until):
        if restart_at and now - START in restart_at:
            replay.state = decode(encode(replay.state), replay.rule.group_by)
        for change in replay.tick(now).changes:
            marks = "".join(f" {mark}" for mark in ("correction", "stale") if getattr(change, mark))
            sent = f" [{change.send}]" if change.send else ""
            told.append(f"{now - START}: {change.before}->{change.after}{sent}{marks}")
    return told
