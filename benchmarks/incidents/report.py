"""The figures of a run, for JSON and for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shipper.cli.terminal import table
from shipper.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.incidents.score import Score


def details(result: Score) -> dict[str, Any]:
    """Each trouble and each false alert, for JSON."""
    return {
        "troubles": [
            {"name": one.trouble.name, "intervals": one.intervals, "named": one.named, "in_group": one.grouped,
             "rules": sorted({change.rule for change in one.told}), "alerts": len(one.told)}
            for one in result.found
        ],
        "false": [[iso_utc(change.at), change.rule, change.labels, change.text] for change in result.false],
    }  # fmt: skip


def shown(data: Mapping[str, Any]) -> str:
    """The same for people."""
    rows = [
        (one["name"], "missed" if one["intervals"] is None else round(one["intervals"], 1), one["named"],
         one["alerts"], " ".join(one["rules"]))
        for one in data["troubles"]
    ]  # fmt: skip
    human = table(rows, ("trouble", "intervals", "named", "alerts", "rules")) + "\n"
    human += "\n".join(f"false: {item}" for item in data["false"])
    human += "\n" + json.dumps({k: v for k, v in data.items() if k not in ("troubles", "false")})
    return human
