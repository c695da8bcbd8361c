"""`shipper simulate`: input to try things with."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli.terminal import emit, json_option, progress, several
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.group()
def command() -> None:
    """Make log lines and campaigns with known truth.

    \b
    Examples:
      shipper simulate logs --shape access --count 5
      shipper simulate campaign | shipper campaigns ingest -
    """


@command.command()
@click.option("--shape", type=click.Choice(["access", "ecs", "text"]), default="ecs", show_default=True)
@click.option("--count", type=click.IntRange(min=1), default=1000, show_default=True, help="How many records.")
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, help="Records a second; 0 writes at once.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed writes the same lines.")
@click.option("--out", "target", type=click.Path(dir_okay=False), default="-", help="File to append to; - is stdout.")
@json_option
def logs(shape: str, count: int, rate: float, seed: int, target: str, as_json: bool) -> None:
    """Write log lines of one shape: ecs (JSON), text (Python logging with tracebacks) or access (nginx).

    With --out it says what it wrote; --json says so as JSON.

    \b
    Examples:
      shipper simulate logs --shape access --count 5
      shipper simulate logs --shape text --rate 50 --count 3000 --out /tmp/app.log
      shipper simulate logs --shape text | shipper convert -
    """
    from shipper.simulate.lines import lines

    made = lines(shape, count, seed=seed, start=time.time() if rate else 1_767_225_600.0, rate=rate or 100.0)
    paced = _paced(made, rate) if rate else made
    _must_not_mix(as_json, target)
    if target == "-":
        for line in paced:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return
    try:
        with Path(target).open("a", encoding="utf-8", buffering=1 if rate else -1) as file:
            for line in progress(paced, "writing", count):
                file.write(line + "\n")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=target) from error
    report = {"file": target, "records": count, "seed": seed, "shape": shape}
    emit(report, f"{several(count, 'record')} appended to {target}", as_json=as_json)


@command.command()
@click.option("--contacts", type=click.IntRange(min=1), default=200, show_default=True, help="How many contacts.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same campaign.")
@click.option("--out", type=click.Path(dir_okay=False, allow_dash=True), default="-", help="NDJSON file; - is stdout.")
@click.option(
    "--truth", type=click.Path(dir_okay=False, path_type=Path), help="Write the expected tables there (JSON)."
)
@json_option
def campaign(contacts: int, seed: int, out: str, truth: Path | None, as_json: bool) -> None:
    """Write the events of a campaign (some late, some twice), and what reports must say of it.

    With --out it says what it wrote; --json says so as JSON.

    \b
    Examples:
      shipper simulate campaign --out events.ndjson --truth truth.json
      shipper simulate campaign | shipper campaigns ingest -
    """
    from shipper.simulate.campaign import default_plan, simulate

    _must_not_mix(as_json, out)
    made = simulate(default_plan(time.time(), contacts=contacts, seed=seed))
    try:
        made.write(Path("/dev/stdout" if out == "-" else out), truth)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(error.filename)) from error
    if out != "-":
        report = {"file": out, "events": len(made.events), "contacts": contacts, "seed": seed, "truth": truth}
        emit(report, f"{several(len(made.events), 'event')} written to {out}", as_json=as_json)


def _must_not_mix(as_json: bool, out: str) -> None:
    """Refuse --json where what is made goes to stdout itself."""
    if as_json and out == "-":
        raise UsageError("--json reports on a file, and the output itself goes to stdout", hint="add --out FILE")


def _paced(made: Iterator[str], rate: float) -> Iterator[str]:
    begin = time.monotonic()
    for number, line in enumerate(made):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        yield line
