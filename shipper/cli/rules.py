"""`shipper rules`: evaluate, lint, test, replay and explain alert rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli import rules_complete
from shipper.cli.rules_receivers import ack, silence, test_notifier
from shipper.cli.terminal import bar, emit, json_option, several, table
from shipper.errors import FindingError, UnavailableError, UsageError

if TYPE_CHECKING:
    from shipper.config import ConfigFile
    from shipper.rules.cases import CaseResult
    from shipper.rules.change import Change

FILE = click.Path(path_type=Path)


@click.group("rules")
def command() -> None:
    """Evaluate, test and replay alert rules.

    \b
    Examples:
      shipper rules lint
      shipper rules test alert_rules/error-burst.yml
      shipper rules run --once
    """


command.add_command(ack)
command.add_command(silence)
command.add_command(test_notifier)


@command.command("run")
@click.option("-c", "--config", "config", type=FILE, help="Evaluator config (cluster, notifiers, routes).")
@click.option("--rules", "rules", multiple=True, type=FILE, help="A rule file or folder; repeatable.")
@click.option("--once", is_flag=True, help="Evaluate every rule once, send, and stop.")
@json_option
def run(config: Path | None, rules: tuple[Path, ...], *, once: bool, as_json: bool) -> None:
    """Evaluate rules against Elasticsearch and tell their receivers, until stopped.

    Without a config: the local stack with its rules_evaluator account, the rules in alert_rules/, and the console.
    Several evaluators may run; each rule has one at a time.

    \b
    Exit codes: 0 stopped in order; 2 a rule or the config is wrong; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules run
      shipper rules run -c evaluator.yml --rules alert_rules --rules my_rules
      shipper rules run --once --json
    """
    import logging
    import threading

    from shipper.cli.rules_setup import evaluator, stop_on_signals

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # tells each attempt with a traceback
    with evaluator(config, rules, quiet=as_json) as running:
        if once:
            hold = running.hold()
            if hold is not None:
                raise UnavailableError(hold, hint="set the clock of this machine or of the cluster, by NTP")
            changes = running.once()
            lines = [_line(change) for change in changes] or ["nothing changed"]
            emit([change.as_json(()) for change in changes], "\n".join(lines), as_json=as_json)
            return
        stop = threading.Event()
        stop_on_signals(stop)
        running.run(stop)


@command.command("status")
@click.option("-c", "--config", "config", type=FILE, help="Evaluator config (cluster).")
@json_option
def status(config: Path | None, *, as_json: bool) -> None:
    """Show what waits for each receiver and why, what became of the rest, and who evaluates each rule.

    \b
    Exit codes: 0 done; 2 the config is wrong; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules status
      shipper rules status -c evaluator.yml --json
    """
    from shipper.cli.rules_setup import rules_status

    data = rules_status(config)
    lines: list[str] = []
    for name, item in data["receivers"].items():
        waits = ", ".join(f"{number} {why}" for why, number in item["waiting"].items() if number)
        age = f", the oldest for {item['oldest_seconds']:.0f} s" if waits else ""
        counts = ", ".join(f"{count} {number}" for count, number in item["counts"].items() if number)
        lines += [f"{name}: waiting {waits or 'nothing'}{age}", f"    {counts or 'nothing was told yet'}"]
    rows = [
        (name, item["owner"], item["leased_until"] or "free", item["stored"], item["firing"])
        for name, item in data["rules"].items()
    ]
    lines.append(
        table(rows, ("rule", "evaluator", "lease until", "stored", "firing")) if rows else "no rule was evaluated yet"
    )
    lines += [f"{name}: incomplete: {why}" for name, item in data["rules"].items() for why in item["problems"]]
    lines += [
        f"{name}: {several(item['firing'], 'alert')} fire, evaluated by nobody for {item['unattended_seconds']} s"
        ": it was removed or renamed, or its evaluator is down"
        for name, item in data["rules"].items()
        if item["unattended_seconds"] is not None
    ]
    lines += [
        f"{name}: {item['forgotten']:,} groups were given up before their time, there are too many to remember"
        for name, item in data["rules"].items()
        if item["forgotten"]
    ]
    emit(data, "\n".join(lines), as_json=as_json)


@command.command("explain")
@click.argument("rule", type=FILE, shell_complete=rules_complete.rules)
@click.option("-c", "--config", "config", type=FILE, help="Evaluator config (cluster, rules).")
@click.option("--requests", "requests", is_flag=True, help="Print the searches alone, for Kibana's console.")
@json_option
def explain(rule: Path, config: Path | None, *, requests: bool, as_json: bool) -> None:
    """Show what a rule asks Elasticsearch, what it sees now, and what it makes of it.

    RULE is its file, or the name of one of the config's rules (alert_rules/ without a config).

    \b
    Exit codes: 0 done; 2 the rule is wrong; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules explain alert_rules/error-burst.yml
      shipper rules explain error-burst --json
      shipper rules explain error-burst --requests
    """
    from shipper.cli.rules_setup import explanation

    data = explanation(config, rule)
    if requests:
        searches = [f"{one['method']} {one['path']}\n{json.dumps(one['body'], indent=2)}" for one in data["requests"]]
        emit(data["requests"], "\n\n".join(searches), as_json=as_json)
        return
    groups = data["groups"]
    rows = [
        (
            " ".join(f"{k}={v}" for k, v in item["group"].items()) or "(all)",
            item["state"],
            item["outcome"],
            item["text"],
            " ".join(str(cell["count"]) for cell in reversed(item["last_cells"])),
            item["why"],
        )
        for item in groups
    ]
    human = [
        f"{data['rule']}: {data['summary']}",
        f"index     {data['index']}",
        f"filter    {data['filter'] or '*'}",
        f"window    {data['from']} to {data['to']}, {data['cells']} cells, {data['took_ms']} ms",
        f"watermark {data['watermark'] or 'no agent is alive: windows close by grace'}",
        *(f"incomplete: {problem}" for problem in data["problems"]),
        *(f"incomplete at its last evaluation: {problem}" for problem in data["evaluator_problems"]),
        table(rows, ("group", "state", "verdict", "says", "last cells", "so"))
        if rows
        else "no group has documents in the window",
        "add --requests for the searches",
    ]
    emit(data, "\n".join(human), as_json=as_json)


@command.command("lint")
@click.argument("paths", nargs=-1, type=FILE)
@json_option
def lint(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check rule files: schema, queries, fields, runbooks, tests (default: alert_rules/).

    \b
    Exit codes: 0 nothing found; 1 findings; 2 a path does not exist.
    \b
    Examples:
      shipper rules lint
      shipper rules lint my_rules --json
    """
    from shipper.rules.lint import lint_paths

    findings = lint_paths(_paths(paths))
    lines = [f"{item.where}: {item.message}\n  next:  {item.hint}" for item in findings]
    data = [{"where": item.where, "message": item.message, "hint": item.hint} for item in findings]
    emit(data, "\n".join([*lines, several(len(findings), "finding")]), as_json=as_json)
    if findings:
        raise FindingError(f"{several(len(findings), 'finding')} in the rules", hint="mend the lines above")


