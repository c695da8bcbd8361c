"""`shipper agent status`: the running agent once, or live."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.terminal import emit, json_option, several, size, table
from shipper.colour import colours
from shipper.errors import UnavailableError
from shipper.home import default_home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FILES = 40
"""Files shown unless all are wanted."""


@click.command()
@click.option("--state", type=click.Path(path_type=Path), help="State directory [default: $SHIPPER_HOME/agent].")
@click.option("--watch", is_flag=True, help="Show it again and again until Ctrl-C.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two looks of --watch.",
)
@click.option("--all", "everything", is_flag=True, help=f"All files, not only the {_FILES} that lag most.")
@json_option
def status(state: Path | None, watch: bool, interval: float, everything: bool, as_json: bool) -> None:
    """Show what the running agent has read, sent and dropped, file by file.

    The lag of a file is what was not acknowledged yet: in bytes, and as the
    age of the oldest of it. With --watch and --json each look is one line.

    \b
    Examples:
      shipper agent status
      shipper agent status --watch
      shipper agent status --state /var/lib/shipper --json
      shipper agent status --watch --json --interval 10 | jq .lag

    \b
    Exit codes: 0 shown; 2 wrong usage; 3 no agent runs on that
    state directory, or it does not answer (the message names its process).
    """
    from shipper.agent.status import read_status

    directory = state or default_home().path / "agent"
    document = read_status(directory)
    if not watch:
        emit(document, _coloured(render(document, None if everything else _FILES)), as_json=as_json)
        return
    show = _show_json if as_json else _screen(everything)
    try:
        while True:
            show(document)
            time.sleep(interval)
            try:
                document = read_status(directory)
            except UnavailableError as error:  # it may be started again
                document = {"error": str(error)}
    except KeyboardInterrupt:
        if not as_json:
            click.echo()


def render(status: Mapping[str, Any], limit: int | None) -> list[str]:
    """Lines for people; at most `limit` files, those that lag most first."""
    if "error" in status:
        return [status["error"]]
    queue, lag, rates, oldest = status["queue"], status["lag"], status["rates"], status["oldest_unacknowledged"]
    behind = f", the oldest {_age(oldest['age_seconds'])} old in {oldest['path']}" if oldest else ""
    flow = (
        f"read {rates['records_read']:,.0f} records/s, {size(rates['bytes_read'])}/s; "
        f"delivered {rates['records_delivered']:,.0f} records/s, {size(rates['bytes_delivered'])}/s "
        f"(last {rates['seconds']:.0f} s)"
    )
    lines = [
        f"shipper {status['version']}, process {status['pid']}, up since {status['started']}",
        *_health(status["health"]),
        _costs(status),
        *_output(status["output"]),
        flow,
        f"queue {queue['records']:,} records, {size(queue['bytes'])} of {size(queue['limit'])}",
        f"lag {size(lag['bytes'])} in {several(lag['files'], 'file')}{behind}",
        *_counts(status["counts"]),
        *(f"spool {name}: {size(each['bytes'])} of {size(each['limit'])}" for name, each in status["spools"].items()),
        _dead_letters(status["dead_letters"]),
    ]
    return [*lines, *_files(status["files"], limit), *_left_out(status["left_out"], limit)]


def _costs(status: Mapping[str, Any]) -> str:
    files = status["open_files"]
    costs = f"memory {size(status['memory_rss'])}, CPU {status['cpu']['share']:.1%} of a core"
    return f"{costs}, {files['count']} log files open (at most {files['limit']})"


def _health(health: Mapping[str, Any]) -> list[str]:
    found = [*(f"unhealthy: {each['text']}" for each in health["reasons"])] or ["healthy"]
    return [*found, *(f"warning: {each['text']}" for each in health["warnings"])]


def _output(output: Mapping[str, Any]) -> list[str]:
    lines = [f"output {output['name']}"]
    for host in output["hosts"]:
        error = f": {host['error']}" if host["error"] else ""
        wait = f"in {_age(host['retry_seconds'])}" if host["retry_seconds"] else "with the next connection"
        again = f", again {wait}" if host["failures"] else ""
        flying = f"{host['in_flight']:,} records on the way"
        lines.append(f"  {host['host']} {host['state']} since {host['since']}, {flying}{again}{error}")
    return lines


def _counts(counts: Mapping[str, int]) -> list[str]:
    from shipper.agent.monitoring.counters import by_kind

    return [
        f"{kind.value}: " + ", ".join(f"{name} {value:,}" for name, value in group.items())
        for kind, group in by_kind(counts).items()
        if group
    ]


def _files(files: list[dict[str, Any]], limit: int | None) -> list[str]:
    if not files:
        return ["no files"]
    ordered = sorted(files, key=lambda each: (-each["lag_bytes"], str(each["path"])))
    rows = [
        (
            each["path"],
            each["acknowledged"],
            each["lag_bytes"],
            "unknown" if each["lag_seconds"] is None else _age(each["lag_seconds"]),
            each["watermark"],
            "open" if each["open"] else f"closed: {each['closed'] or 'not begun'}",
        )
        for each in ordered[:limit]
    ]
    header = ("file", "acknowledged", "lag", "oldest", "all older is delivered", "state")
    hidden = len(files) - len(rows)
    return [*table(rows, header).splitlines(), *([f"and {hidden} more files (--all)"] if hidden else [])]


def _left_out(left_out: Mapping[str, str], limit: int | None) -> list[str]:
    shown = list(left_out.items())[:limit]
    hidden = len(left_out) - len(shown)
    lines = [f"left out {path}: {reason}" for path, reason in shown]
    return [*lines, *([f"and {hidden} more left out (--all)"] if hidden else [])]


def _show_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, sort_keys=True, default=str))
    sys.stdout.flush()


def _screen(everything: bool) -> Callable[[Mapping[str, Any]], None]:
    """Draws over the last look on a terminal; elsewhere the looks follow each other."""
    if not sys.stdout.isatty():
        return lambda document: click.echo("\n".join([*render(document, None if everything else _FILES), ""]))

    def draw(document: Mapping[str, Any]) -> None:
        width, height = shutil.get_terminal_size()
        lines = [line[:width] for line in render(document, None)[: height - 1]]
        click.echo("\x1b[H" + "".join(f"{line}\x1b[K\n" for line in _coloured(lines).splitlines()) + "\x1b[J", nl=False)

    click.clear()
    return draw


def _coloured(lines: list[str]) -> str:
    """What is wrong in red or yellow, on a terminal that may have colours."""
    if not sys.stdout.isatty() or colours() is False:
        return "\n".join(lines)
    shades = {"unhealthy:": "red", "lost:": "red", "warning:": "yellow", "trouble:": "yellow", "healthy": "green"}
    return "\n".join(click.style(line, fg=shades.get(line.partition(" ")[0])) for line in lines)


def _age(seconds: float) -> str:
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 or not seconds else f"{seconds:.1f} s"


def _dead_letters(letters: dict[str, Any]) -> str:
    said = f"dead letters {letters['count']}, {size(letters['bytes'])} of {size(letters['limit'])}"
    if letters["full"]:
        said += ", full: see `shipper agent dlq`"
    return said + (f", {letters['dropped']} dropped" if letters["dropped"] else "")
