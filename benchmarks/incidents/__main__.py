"""Run it: `python -m benchmarks.incidents [--quiet-days 7] [--seed 1] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.incidents.findings import Finder, Remembering
from benchmarks.incidents.score import score
from benchmarks.incidents.trouble import twelve
from benchmarks.incidents.world import DAY, START, World
from shipper.cli.terminal import emit, table
from shipper.clock import iso_utc
from shipper.rules.change import Kind
from shipper.rules.files import load_rules
from shipper.rules.replay import replay_all

WARM_UP = DAY
"""Seconds that are not judged: rules that compare with the day before have none yet."""
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Play the quiet days, then a day and more of trouble, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incidents", description=main.__doc__)
    parser.add_argument("--quiet-days", type=float, default=7.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
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
    data = {
        **result.summary(), "documents": documents, "rules": len(rules), "days": days, "seed": options.seed,
        "cpu_seconds": round(time.process_time() - began, 1),
        "troubles": [
            {"name": one.trouble.name, "intervals": one.intervals, "named": one.named,
             "in_group": one.grouped,
             "rules": sorted({change.rule for change in one.told}), "alerts": len(one.told)}
            for one in result.found
        ],
        "false": [[iso_utc(change.at), change.rule, change.labels, change.text] for change in result.false],
    }  # fmt: skip
    rows = [
        (one["name"], "missed" if one["intervals"] is None else round(one["intervals"], 1), one["named"],
         one["alerts"], " ".join(one["rules"]))
        for one in data["troubles"]
    ]  # fmt: skip
    human = table(rows, ("trouble", "intervals", "named", "alerts", "rules")) + "\n"
    human += "\n".join(f"false: {item}" for item in data["false"])
    human += "\n" + json.dumps({k: v for k, v in data.items() if k not in ("troubles", "false")})
    emit(data, human, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