@command.command("test")
@click.argument("paths", nargs=-1, type=FILE)
@json_option
def test(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the tests inside the rule files (default: alert_rules/). No cluster is needed.

    \b
    Exit codes: 0 all passed; 1 a test failed; 2 a file is wrong.
    \b
    Examples:
      shipper rules test
      shipper rules test alert_rules/error-burst.yml --json
    """
    from shipper.rules.cases import run_case
    from shipper.rules.files import load_rules
    from shipper.rules.unmet import shown

    files = load_rules(_paths(paths))
    cases = [(file, number, case) for file in files for number, case in enumerate(file.rule.tests)]
    with bar("tests", len(cases)) as done:
        results = []
        for file, number, case in cases:
            results.append((file.source, number, run_case(file.rule, case)))
            done(1)
    failed = [one for one in results if one[2].failures]
    data = {
        "passed": len(results) - len(failed),
        "failed": [_failed(*one) for one in failed],
        "untested": [file.rule.name for file in files if not file.rule.tests],
    }
    lines = [line for source, number, result in failed for line in shown(result, source, number)]
    emit(data, "\n".join([*lines, f"{len(results) - len(failed)} passed, {len(failed)} failed"]), as_json=as_json)
    if failed:
        raise FindingError(
            f"{len(failed)} of {several(len(results), 'rule test')} failed", hint="see the differences above"
        )


@command.command("replay")
@click.option(
    "--events",
    type=FILE,
    help="NDJSON, may be gzip; each document has @timestamp and event.ingested. `-`: standard input.",
)
@click.option(
    "--rule",
    "rules",
    required=True,
    multiple=True,
    type=FILE,
    help="A rule's file, a folder of them, or the name of one of the config's rules; repeatable.",
    shell_complete=rules_complete.rules,
)
@click.option("--from", "start", help="Changes from then on (2026-01-31 or 2026-01-31T10:00:00Z).")
@click.option("--to", "end", help="Changes before then (default: now, or the end of the file's alerts).")
@click.option("-c", "--config", "config", type=FILE, help="Evaluator config (cluster, rules).")
@json_option
def replay(
    events: Path | None,
    rules: tuple[Path, ...],
    start: str | None,
    end: str | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Run rules over history: a file of recorded documents, or what Elasticsearch holds from --from on.

    Time runs by `event.ingested`: a document is seen from then on. Nothing is sent; at the end stands what would have
    been, by day and rule. With --json, one JSON object for each change of an episode: rule, group, at, from, to,
    value, complete, notifications. Out of Elasticsearch the evaluation begins at --from, with as much history before it
    as the rules look back on: an alert that fired already then fires anew.

    \b
    Exit codes: 0 done; 2 a file is wrong; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules replay --events yesterday.ndjson --rule alert_rules/error-burst.yml
      shipper rules replay --from 2026-01-01 --to 2026-01-31 --rule alert_rules
      zcat days/*.gz | shipper rules replay --events - --rule alert_rules --json
    """
    from shipper.cli.rules_replay import from_cluster, from_file, span_of

    span, show = span_of(start, end), None if as_json else _line
    if events is not None:
        from_file(events, config, rules, span, show)
    elif start is not None:
        from_cluster(config, rules, span, show)
    else:
        raise UsageError("nothing to replay", hint="name a file with --events, or a time with --from")


def _failed(source: ConfigFile, number: int, result: CaseResult) -> dict[str, Any]:
    """A failed test as JSON."""
    from shipper.rules.unmet import where

    return {
        "rule": result.rule,
        "test": result.case,
        "where": where(source, number, result.failures[0]),
        "failures": [str(unmet) for unmet in result.failures],
    }


def _line(change: Change) -> str:
    from shipper.clock import iso_utc

    group = " ".join(f"{name}={value}" for name, value in change.labels.items())
    step = f"{change.before.value} -> {change.after.value}"
    sent = f"  [{change.send.value} sent]" if change.send else ""
    return f"{iso_utc(change.at)}  {change.rule}  {group}  {step}  {change.text}{sent}"


def _paths(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    from shipper.declarative import find

    return paths or (find("alert_rules"),)
