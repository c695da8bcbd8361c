"""`shipper agent test plan`: a dry run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli.terminal import PatternCommand, emit, json_option, table
from shipper.clock import SystemClock
from shipper.home import default_home

if TYPE_CHECKING:
    from shipper.agent.dry_run import Planned


@click.command("plan", cls=PatternCommand)
@click.option("-c", "--config", "file", type=click.Path(path_type=Path), help="Config file (YAML).")
@click.option("--path", "paths", multiple=True, metavar="GLOB", help="Files to tail; may be given often.")
@click.option("--output", metavar="URL", help="As of `agent run`.")
@click.option("--state", type=click.Path(path_type=Path), help="State directory [default: $SHIPPER_HOME/agent].")
@click.option(
    "--documents", default=3, show_default=True, type=click.IntRange(min=0), help="Files whose next document is shown."
)
@json_option
def test_plan(
    file: Path | None, paths: tuple[str, ...], output: str | None, state: Path | None, documents: int, as_json: bool
) -> None:
    """Dry run: where `agent run` would begin in each file, and the next document.

    Nothing is sent and nothing is written; an agent may be running on the same state.

    \b
    Examples:
      shipper agent test plan -c shipper.yml
      shipper agent test plan --path '/var/log/*.log' --output console: --json

    \b
    Exit codes: 0 shown; 2 wrong usage or config.
    """
    import orjson

    from shipper.agent.dry_run import plan
    from shipper.agent.input.file import FileInput, FileInputSettings
    from shipper.agent.input.own import OwnFiles
    from shipper.agent.launch import settings_of_run
    from shipper.agent.metrics.facts import agent_facts, host_facts
    from shipper.agent.output import file_of, make_output

    settings = settings_of_run(default_home(), file, paths, output, state)
    assert settings.state is not None, "settings_of_run names one"
    common = {"host": host_facts(settings.host_name), "agent": agent_facts("dry-run")}
    own = OwnFiles(settings.state, lambda: file_of(settings.output), streams=())
    inputs = [FileInput(each, common, own=own) for each in settings.inputs if isinstance(each, FileInputSettings)]
    target = make_output(settings.output, SystemClock()).name
    planned = list(plan(inputs, settings.state / "registry", documents))
    files = [{**asdict(each), "document": each.document and orjson.loads(each.document)} for each in planned]
    document = {"files": files, "output": target, "state": str(settings.state)}
    emit(document, _render(planned, target), as_json=as_json)


def _render(planned: list[Planned], output: str) -> str:
    import orjson

    rows = [("-" if each.offset is None else each.offset, each.size, each.what, each.path) for each in planned]
    texts = [table(rows, ("from", "size", "what", "file")) if rows else "no file matches"]
    for each in planned:
        if each.document is not None:
            whole = orjson.dumps(orjson.loads(each.document), option=orjson.OPT_INDENT_2).decode()
            texts.append(f"\nnext of {each.path}:\n{whole}")
    return "\n".join([*texts, f"\nto {output}"])
