"""`shipper demo`: see `scripts/demo`."""

from __future__ import annotations

from pathlib import Path

import click

from shipper.home import default_home


@click.command()
@click.option("--once", is_flag=True, help="Check, print the summary, clean up and end.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the outcome there.")
def command(once: bool, json_file: Path | None) -> None:
    """Run the whole mission on this machine and compare it with the truth.

    A real Elasticsearch, the Logstash pipelines, the agent, four services under
    load, the rule evaluator, a campaign and the pages; all on loopback, all
    removed at the end.

    \b
    Examples:
      shipper demo
      shipper demo --once --json out.json

    \b
    Exit codes: 0 every check holds; 1 one does not; 2 another demonstration
    runs; 3 a part did not start.
    """
    from shipper.demo.run import Options, run

    run(Options(default_home(), once=once, json_file=json_file))
