"""Run it: `python -m benchmarks.incidents [--quiet-days 7] [--seed 1] [--peer elastalert2=VENV] [--json]`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.incidents.beside import beside
from benchmarks.incidents.findings import Finder, Remembering
from benchmarks.incidents.report import details, shown
from benchmarks.incidents.score import WARM_UP, score
from benchmarks.incidents.trouble import twelve
from benchmarks.incidents.world import DAY, START, World
from shipper.cli.terminal import emit
from shipper.errors import UsageError
from shipper.rules.change import Kind
from shipper.rules.files import load_rules
from shipper.rules.replay import replay_all

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Play the quiet days, then a day and more of trouble, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incidents", description=main.__doc__)
    parser.add_argument("--quiet-days", type=float, default=7.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", help="elastalert2=VENV: the same documents through the ElastAlert2 installed there")
    parser.add_argument("--cost-hours", type=float, default=6.0, help="how long our live evaluator runs beside it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    venv = None if options.peer is None else _venv(options.peer)
    troubles = twelve(START + int(options.quiet_days * DAY) + 7200)
    days = options.quiet_days + 2.25
    world = World(days, troubles, options.seed)
    rules = [loaded.rule for loaded in load_rules([ROOT / "alert_rules"])]
    began, documents, changes = time.process_time(), 0, []
    finders, differs = {rule.name: Finder(rule) for rule in rules}, {}
    history = Remembering(world)
    for change in replay_all(rules, history):
        if change is None:
            documents += 1
        elif START + WARM_UP < change.at <= world.end:  # after the end everything is silent
            changes.append(change)
            if change.send is Kind.FIRING:
                differs[change.key] = finders[change.rule].differs(change, history.last)
    result = score(changes, troubles, days - WARM_UP / DAY, differs)
    data: dict[str, Any] = {
        **result.summary(), "documents": documents, "rules": len(rules), "days": days, "seed": options.seed,
        "cpu_seconds": round(time.process_time() - began, 1), **details(result),
    }  # fmt: skip
    human = shown(data)
    if venv is not None:
        data["peer"] = beside(venv, world, troubles, rules, options.cost_hours)
        human += "\n\nElastAlert2, evaluated where ours were\n" + shown(data["peer"])
    emit(data, human, as_json=options.json)
    return 0


def _venv(text: str) -> Path:
    name, _, path = text.partition("=")
    if name != "elastalert2" or not path:
        raise UsageError(f"unknown peer `{text}`", hint="write --peer elastalert2=VENV, a folder with bin/python")
    return Path(path).absolute()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
