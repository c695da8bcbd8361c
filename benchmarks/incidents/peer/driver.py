"""Runs in ElastAlert2's environment, not in ours: its own code, with a clock of ours.

    PEER/bin/python driver.py CONFIG BEGIN END OUT

It evaluates in real time; a history of days would take days. So its `ts_now` is replaced, and each rule is run when
its `run_every` says so, as its scheduler does. Whatever is asked, kept, silenced and sent is its own doing. Alerts go
to OUT, one JSON object a line; the last line says how long it took.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, TextIO

_PARTS = ("elastalert.elastalert", "elastalert.ruletypes", "elastalert.util")


class Clock:
    """What its `ts_now` becomes."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


def run(config: str, begin: int, end: int, out: TextIO) -> None:
    """Drive every rule of the configuration from `begin` to `end` (epoch seconds)."""
    parts = [importlib.import_module(name) for name in _PARTS]
    clock = Clock(begin)
    for part in parts:
        part.ts_now = clock  # type: ignore[attr-defined]  # a module of theirs
    lookup = parts[-1].lookup_es_key

    def told(matches: list[dict[str, Any]], rule: dict[str, Any]) -> None:
        for match in matches:
            names = rule.get("compound_query_key") or ([rule["query_key"]] if "query_key" in rule else [])
            flat = rule["type"].__class__.__name__ == "FlatlineRule"  # says the key aside of the fields
            labels = {name: match["key"] if flat else lookup(match, name) for name in names}
            tops = {key[len("top_events_") :]: value for key, value in match.items() if key.startswith("top_events_")}
            line = {"at": clock.at, "rule": rule["name"], "labels": labels, "tops": tops}
            out.write(json.dumps(line, default=str) + "\n")

    began, cpu = time.perf_counter(), time.process_time()
    peer = parts[0].ElastAlerter(["--config", config, "--pin_rules"])
    for rule in peer.rules:
        rule["alert"] = [_Recorder(told, rule)]
    logging.getLogger("elastalert").setLevel(logging.ERROR)
    due = {rule["name"]: begin for rule in peer.rules}
    runs = 0
    for at in range(begin, end + 1, 60):
        clock.at = at
        peer.handle_pending_alerts()  # its scheduler does so as often
        for rule in list(peer.rules):
            if due[rule["name"]] <= at:
                due[rule["name"]] = at + int(rule["run_every"].total_seconds())
                peer.handle_rule_execution(rule)
                runs += 1
    took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu, "runs": runs}
    out.write(json.dumps({"took": took, "version": _version(), "rules": len(peer.rules)}) + "\n")


class _Recorder:
    """Stands where an alerter of its does."""

    def __init__(self, told: Any, rule: dict[str, Any]) -> None:
        self._told = told
        self._rule = rule
        self.pipeline: dict[str, Any] | None = None

    def alert(self, matches: list[dict[str, Any]]) -> None:
        """What its alerters do: send."""
        self._told(matches, self._rule)

    def get_info(self) -> dict[str, str]:
        """What it stores beside the alert."""
        return {"type": "recorder"}


def _version() -> str:
    return importlib.import_module("importlib.metadata").version("elastalert2")  # type: ignore[no-any-return]  # no types there


if __name__ == "__main__":
    with open(sys.argv[4], "w", encoding="utf-8") as opened:  # noqa: PTH123 - as plain as can be
        run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), opened)
