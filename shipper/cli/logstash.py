"""`shipper logstash`: run, check and test Logstash pipelines without a JVM."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.terminal import emit, json_option, several, table
from shipper.colour import colours
from shipper.errors import FindingError, ShipperError, UndeliveredError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shipper.home import Home
    from shipper.logstash_runner.check import Problem, Report
    from shipper.logstash_runner.lint import Finding
    from shipper.logstash_runner.runner import Listener, Runner
    from shipper.logstash_runner.settings import PipelineSettings

_LOOK = 0.2
"""Seconds between looks at signals."""


@click.group()
def command() -> None:
    """Run, check and test Logstash pipelines without a JVM.

    \b
    Examples:
      shipper logstash run
      shipper logstash check -f logstash/pipelines/logs.conf
      shipper logstash test
    """


@command.command()
@click.option("-f", "file", metavar="PATH", help="A configuration file, a folder or a glob, as one pipeline.")
@click.option("-e", "text", metavar="CONFIG", help="The configuration itself.")
@click.option("--pipelines", "pipelines_file", metavar="FILE", help="A pipelines.yml [default: the project's].")
@click.option("-w", "workers", type=click.IntRange(1, 64), help="Workers of each pipeline.")
@click.option("-b", "batch_size", type=click.IntRange(1, 100_000), help="Events in a micro-batch, at least.")
@click.option("--data", metavar="DIR", help="Offsets and dead letters [default: in $SHIPPER_HOME].")
@click.option("--port-file", metavar="FILE", help="Write the listening addresses there, as JSON, when ready.")
@click.option("--drain", default=20.0, show_default=True, help="Seconds to finish what was taken, at a stop.")
@json_option
def run(**given: Any) -> None:
    """Run pipelines until a signal, or until their inputs end.

    SIGTERM and Ctrl-C finish what was taken; SIGHUP reads the files again and swaps the pipelines that changed (a
    broken edit keeps the old one). The line "ready" on stderr, and --port-file, say when and where it listens.

    \b
    Examples:
      shipper logstash run
      shipper logstash run -f my.conf
      shipper logstash run -e 'input { stdin { codec => json_lines } }
        filter { mutate { uppercase => ["name"] } }
        output { stdout { codec => json_lines } }' < events.ndjson

    \b
    Exit codes: 0 ended in order; 2 a pipeline would not start; 3 an address is taken;
    4 stopped while Elasticsearch did not take events (their senders keep them).
    """
    from shipper.home import default_home
    from shipper.logstash_runner.assemble import assemble
    from shipper.logstash_runner.environment import LocalCluster

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    home = default_home()
    settings, environment, data = _choose(given, home)
    runner = assemble(settings, environment, data, locate=LocalCluster(home, environment.get("SHIPPER_ES_URL")))
    _tune_collector()
    asked = _catch_signals()
    runner.start()
    _announce(runner.listeners, given, home if given["text"] is None else None)
    _serve(runner, asked)
    if not runner.stop(given["drain"]):
        raise UndeliveredError(
            "stopped while events were not delivered", hint="their senders will send them again; check Elasticsearch"
        )


@command.command()
@click.option("-f", "files", metavar="PATH", multiple=True, help="Configuration files, each by itself.")
@click.option("--pipelines", "pipelines_file", metavar="FILE", help="A pipelines.yml [default: the project's].")
@click.option("--strict", is_flag=True, help="Findings fail too.")
@json_option
def check(files: tuple[str, ...], pipelines_file: str | None, *, strict: bool, as_json: bool) -> None:
    """Say whether pipelines would start, and what is doubtful in them (on stderr).

    Those of a pipelines.yml are checked together too: no port twice, no address that nobody has.
    Passwords of ours that are not set and that no local stack gave are taken as set, and named.

    \b
    Examples:
      shipper logstash check
      shipper logstash check --pipelines /etc/logstash/pipelines.yml
      shipper logstash check -f logstash/pipelines/logs.conf --strict

    \b
    Exit codes: 0 it would start; 1 it would not (with --strict: or something was found);
    2 a file cannot be read, or the pipelines.yml is none.
    """
    from shipper.logstash_runner.check import check as check_text
    from shipper.logstash_runner.environment import without_accounts

    if files and pipelines_file is not None:
        raise UsageError("-f and --pipelines exclude each other", hint="give one of them")
    environment = _environment_of_checks(pipelines_file)
    unknown = without_accounts(environment)
    environment |= unknown
    chosen = [path for name in files for path in _named(name)] or _listed(pipelines_file, environment)
    reports = {str(path): check_text(_text(path), str(path), environment) for path in chosen}
    if not files:
        reports |= _together(chosen, reports, environment, pipelines_file)
    for report in reports.values():
        _print_report(report, as_json=as_json)
    _say_unknown(chosen, unknown)
    if as_json:
        emit([{"file": path, **asdict(report)} for path, report in reports.items()], "", as_json=True)
    if not all(report.starts for report in reports.values()):
        raise FindingError("it would not start")
    findings = sum(len(report.findings) for report in reports.values())
    if strict and findings:
        raise FindingError(several(findings, "finding"))


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--pipelines", "pipelines_file", metavar="FILE", help="A pipelines.yml [default: the project's].")
@json_option
def test(paths: tuple[Path, ...], pipelines_file: str | None, *, as_json: bool) -> None:
    """Run the pipelines' tests: events in, events and outputs expected.

    \b
    Examples:
      shipper logstash test
      shipper logstash test logstash/tests/logs.yml

    \b
    Exit codes: 0 all pass; 1 a test failed; 2 a file is wrong.
    """
    from shipper.logstash_runner.environment import pipelines_environment
    from shipper.logstash_runner.trial import run_files

    folder = _folder(pipelines_file)
    chosen = list(paths) or sorted((folder / "tests").glob("*.yml"))
    file = folder / "pipelines.yml" if pipelines_file is None else Path(pipelines_file)
    report = run_files(chosen, file, pipelines_environment(os.environ, folder))
    emit(report.as_data(), report.as_text(), as_json=as_json)
    if report.failed:
        raise FindingError(f"{report.failed} of {report.total} pipeline tests failed")


def _choose(given: dict[str, Any], home: Home) -> tuple[Sequence[PipelineSettings], dict[str, str], Path | None]:
    """Settings, environment and data folder of `run`."""
    from shipper.logstash_runner.environment import data_folder, local_environment, with_dead_letters
    from shipper.logstash_runner.settings import PipelineSettings, find_files, load_pipelines

    if sum(given[name] is not None for name in ("file", "text", "pipelines_file")) > 1:
        raise UsageError("-e, -f and --pipelines exclude each other", hint="give one of them")
    tuned = {"workers": given["workers"]} | ({"batch_size": given["batch_size"]} if given["batch_size"] else {})
    data = Path(given["data"]) if given["data"] else None
    if given["text"] is not None:
        return [PipelineSettings("main", text=given["text"], **tuned)], dict(os.environ), data
    if given["file"] is not None:
        files = find_files(given["file"])
        if not files:
            raise UsageError("no such configuration file", where=given["file"], hint="check the path")
        return [PipelineSettings("main", files, **tuned)], local_environment(os.environ, home, None), data
    folder = _folder(given["pipelines_file"])
    file = Path(given["pipelines_file"]) if given["pipelines_file"] else folder / "pipelines.yml"
    data = data or data_folder(home)
    environment = with_dead_letters(local_environment(os.environ, home, folder), data)
    return load_pipelines(file, environment), environment, data


def _folder(pipelines_file: str | None) -> Path:
    if pipelines_file is not None:
        return Path(pipelines_file).absolute().parent
    from shipper.declarative import find

    return find("logstash")


def _listed(pipelines_file: str | None, environment: Mapping[str, str]) -> list[Path]:
    """The files of a pipelines.yml."""
    from shipper.logstash_runner.settings import load_pipelines

    file = Path(pipelines_file) if pipelines_file is not None else _folder(None) / "pipelines.yml"
    return list(dict.fromkeys(path for one in load_pipelines(file, environment) for path in one.files))


def _together(
    paths: Sequence[Path], reports: Mapping[str, Report], environment: Mapping[str, str], pipelines_file: str | None
) -> dict[str, Report]:
    """One more report where pipelines that start each by itself do not start together."""
    from shipper.logstash_runner.check import Problem, Report
    from shipper.logstash_runner.grammar import parse
    from shipper.logstash_runner.together import conflicts

    if not all(report.starts for report in reports.values()):
        return {}
    trees = [parse(_text(path), str(path)) for path in paths]
    found = tuple(Problem(one.message, one.where or "", one.hint) for one in conflicts(trees, environment))
    return {pipelines_file or "pipelines.yml": Report(valid=True, starts=False, problems=found)} if found else {}


def _named(name: str) -> Sequence[Path]:
    from shipper.logstash_runner.settings import find_files

    files = find_files(name)
    if not files:
        raise UsageError("no such configuration file", where=name, hint="check the path")
    return files


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error


def _say_unknown(paths: Sequence[Path], names: Iterable[str]) -> None:
    """What the verdict takes for granted."""
    used = [name for name in names if any(f"${{{name}}}" in _text(path) for path in paths)]
    if used:
        click.echo(f"not checked: {', '.join(used)} (not set, and no local stack here; to run, set them)", err=True)


def _environment_of_checks(pipelines_file: str | None) -> dict[str, str]:
    """As that of `run`; the folder of the dead letters is one that exists, for nothing is written."""
    from shipper.home import default_home
    from shipper.logstash_runner.environment import local_environment

    folder = _folder(pipelines_file)
    return {"SHIPPER_DLQ_PATH": tempfile.gettempdir(), **local_environment(os.environ, default_home(), folder)}


def _print_report(report: Report, *, as_json: bool) -> None:
    if as_json:
        return
    for problem in report.problems:
        _print_remark("error", "red", problem)
        if problem.hint is not None:
            click.echo(f"  next:  {problem.hint}", err=True)
    for finding in report.findings:
        _print_remark("finding", "yellow", finding)
        click.echo(f"  next:  {finding.fix}", err=True)


def _print_remark(kind: str, colour: str, remark: Problem | Finding) -> None:
    click.secho(f"{kind}: ", fg=colour, bold=True, nl=False, err=True, color=colours())
    click.echo(remark.message, err=True)
    click.echo(f"  where: {remark.where}", err=True)


def _tune_collector() -> None:
    """Events are trees: to look for cycles in thousands of them at each turn took a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _catch_signals() -> set[str]:
    """What was asked for by signals, filled as they come."""
    asked: set[str] = set()
    signal.signal(signal.SIGTERM, lambda *_: asked.add("stop"))
    signal.signal(signal.SIGINT, lambda *_: asked.add("stop"))
    signal.signal(signal.SIGHUP, lambda *_: asked.add("reload"))
    return asked


