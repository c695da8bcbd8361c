"""`shipper agent backfill`: files again, by path and by time."""

from __future__ import annotations

import os
import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli.terminal import PatternCommand, bar, emit, json_option, several, size
from shipper.clock import SystemClock
from shipper.home import default_home

if TYPE_CHECKING:
    from shipper.agent.backfill.job import Job
    from shipper.agent.backfill.run import Outcome


@click.command(cls=PatternCommand)
@click.option("-c", "--config", "file", type=click.Path(path_type=Path), help="The agent's config file (YAML).")
@click.option("--path", "paths", multiple=True, required=True, metavar="GLOB", help="Files; may be given often.")
@click.option("--from", "begin", metavar="TIME", help="Oldest record: 2026-01-31, 2026-01-31T12:00Z, or 7d (ago).")
@click.option("--to", "end", metavar="TIME", help="Records before it only; as --from.")
@click.option("--rate", metavar="SIZE", help="Bytes read a second at most, such as 5MiB.")
@click.option("--output", metavar="URL", help="As of `agent run`.")
@click.option("--state", type=click.Path(path_type=Path), help="The agent's state directory.")
@json_option
def backfill(  # noqa: PLR0913, PLR0917 - a parameter an option
    file: Path | None,
    paths: tuple[str, ...],
    begin: str | None,
    end: str | None,
    rate: str | None,
    output: str | None,
    state: Path | None,
    as_json: bool,
) -> None:
    """Read files again, whole or for a time range, beside a running agent.

    Records of files that the agent knows keep its ids, so that nothing that is
    in the index already is doubled; its registry is only read. What it has not
    delivered yet stays its own work. Stopped half-way, the same command goes on.
    Times without a zone are UTC.

    \b
    Examples:
      shipper agent backfill --path '/logs/web-1/**/*.log*' --from 2026-01-31 --to 2026-02-01
      shipper agent backfill -c shipper.yml --path '/var/log/app/*' --from 7d --rate 5MiB --json

    \b
    Exit codes: 0 all sent and acknowledged; 1 some files could not be read; 2
    wrong usage or config, or another backfill runs; 3 a file of the state
    cannot be used; 4 stopped before the end (the same command goes on).
    """
    from shipper.agent.backfill.job import open_job
    from shipper.agent.backfill.words import parse_rate, parse_window
    from shipper.agent.launch import settings_of_run
    from shipper.agent.own_log import log_to_stderr
    from shipper.errors import UsageError

    os.umask(0o077)  # what is kept is of its user alone
    if "-" in paths:
        raise UsageError("standard input cannot be read again", hint="ship it with `shipper agent run --path -`")
    clock = SystemClock()
    window = parse_window(begin, end, clock.time())
    limit = None if rate is None else parse_rate(rate)
    settings = settings_of_run(default_home(), file, () if file is not None else paths, output, state)
    log_to_stderr("warning")
    with open_job(settings, paths, window, clock, configured=file is not None) as job:
        outcome = _run(job, limit)
    _report(job, outcome, as_json=as_json)
    _judge(job, outcome)


def _run(job: Job, rate: float | None) -> Outcome:
    """To its end, or until SIGTERM or Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: job.backfill.stop())
    for pattern in job.unmatched:
        click.echo(f"note: no file matches {pattern}", err=True)
    with bar("backfill", job.plan.size) as progress:
        return job.backfill.run(job.plan, job.window, job.inputs, job.common, rate=rate, progress=progress)


def _judge(job: Job, outcome: Outcome) -> None:
    """What its exit code says."""
    from shipper.errors import FindingError, UndeliveredError

    if not outcome.complete:
        raise UndeliveredError("stopped before the end", hint="the same command goes on where it was")
    if job.plan.unreadable:
        raise FindingError(
            f"{several(len(job.plan.unreadable), 'file')} could not be read",
            where=job.plan.unreadable[0],
            hint="see the log above",
        )


def _report(job: Job, outcome: Outcome, *, as_json: bool) -> None:
    result = {
        **asdict(outcome),
        "resumed": job.resumed,
        "left_to_agent": job.plan.left_to_agent,
        "unreadable": job.plan.unreadable,
        "unmatched": job.unmatched,
    }
    text = (
        f"{several(outcome.sent, 'record')} of {several(outcome.files, 'file')} sent, "
        f"{several(outcome.dead_lettered, 'dead letter')}, "
        f"{outcome.passed_over} outside the range or the agent's own; {size(outcome.read)} read"
    )
    left = len(job.plan.left_to_agent)
    emit(
        result,
        text + (f"; {several(left, 'file')} left to the agent, which has not read all of them yet" if left else ""),
        as_json=as_json,
    )
