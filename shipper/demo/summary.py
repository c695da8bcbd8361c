"""The end of a demonstration, for people."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.home import default_home

if TYPE_CHECKING:
    from shipper.demo.checks import Outcome
    from shipper.demo.console import Console
    from shipper.demo.stage import Stage
    from shipper.home import Home


def show(console: Console, stage: Stage, outcome: Outcome, *, staying: bool, home: Home) -> None:
    """Print the figures, the checks, the pages to open and the command to type next."""
    documents = outcome.documents
    console.say()
    console.say(click.style("Documents", bold=True))
    console.say(
        "  " + "   ".join(f"{name} {documents.get(name, 0):,}" for name in ("in", "delivered", "lost", "duplicated"))
    )
    console.say(click.style("Alerts", bold=True))
    for alert in outcome.alerts:
        console.say(f"  {alert['rule']:<24} fired {alert['fired']}   resolved {alert['resolved']}")
    console.say(click.style("Checks", bold=True))
    width = max((len(check.name) for check in outcome.checks), default=0)
    for check in outcome.checks:
        mark = click.style("✔", fg="green") if check.ok else click.style("✘", fg="red")
        console.say(f"  {mark} {check.name:<{width}}  {click.style(check.detail, dim=True)}")
    if not staying:
        return
    console.say(click.style("Pages", bold=True))
    console.say(f"  {stage.page}")
    console.say(click.style("Next, in another terminal", bold=True))
    console.say(f"  {_setting(stage, home)}{_program()} agent run --path '/var/log/*.log'")
    console.say()
    console.say("It keeps running until Ctrl-C, then removes everything it made.")


def _program() -> str:
    """The command as it can be typed here."""
    venv = Path(os.environ.get("VIRTUAL_ENV", ".venv")) / "bin" / "shipper"
    local = Path(".venv/bin/shipper")
    return str(local if local.exists() else venv)


def _setting(stage: Stage, home: Home) -> str:
    """What to put before a command so that it finds the demonstration's stack; nothing where it does so by itself."""
    if home.endpoints() != stage.endpoints:
        return f"SHIPPER_HOME={shlex.quote(str(stage.home.path))} "
    same = default_home({key: value for key, value in os.environ.items() if key != "SHIPPER_HOME"}) == home
    return "" if same or "SHIPPER_HOME" in os.environ else f"SHIPPER_HOME={shlex.quote(str(home.path))} "
