"""The `shipper` command: one module a room, imported only when its command is called."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from shipper import __version__
from shipper.colour import colours
from shipper.errors import ShipperError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, tuple[str, str]] = {
    "agent": ("shipper.cli.agent", "Tail, convert and ship logs and host metrics."),
    "campaigns": ("shipper.cli.campaigns", "Ingest campaign events and report attribution and cohorts."),
    "convert": ("shipper.cli.convert", "Turn log text into ECS NDJSON."),
    "dashboards": ("shipper.cli.dashboards", "Build, check, execute and preview Kibana dashboards."),
    "demo": ("shipper.cli.demo", "Run the whole mission on this machine, with known truth."),
    "init": ("shipper.cli.init", "Copy the pipelines, rules and dashboards into a folder."),
    "logstash": ("shipper.cli.logstash", "Run, check and test Logstash pipelines without a JVM."),
    "rules": ("shipper.cli.rules", "Evaluate, test and replay alert rules."),
    "simulate": ("shipper.cli.simulate", "Make realistic load, incidents and campaigns."),
    "stack": ("shipper.cli.stack", "Run a local Elasticsearch; set up any cluster."),
}
"""Command -> (module with a click command named `command`, one-line help)."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        if name not in COMMANDS and near and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {name!r}. Did you mean {near[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [
            CompletionItem(name, help=COMMANDS[name][1]) for name in sorted(COMMANDS) if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `| head` has seen enough; click would end with 1, which means a finding here
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            ctx.exit(0)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


EXIT_CODES = """\b
Exit codes: 0 done; 1 a check found something; 2 wrong usage, config or rule;
3 a peer or the local stack cannot be reached; 4 stopped with unacknowledged
records; 5 a peer broke its protocol; 130 interrupted."""


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="shipper")
def cli() -> None:
    """Ship logs as ECS, watch them with rules, explain campaigns.

    \b
    Examples:
      shipper stack up
      shipper agent run --path '/var/log/*.log'
      shipper convert --codec auto app.log
    """


_CHECK = "check that the disk has room and that the path is yours to write"
_AWAY = "look what it is, move it away, and start again: what belongs there is made anew"
_TOLD = {
    errno.EISDIR: ("a folder stands in the place of a file", _AWAY),
    errno.ENOTDIR: ("a file stands in the place of a folder", _AWAY),
    errno.EEXIST: ("a file stands in the place of a folder", _AWAY),
}
"""Errors of the system of which the words alone do not tell a person what to do."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors meant for people end in one message and their exit code."""
    try:
        result = cli.main(args=arguments, standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except ShipperError as error:
        report(error)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("", "shipper"):
            raise
        report(_extra(error))
        code = UsageError.exit_code
    except OSError as error:
        report(_environment(error))
        code = UnavailableError.exit_code
    sys.exit(code)


def _extra(error: ModuleNotFoundError) -> UsageError:
    """The bare installation is the agent; each other room needs the packages of its extra."""
    return UsageError(
        f"this command needs the package `{error.name}`, which is not installed",
        hint="install Shipper with its extras: pip install '.[all]' in its checkout",
    )


def _environment(error: OSError) -> UnavailableError:
    """A full disk, a folder that may not be written: what no command of ours expects, and a person can mend."""
    place = error.filename2 or error.filename  # of a rename the name that was to be, not the temporary one
    hint: str | None
    message, hint = _TOLD.get(error.errno or 0, (error.strerror or str(error), _CHECK))
    if error.errno in (errno.EINVAL, errno.EIO):  # neither room nor a permission would mend it
        hint = None
    where = None if place is None else os.fsdecode(place)
    if where and error.errno == errno.ENOTDIR:  # said of all that would be below it
        where = next((str(each) for each in Path(where).parents if each.is_file()), where)
    return UnavailableError(message, where=where, hint=hint)


def report(error: ShipperError) -> None:
    """Print what is wrong, where, and the next step, on stderr."""
    click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=colours())
    click.echo(error.message, err=True)
    if error.where is not None:
        click.echo(f"  where: {error.where}", err=True)
    if error.hint is not None:
        click.echo(f"  next:  {error.hint}", err=True)
