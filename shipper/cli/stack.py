"""`shipper stack`: the local Elasticsearch, and setup and retention on any cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.connection import cluster_options, stack_settings
from shipper.cli.stack_certificates import certificates
from shipper.cli.stack_data import restore, retention, snapshot
from shipper.cli.stack_monitor import monitor
from shipper.cli.stack_status import status
from shipper.cli.terminal import emit, json_option, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shipper.stack.local import LocalStack


@click.group()
def command() -> None:
    """Run a local Elasticsearch; set up and tidy any cluster.

    \b
    Examples:
      shipper stack up
      shipper stack status --json
      shipper stack setup --url https://es:9200 --user elastic --password-file pw --dry-run

    The local stack belongs to $SHIPPER_HOME; what all homes share is in $SHIPPER_CACHE.
    """


@command.command()
@click.option("--es-version", help="Elasticsearch version (default: 8.19.3; 9.x needs a full JDK of 21 or above).")
@click.option("--nodes", type=click.Choice(["1", "3"]), help="Servers of one cluster (default: as many as there are).")
@click.option("--heap", help="Java heap of each, as 512m or 2g (default: 512m; 320m with 3 nodes).")
@click.option("--run-as", default="nobody", show_default=True, help="As root: the user the server runs as.")
@click.option("--tenant", "tenants", multiple=True, help="Add the account insights_TENANT (repeatable).")
@json_option
def up(as_json: bool, **options: Any) -> None:
    """Start Elasticsearch on loopback, secured and set up; safe to call again.

    \b
    Examples:
      shipper stack up
      shipper stack up --heap 2g
      shipper stack up --nodes 3                  a cluster with replicas; any one may die
      SHIPPER_HOME=~/second shipper stack up      a second one beside the first

    \b
    Exit codes: 0 it runs; 2 no such version or user; 3 download, disk or start failed.
    """
    from shipper.home import default_home
    from shipper.stack.distribution import DEFAULT_VERSION
    from shipper.stack.local import Options

    nodes: str | None = options["nodes"]
    asked = Options(
        version=options["es_version"] or DEFAULT_VERSION,
        nodes=None if nodes is None else int(nodes),
        heap=options["heap"],
        run_as=options["run_as"],
        tenants=options["tenants"],
    )
    endpoints = _local(asked).up()

    file = default_home().endpoints_file
    emit(
        {
            "elasticsearch": endpoints.elasticsearch,
            "nodes": endpoints.hosts,
            "accounts": sorted(endpoints.accounts),
            "endpoints_file": str(file),
        },
        f"Elasticsearch answers at {', '.join(endpoints.hosts)}\naccounts and passwords are in {file}",
        as_json=as_json,
    )


@command.command()
@click.option("--delete", is_flag=True, help="Delete its data, accounts and logs too.")
@json_option
def down(delete: bool, as_json: bool) -> None:
    """Stop the local Elasticsearch; its data stays unless --delete.

    \b
    Examples:
      shipper stack down
      shipper stack down --delete

    The agent's own state ($SHIPPER_HOME/agent) stays: an agent that runs again does not
    send again what it delivered. Remove it too, if a new stack shall have that data.

    \b
    Exit codes: 0 it does not run any more; 3 its files could not be deleted.
    """
    from shipper.home import default_home

    ran = _local().down(delete=delete)
    registry = default_home().path / "agent"
    kept = str(registry) if delete and registry.exists() else None
    lines = ["stopped" if ran else "it did not run"]
    if kept is not None:  # a new stack would lack what the agent remembers as delivered
        lines.append(
            f"kept: what the agent has delivered already ({kept}); remove it too if a new stack shall have that"
        )
    emit({"stopped": ran, "deleted": delete, "agent_state": kept}, "\n".join(lines), as_json=as_json)


@command.command()
@cluster_options
@click.option("--tenant", "tenants", multiple=True, help="Add the role insights_TENANT (repeatable).")
@click.option("--users-from", type=click.Path(path_type=Path, file_okay=False), help="Folder of ROLE_password files.")
@click.option("--api-keys-to", type=click.Path(path_type=Path, file_okay=False), help="Folder for ROLE_api_key files.")
@click.option("--api-key-days", type=click.IntRange(min=1), help="Life of a new key (default: for ever).")
@click.option("--force-templates", is_flag=True, help="Put our templates above others that match our indices.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@json_option
def setup(as_json: bool, **options: Any) -> None:
    """Create or update templates, roles and backups on a cluster (default: the local stack).

    \b
    Examples:
      shipper stack setup --dry-run
      shipper stack setup --url https://es:9200 --user elastic --password-file pw
      shipper stack setup -c cluster.yml --users-from /run/secrets      also several clusters
      shipper stack setup -c cluster.yml --api-keys-to /etc/shipper/keys --api-key-days 365

    \b
    Exit codes: 0 done; 1 something of that name was made by someone else, or a template
    of others would be used for our indices, nothing was changed; 2 wrong options;
    3 unreachable, or the account may not.
    """
    from shipper.cli.stack_plan import Asked, set_up_place
    from shipper.errors import UsageError

    told = {field.name: options.pop(field.name) for field in dataclasses.fields(Asked)}
    settings = stack_settings(options)
    if told["api_keys_to"] is not None and len(settings.places()) > 1:
        raise UsageError("--api-keys-to is for one cluster", hint="name each with --url, and a folder of its own")
    asked = Asked(**{**told, "tenants": (*settings.tenants, *told["tenants"])})
    changes = [change for place in settings.places() for change in set_up_place(settings, place, asked)]
    several = len(settings.places()) > 1
    rows = [((change.place,) if several else ()) + (change.kind, change.name, change.action) for change in changes]
    header = (("cluster",) if several else ()) + ("kind", "name", "would" if asked.dry_run else "action")
    lines = [line for change in changes for line in change.lines()]
    emit(
        [dataclasses.asdict(change) for change in changes],
        "\n".join([table(rows, header), *lines]),
        as_json=as_json,
    )


for other in (status, certificates, retention, snapshot, restore, monitor):
    command.add_command(other)


def _local(options: Any = None) -> LocalStack:
    from shipper.home import default_home
    from shipper.stack.local import LocalStack, Reporting

    return LocalStack(
        default_home(), options, Reporting(progress=_bar, say=lambda line: click.echo(line + " …", err=True))
    )


@contextlib.contextmanager
def _bar(what: str, size: int) -> Iterator[Callable[[int], None]]:
    """A bar of bytes on stderr; one line where that is not a terminal."""
    if not sys.stderr.isatty():
        click.echo(f"fetching {what} ({size / 1e6:.0f} MB) …", err=True)
        yield lambda _count: None
        return
    with click.progressbar(length=size, label=f"fetching {what}", file=sys.stderr) as bar:
        yield bar.update
