"""`scripts/chaos`: rounds of trouble by seed; ends with 1 when one of them lost or doubled a record."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from tests.chaos.peer import peer
from tests.chaos.plan import Topology, draw
from tests.chaos.round import Report, Round
from tests.chaos.servers import Elsewhere, Own
from tests.support import stack


@click.command()
@click.option("--rounds", default=10, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="Of the first round; the next ones count up.")
@click.option(
    "--topology",
    type=click.Choice([each.value for each in Topology]),
    default=Topology.DIRECT.value,
    show_default=True,
    help="Elasticsearch directly, or through `shipper logstash run` with the project's pipelines; one node or three.",
)
@click.option(
    "--harder/--easier",
    default=True,
    show_default=True,
    help="Also SIGKILL of Elasticsearch and jumps of the clock. Without: the plans of seeds below 30000.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a round.")
@click.option("--keep", is_flag=True, help="Keep the folder of each round, not only of those that failed.")
def main(rounds: int, seed: int, topology: str, harder: bool, as_json: bool, keep: bool) -> None:
    """Kill, cut, stall, refuse and rotate by a plan drawn from a seed; then compare the index with the truth.

    \b
    Examples:
      scripts/chaos --rounds 20 --seed 100
      scripts/chaos --rounds 1 --seed 117 --keep
      scripts/chaos --rounds 1 --seed 10022 --easier
      scripts/chaos --topology cluster

    \b
    Exit codes: 0 nothing lost, nothing doubled; 1 a round failed.
    """
    failed = []
    through = Topology(topology)
    foreign = os.environ.get("SHIPPER_TEST_ES")
    stack.tidy_up()
    with contextlib.closing(Elsewhere(foreign) if foreign else Own(through.nodes)) as servers:
        for number in range(seed, seed + rounds):
            plan = draw(number, through, harder=through.harder if harder else ())
            if not as_json:
                click.echo(str(plan))
            there = peer(servers)
            folder = Path(tempfile.mkdtemp(prefix=f"chaos-{number}-"))
            report = Round(plan, folder, there).run()
            there.clean()
            if not report.ok:
                failed.append(number)
            _tell(report, folder, as_json=as_json)
            if report.ok and not keep:
                shutil.rmtree(folder)
    if not as_json:
        click.echo(
            f"{rounds - len(failed)} of {rounds} rounds passed" + (f"; failed seeds: {failed}" if failed else "")
        )
    sys.exit(1 if failed else 0)


def _tell(report: Report, folder: Path, *, as_json: bool) -> None:
    if not as_json:
        click.echo(f"  {report}" + ("" if report.ok else f"\n  see {folder}"))
        return
    verdict = report.verdict
    document = {
        "seed": report.plan.seed,
        "topology": report.plan.topology,
        "plan": str(report.plan),
        "ok": report.ok,
        "written": verdict.written,
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "stray": verdict.stray,
        "cut_away": verdict.cut_away,
        "dead_letters": report.dead_letters,
        "bytes_lost": report.counted_lost,
        "bytes_cut_away": report.cut_bytes,
        "hits": report.hits,
        "seconds": round(report.seconds, 2),
        "skipped": report.skipped,
        "complaints": report.complaints,
    }
    click.echo(json.dumps(document))


if __name__ == "__main__":
    main()