def _announce(listeners: Sequence[Listener], given: dict[str, Any], home: Home | None) -> None:
    from shipper.home import write_private
    from shipper.logstash_runner.environment import publish

    addresses = {item.plugin: f"{item.host}:{item.port}" for item in reversed(listeners)}
    if home is not None and given["file"] is None:
        publish(home, addresses)
    rows = [(item.pipeline, item.id, item.plugin, f"{item.host}:{item.port}") for item in listeners]
    document = {
        **addresses,
        "listeners": [dict(zip(("pipeline", "id", "plugin", "address"), row, strict=True)) for row in rows],
    }
    import orjson

    if given["port_file"]:
        write_private(Path(given["port_file"]), orjson.dumps(document))
    if given["as_json"]:
        click.echo(orjson.dumps({"ready": document}), err=True)
    elif rows:
        click.echo(table(rows, ("pipeline", "id", "input", "address")), err=True)
        click.echo("ready", err=True)


def _serve(runner: Runner, asked: set[str]) -> None:
    while "stop" not in asked and not runner.wait(_LOOK):
        if "reload" in asked:
            asked.discard("reload")
            try:
                changed = runner.reload()
            except ShipperError as error:
                click.echo(f"not reloaded, the old pipelines go on: {error}", err=True)
            else:
                click.echo(f"reloaded: {', '.join(changed) or 'nothing changed'}", err=True)
