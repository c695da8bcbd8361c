"""Runs ElastAlert2 over the documents, in its own environment, and reads what it told."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.incidents.peer import driver
from benchmarks.incidents.peer.costs import Cost, server_cpu
from benchmarks.incidents.peer.translate import Inexpressible, translate
from shipper.errors import UsageError
from shipper.rules.change import Change, Kind
from shipper.rules.differences import Difference
from shipper.rules.state import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from benchmarks.incidents.peer.passthrough import PassThrough
    from shipper.home import Account
    from shipper.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Told:
    """What it said: each alert as one firing of ours, and the top values that its text shows."""

    version: str
    alerts: list[Change]
    tops: dict[str, list[Difference]]
    """By a change's key; the most frequent value of each field."""
    took: Mapping[str, float]


def expressible(rules: Iterable[Rule], prefix: str) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Its rules by name, and why the others have none."""
    found: dict[str, dict[str, Any]] = {}
    missing: dict[str, str] = {}
    for rule in rules:
        try:
            found[rule.name] = translate(rule, ",".join(prefix + part.strip() for part in rule.index.split(",")))
        except Inexpressible as answer:
            missing[rule.name] = answer.reason
    return found, missing


def run(  # noqa: PLR0913, PLR0917 - all of a run's surroundings
    venv: Path,
    rules: Mapping[str, Mapping[str, Any]],
    admin: Elasticsearch,
    way: PassThrough,
    account: Account,
    prefix: str,
    span: tuple[int, int],
) -> tuple[Told, Cost]:
    """Let it evaluate within `span` (epoch seconds).

    Raises:
        UsageError: there is no ElastAlert2 in `venv`, or it failed.
    """
    python = venv / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="incidents-peer-") as name:
        folder = Path(name)
        config = _write(folder, rules, way.port, account, prefix)
        index: list[str | Path] = [
            venv / "bin" / "elastalert-create-index", "--config", str(config), "--index", f"{prefix}elastalert",
            "--recreate", "True",
        ]  # fmt: skip
        out = folder / "alerts.ndjson"
        _call(index, folder)
        way.counts.clear()
        server = server_cpu(admin)
        _call([python, driver.__file__, str(config), str(span[0]), str(span[1]), str(out)], folder)
        server = server_cpu(admin) - server
        told = read(out.read_text("utf-8").splitlines())
    hours = (span[1] - span[0]) / 3600
    took = told.took
    cost = Cost(hours, int(took["runs"]), took["seconds"], took["cpu_seconds"], server, dict(way.counts))
    return told, cost


def read(lines: Sequence[str]) -> Told:
    """What the driver wrote down; see driver.py.

    Raises:
        UsageError: it did not come to its end.
    """
    entries = [json.loads(line) for line in lines]
    if not entries or "took" not in entries[-1]:
        raise UsageError("the run of ElastAlert2 has no end", hint="see what it printed")
    alerts, tops = [], {}
    for entry in entries[:-1]:
        labels = {name: str(value) for name, value in entry["labels"].items()}
        change = Change(
            entry["rule"], tuple(labels), tuple(labels.values()), entry["at"], entry["at"], Status.OK, Status.FIRING,
            None, entry["rule"], complete=True, since=entry["at"], send=Kind.FIRING,
        )  # fmt: skip
        alerts.append(change)
        tops[change.key] = [_top(name, values) for name, values in entry["tops"].items() if values]
    return Told(entries[-1]["version"], alerts, tops, entries[-1]["took"])


def _top(name: str, values: Mapping[str, int]) -> Difference:
    value, count = max(values.items(), key=lambda item: item[1])
    share = 100 * count / sum(values.values())
    return Difference(name, value, share, share)


def _write(folder: Path, rules: Mapping[str, Mapping[str, Any]], port: int, account: Account, prefix: str) -> Path:
    home = folder / "rules"
    home.mkdir()
    for name, rule in rules.items():
        (home / f"{name}.yaml").write_text(yaml.safe_dump({**rule, "alert": ["debug"]}), "utf-8")
    config = folder / "config.yaml"
    settings = {
        "rules_folder": str(home), "run_every": {"minutes": 1}, "buffer_time": {"minutes": 15},
        "es_host": "127.0.0.1", "es_port": port, "es_username": account.user, "es_password": account.password,
        "writeback_index": f"{prefix}elastalert", "alert_time_limit": {"days": 2}, "disable_rules_on_error": False,
        "show_disabled_rules": False,
    }  # fmt: skip
    config.touch(0o600)
    config.write_text(yaml.safe_dump(settings), "utf-8")
    return config


def _call(command: Sequence[str | Path], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    except OSError as error:
        hint = "make an environment and install elastalert2 into it"
        raise UsageError(f"{command[0]} cannot be started", hint=hint) from error
    if done.returncode:
        raise UsageError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")
    if "rror" in done.stderr:
        print(done.stderr[-3000:])
