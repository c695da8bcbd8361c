"""`shipper agent reload`: let the running agent read its configuration again, and say what came of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import click

from shipper.cli.terminal import emit, json_option
from shipper.home import default_home

_NAP = 0.1


@click.command()
@click.option("--state", type=click.Path(path_type=Path), help="State directory [default: $SHIPPER_HOME/agent].")
@click.option(
    "--timeout", default=60.0, show_default=True, type=click.FloatRange(min=1), metavar="SECONDS", help="Wait so long."
)
@json_option
def reload(state: Path | None, timeout: float, as_json: bool) -> None:
    """Let the running agent read its configuration again (SIGHUP), and wait for the outcome.

    The new configuration is checked first: if it is wrong, the agent goes on
    with the old one. Inputs, output, queue, dead letters, intervals and log level
    change without loss; state, host_name, metrics, monitoring and a stdin input
    need a restart, and a file that changes one of them is refused.

    \b
    Examples:
      shipper agent reload
      shipper agent reload --state /var/lib/shipper --json

    \b
    Exit codes: 0 reloaded; 2 refused, the old configuration stays; 3 no agent
    runs on that state directory, or it does not answer.
    """
    from shipper.agent.status import read_status
    from shipper.errors import UnavailableError, UsageError

    directory = state or default_home().path / "agent"
    status = read_status(directory)
    try:
        os.kill(status["pid"], signal.SIGHUP)
    except OSError as error:
        raise UsageError(f"the agent cannot be told: {error.strerror}", hint="run this as the agent's user") from error
    before = status["reload"]["count"]
    deadline = time.monotonic() + timeout
    while (found := read_status(directory)["reload"])["count"] == before:
        if time.monotonic() >= deadline:
            raise UnavailableError("the agent does not answer", where=str(directory), hint="its log says why")
        time.sleep(_NAP)
    emit(
        found, f"reloaded; changed: {', '.join(found['changed']) or 'nothing'}" if found["ok"] else "", as_json=as_json
    )
    if not found["ok"]:
        raise UsageError(f"refused, the old configuration stays: {found['error']}")
