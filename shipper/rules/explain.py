"""Why a rule fires or does not: its query, the cells it saw last, each group's verdict, and what that led to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.rules.engine import Engine
from shipper.rules.past import Past
from shipper.rules.state import GroupState, Status
from shipper.rules.verdict import Outcome

if TYPE_CHECKING:
    from shipper.rules.cell import Cell, Group
    from shipper.rules.query import CellReader
    from shipper.rules.rule import Rule
    from shipper.rules.state import RuleState
    from shipper.rules.verdict import Verdict

LAST_CELLS = 5
"""Cells a group that are shown."""


def explain(rule: Rule, reader: CellReader, state: RuleState, now: int) -> dict[str, Any]:
    """All of it as one JSON document; `now` in epoch seconds, `state` as it is stored.

    `requests` are what can be sent to Elasticsearch as it stands: for the window, then for each older time it is
    compared with.

    Raises:
        elasticsearch.ApiError, elasticsearch.TransportError: the watermark cannot be read.
    """
    engine = Engine(rule)
    end = now // rule.interval * rule.interval
    start = end - engine.judge.span
    reading = reader.read(rule, engine.judge.measures, start, end)
    engine.store.replace(start, end, reading.cells)
    problems = [*reading.problems, *Past(reader).fill(engine, state, end)]
    engine.know(state)
    watermark = reader.watermark(end) if rule.watermark else None
    known = state.by_group()
    groups = sorted({group for group, _ in reading.cells} | known.keys() | set(engine.judge.expected()))
    return {
        "rule": rule.name,
        "summary": rule.summary,
        "index": reader.pattern(rule),
        "filter": rule.filter,
        "requests": [
            reader.request(rule, engine.judge.measures, *period) for period in [(start, end), *engine.past(state, end)]
        ],
        "from": iso_utc(start),
        "to": iso_utc(end),
        "cells": len(reading.cells),
        "pages": reading.pages,
        "took_ms": reading.took_ms,
        "watermark": None if watermark is None else iso_utc(watermark),
        "problems": problems,
        "evaluator_problems": state.problems,
        "judged_until": None if state.last is None else iso_utc(state.last),
        "groups": [_group(rule, engine, group, known.get(group), end, problems) for group in groups],
    }


def _group(
    rule: Rule, engine: Engine, group: Group, state: GroupState | None, end: int, problems: list[str]
) -> dict[str, Any]:
    verdict = engine.verdict(group, end)
    step = rule.step
    newest = range(end - step, max(end - engine.judge.span, end - LAST_CELLS * step) - 1, -step)
    cells = [{"from": iso_utc(at), **_cell(engine.store.window(group, at, at + step))} for at in newest]
    return {
        "group": dict(zip(rule.group_by, group, strict=False)),
        "state": Status.OK.value if state is None else state.status.value,
        "outcome": verdict.outcome.value,
        "value": verdict.value,
        "text": verdict.text,
        "why": why(rule, state or GroupState(group=group), verdict, problems),
        "last_cells": cells,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    shown: dict[str, Any] = {"count": cell.count}
    if cell.hits:
        shown["hits"] = cell.hits
    if cell.values:
        shown |= {"values": cell.values, "sum": cell.total, "min": cell.low, "max": cell.high}
    if cell.terms is not None:
        shown["different"] = len(cell.terms)
    return {name: value for name, value in shown.items() if not (isinstance(value, float) and math.isinf(value))}


def why(rule: Rule, state: GroupState, verdict: Verdict, problems: list[str]) -> str:
    """One sentence on what the verdict led to, or will."""
    breach = verdict.outcome is Outcome.BREACH
    match state.status:
        case Status.FIRING if breach:
            return f"it fires since {iso_utc(state.since)}"
        case Status.FIRING | Status.RECOVERING if problems:
            return f"it fires since {iso_utc(state.since)}: an incomplete result cannot resolve it"
        case Status.FIRING | Status.RECOVERING:
            return f"it fires since {iso_utc(state.since)}, and resolves after {int(rule.recover)} s of clear windows"
        case Status.NO_DATA:
            return f"it fires since {iso_utc(state.since)}; without data it is kept (`no_data: {rule.no_data}`)"
        case Status.PENDING if rule.breaches is not None:
            few = f"{len(state.breached)} of the last {rule.breaches.of} evaluations breached"
            return f"{few}; it fires at {rule.breaches.at_least}"
        case Status.PENDING:
            return f"it breaches since {iso_utc(state.since)}; it fires after {int(rule.hold)} s (`for`)"
    if breach:
        return "it breaches now, and is judged at the next evaluation"
    return "there is too little to judge" if verdict.outcome is Outcome.NO_DATA else "it is within its bound"
