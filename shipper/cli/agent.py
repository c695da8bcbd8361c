"""`shipper agent`: run it, look at it, try its parts, care for its dead letters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli import agent_output
from shipper.cli.agent_backfill import backfill
from shipper.cli.agent_dlq import dlq
from shipper.cli.agent_plan import test_plan
from shipper.cli.agent_reload import reload
from shipper.cli.agent_signals import on_signals
from shipper.cli.agent_status import status
from shipper.cli.terminal import PatternCommand, emit, json_option, several
from shipper.clock import SystemClock
from shipper.home import default_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.agent.config import AgentSettings

_config = click.option("-c", "--config", "file", type=click.Path(path_type=Path), help="Config file (YAML).")
_state = click.option(
    "--state", type=click.Path(path_type=Path), help="State directory [default: $SHIPPER_HOME/agent]."
)
_paths = click.option(
    "--path", "paths", multiple=True, metavar="GLOB", help="Files to tail, or - for standard input; may be given often."
)
_output = click.option(
    "--output", metavar="URL", help="logstash://host:port, elasticsearch+http://…, file:///…, console:"
)


@click.group()
def command() -> None:
    """Tail, convert and ship logs and host metrics.

    \b
    Examples:
      shipper agent run --path '/var/log/*.log'
      shipper agent run -c shipper.yml
      shipper agent status
    """


@command.command(cls=PatternCommand)
@_config
@_paths
@_output
@_state
@click.option("--once", is_flag=True, help="End when everything there is has been read and acknowledged.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="Of the agent's own log.")
def run(
    file: Path | None,
    paths: tuple[str, ...],
    output: str | None,
    state: Path | None,
    once: bool,
    log_level: str | None,
) -> None:
    """Run the agent until SIGTERM or Ctrl-C; SIGHUP reads the configuration again.

    Without -c and --output it ships to the local stack: to Logstash where it
    runs, else to Elasticsearch. Its own log is ECS JSON on stderr.

    \b
    Examples:
      shipper agent run --path '/var/log/*.log'
      shipper agent run --path 'logs/**/*.log' --output logstash://127.0.0.1:5044
      shipper agent run -c shipper.yml --once
      my-program 2>&1 | shipper agent run --path - --once

    \b
    Exit codes: 0 ended in order, everything acknowledged; 1 a defect ended it
    (start it again: nothing is lost); 2 wrong usage or config, or another agent
    on the same state; 3 a file of the state cannot be used; 4 records are
    unacknowledged (they are sent again by the next run).
    """
    from msgspec.structs import replace

    from shipper.agent.launch import settings_of_run

    def load() -> AgentSettings:
        found = settings_of_run(default_home(), file, paths, output, state)
        return found if log_level is None else replace(found, log_level=log_level)

    os.umask(0o077)  # what the agent keeps is of its user alone
    _run(load, once=once)


def _run(load: Callable[[], AgentSettings], *, once: bool) -> None:
    """The agent of these settings, in a process made ready for it."""
    from shipper.agent.agent import Agent
    from shipper.agent.descriptors import raise_limit
    from shipper.agent.memory import calm_collector, keep_big_buffers
    from shipper.agent.own_log import log_to_stderr
    from shipper.agent.state import StateDirectory

    settings = load()
    log_to_stderr(settings.log_level)
    keep_big_buffers()
    raise_limit()
    assert settings.state is not None, "settings_of_run names one"
    directory = StateDirectory(settings.state)
    try:
        agent = Agent(settings, directory, SystemClock(), once=once, load=load, environment=os.environ)
        on_signals(agent.stop, agent.reload)
        calm_collector()
        agent.run()
    finally:
        directory.close()


command.add_command(status)
command.add_command(reload)
command.add_command(backfill)
command.add_command(dlq)


@command.group()
def test() -> None:
    """Try a config file, the output or the codec without running the agent.

    \b
    Examples:
      shipper agent test config -c shipper.yml
      shipper agent test codec app.log
      shipper agent test plan -c shipper.yml
    """


test.add_command(test_plan)


@test.command("config")
@click.argument("named", metavar="[FILE]", type=click.Path(path_type=Path), required=False)
@_config
@json_option
def test_config(named: Path | None, file: Path | None, as_json: bool) -> None:
    """Check a config file (FILE or -c; shipper.yml if neither) and say what it would do.

    \b
    Examples:
      shipper agent test config -c /etc/shipper.yml
      shipper agent test config --json

    \b
    Exit codes: 0 sound; 2 wrong, with file, line and path of the mistake.
    """
    from shipper.agent.input.file import FileInput, FileInputSettings
    from shipper.agent.input.own import OwnFiles
    from shipper.agent.launch import load_settings
    from shipper.agent.output import file_of, make_output

    if named is not None and file is not None:
        raise click.UsageError("name one file, as FILE or with -c")
    file = named or file or Path("shipper.yml")
    settings = load_settings(file)
    output = make_output(settings.output, SystemClock()).name
    files = [each for each in settings.inputs if isinstance(each, FileInputSettings)]
    own = OwnFiles(settings.state or default_home().path / "agent", lambda: file_of(settings.output), streams=())
    sources = [FileInput(each, {}, own=own) for each in files]
    found = sum(sum(1 for _ in source.find()) for source in sources)
    left_out = {path: why for source in sources for path, (_, why) in source.left_out.items()}
    unmatched = [pattern for source in sources for pattern in source.unmatched()]
    document = {
        "file": str(file),
        "ok": True,
        "inputs": len(settings.inputs),
        "files": found,
        "unmatched": unmatched,
        "left_out": left_out,
        "output": output,
    }
    said = [
        f"{file} is sound: {several(found, 'file')} now, to {output}",
        *(f"no file matches {each} now" for source in sources for each in source.unmatched_told()),
        *(f"left out {path}: {why}" for path, why in left_out.items()),
    ]
    emit(document, "\n".join(said), as_json=as_json)


test.add_command(agent_output.command)


@test.command("codec")
@click.argument("log", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_config
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), help="Records to show.")
@json_option
def test_codec(log: Path, limit: int, file: Path | None, as_json: bool) -> None:
    """Show the first documents of a log file, exactly as they would be sent.

    A document a line; with --json, all in one list.

    With -c, the first input of that file says how they are decoded.

    \b
    Examples:
      shipper agent test codec /var/log/nginx/access.log
      shipper agent test codec app.log -c shipper.yml --limit 3

    \b
    Exit codes: 0 shown; 2 wrong usage or config.
    """
    from msgspec.structs import replace

    from shipper.agent.input.file import FileInput, FileInputSettings
    from shipper.agent.launch import input_of, load_settings
    from shipper.agent.preview import left_out, preview

    settings = input_of([str(log)])
    if file is not None:
        first = load_settings(file).inputs[0]
        settings = first if isinstance(first, FileInputSettings) else replace(settings, codec=first.codec)
    source = FileInput(settings, {})
    documents = list(preview(source, log, limit))
    if reason := left_out(source, log):
        click.echo(f"note: `agent run` leaves this file out: {reason}", err=True)
    elif not documents:
        click.echo("note: no record: the file is empty, or all of it may belong to a record to come", err=True)
    click.echo(f"[{','.join(documents)}]" if as_json else "\n".join(documents), nl=bool(documents) or as_json)
