"""`shipper campaigns`: events in, attribution and cohorts out."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.connection import cluster_options, stack_settings
from shipper.cli.terminal import emit, json_option, several
from shipper.errors import FindingError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from elasticsearch import Elasticsearch

    from shipper.campaigns.definitions import Definitions
    from shipper.campaigns.event import CampaignEvent
    from shipper.campaigns.report import Reader, Scope
    from shipper.campaigns.work import Workplace

_SHOWN_ERRORS = 5


@click.group()
def command() -> None:
    """Ingest campaign events and report attribution and cohorts.

    \b
    Examples:
      shipper campaigns ingest events.ndjson
      shipper campaigns run --once
      shipper campaigns report attribution
    """


_definitions_option = click.option(
    "-d", "--definitions", type=click.Path(dir_okay=False, path_type=Path),
    help="campaigns.yml: what counts as entry, touch and goal. Without: the built-in definitions.",
)  # fmt: skip


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--url", help="Logstash's http input; else the local one. Its user stands in the environment.")
@click.option("--patience", type=click.FloatRange(min=0), default=60.0, show_default=True,
              help="Seconds to try a batch again before giving up.")  # fmt: skip
@json_option
def ingest(file: str, url: str | None, patience: float, as_json: bool) -> None:
    """Post the events of FILE (NDJSON, - is stdin) to Logstash's http input.

    Sending a file again is harmless: an event counts once, by its `event.id` (without one, by its content).
    Lines that are no events are named on stderr and skipped; the exit code is then 1.

    \b
    Examples:
      shipper campaigns ingest events.ndjson
      shipper simulate campaign --out - | shipper campaigns ingest -
      SHIPPER_HTTP_USER=hook SHIPPER_HTTP_PASSWORD=… shipper campaigns ingest events.ndjson --url http://logstash:8080
    """
    import urllib3

    from shipper.campaigns.ingest import Poster
    from shipper.clock import SystemClock

    where = _http_target(url)
    invalid: list[str] = []
    sent = 0
    with _opened(file) as lines, urllib3.PoolManager(maxsize=1, timeout=30) as pool:
        poster = Poster(pool, where, SystemClock(), patience)
        for count in poster.send(_valid(lines, file, invalid)):
            sent += count
            _progress(f"{several(sent, 'event')} accepted")
    _progress("")
    emit(
        {"accepted": sent, "invalid": len(invalid)},
        f"{several(sent, 'event')} accepted by {where.url}",
        as_json=as_json,
    )
    if invalid:
        shown = "; ".join(invalid[:_SHOWN_ERRORS])
        raise FindingError(
            f"{several(len(invalid), 'line')} without a valid campaign event: {shown}",
            hint="mend them and send them again",
        )


@command.command()
@_definitions_option
@cluster_options
@click.option("--once", is_flag=True, help="Stop when everything there is has been taken.")
@click.option("--interval", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="Seconds of rest.")
@json_option
def run(definitions: Path | None, once: bool, interval: float, as_json: bool, **cluster: Any) -> None:
    """Follow the events and keep contacts, ledger and roll-ups up to date.

    It may be killed at any moment and started again anywhere: nothing is lost or counted twice.

    \b
    Examples:
      shipper campaigns run --once
      shipper campaigns run -d campaigns.yml --interval 30
    """
    with _workplace(definitions, cluster) as place:
        if once:
            done = place.run_once(
                lambda so_far: _progress(
                    f"{several(so_far.events, 'event')} read, {several(so_far.entries, 'change')} summed"
                )
            )
            _progress("")
            figures = {"events": done.events, "invalid": done.invalid, "contacts": done.contacts,
                       "entries": done.entries}  # fmt: skip
            text = ", ".join(
                (
                    f"{several(done.events, 'event')} read",
                    f"{several(done.contacts, 'contact')} changed",
                    f"{several(done.invalid, 'event')} refused",
                )
            )
            emit(figures, text, as_json=as_json)
            return
        place.run_forever(interval, threading.Event(), lambda text: click.echo(text, err=True))


@command.command()
@_definitions_option
@cluster_options
@click.option("--apply", "write", is_flag=True, help="Write the difference, as signed deltas in the ledger.")
@json_option
def rebuild(definitions: Path | None, write: bool, as_json: bool, **cluster: Any) -> None:
    """Recompute everything from the raw events and compare it with the state, byte for byte.

    Exit code 1 if something differs. After a change of campaigns.yml, --apply makes it count for the past too.

    \b
    Examples:
      shipper campaigns rebuild
      shipper campaigns rebuild -d campaigns.yml --apply
    """
    with _workplace(definitions, cluster) as place:
        difference = place.rebuild(write=write)
        figures = {
            "contacts": difference.compared,
            "contacts_differing": len(difference.contacts),
            "cells_differing": len(difference.cells),
            "applied": write,
        }
        if difference.equal:
            emit(figures, f"equal: {several(difference.compared, 'contact')}, all cells", as_json=as_json)
            return
        text = f"different: {several(len(difference.contacts), 'contact')} and {several(len(difference.cells), 'cell')}"
        emit(figures, f"{text}; rewritten" if write else text, as_json=as_json)
        if not write:
            raise FindingError(text, hint="run `shipper campaigns run --once` first, or rebuild with --apply")


@command.group()
def report() -> None:
    """Print tables; they read the roll-ups, never the events.

    \b
    Examples:
      shipper campaigns report attribution --model time_decay
      shipper campaigns report cohorts --campaign welcome
    """


def _scope_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--goal", default="purchase", show_default=True, help="Conversions of this goal."),
        click.option("--campaign", help="Only this campaign."),
        click.option("--tenant", help="Needed where there are several."),
    ):
        function = option(function)
    return cluster_options(json_option(function))


@report.command()
@click.option("--model", default="linear", show_default=True,
              help="first, last, linear, position, time_decay or last_non_direct.")  # fmt: skip
@click.option("--by", type=click.Choice(("channel", "campaign", "message", "variant")), default="channel")
@_scope_options
def attribution(model: str, by: str, as_json: bool, **scope: Any) -> None:
    """Which channels (campaigns, messages, variants) the conversions are credited to.

    \b
    Examples:
      shipper campaigns report attribution
      shipper campaigns report attribution --model position --by message --campaign welcome
    """
    from shipper.campaigns import render
    from shipper.campaigns.credit import MODELS

    if model not in MODELS:
        raise UsageError(f"there is no model {model!r}", hint=f"one of: {', '.join(MODELS)}")
    with _reader(scope) as (reader, chosen):
        table = reader.attribution(chosen, model, by)
    emit(table.as_json(), render.attribution(table), as_json=as_json)


@report.command()
@_scope_options
def cohorts(as_json: bool, **scope: Any) -> None:
    """Of the contacts that entered a campaign on a day, how many converted within how many days.

    \b
    Examples:
      shipper campaigns report cohorts
      shipper campaigns report cohorts --campaign welcome --goal signup --json
    """
    from shipper.campaigns import render

    with _reader(scope) as (reader, chosen):
        table = reader.cohorts(chosen, _now())
    emit(table.as_json(), render.cohorts(table), as_json=as_json)


@command.command()
@click.option("--port", default=0, show_default="a free one", help="Port on 127.0.0.1.")
@click.option("--tenant", help="Show this tenant only, read as its own account where there is one.")
@cluster_options
@json_option
def preview(port: int, tenant: str | None, as_json: bool, **cluster: Any) -> None:
    """Serve the Insights page; only this machine can open it.

    \b
    Examples:
      shipper campaigns preview
      shipper campaigns preview --port 8602 --tenant acme
    """
    from shipper.campaigns.page import insights_page
    from shipper.web import Server, Site

    with _cells(tenant, cluster) as reader:
        server = Server(Site([insights_page(reader, tenant, _now)]), port)
        with contextlib.closing(server):
            url = f"{server.url}insights"
            emit({"url": url}, f"{url} (Ctrl-C ends)", as_json=as_json)
            server.serve_forever()


@command.command()
@click.argument("contact")
@click.option("--tenant", help="Needed where there are several.")
@_definitions_option
@cluster_options
@json_option
def explain(contact: str, tenant: str | None, definitions: Path | None, as_json: bool, **cluster: Any) -> None:
    """Why the conversions of CONTACT were credited as they were: touches, shares, what was left out and why.

    \b
    Examples:
      shipper campaigns explain contact-0007
    """
    from shipper.campaigns.explain import as_text
    from shipper.campaigns.explain import explain as explained

    with _workplace(definitions, cluster) as place:
        found = explained(place.contact(tenant, contact), place.definitions)
    emit(found, as_text(found), as_json=as_json)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _definitions(path: Path | None) -> Definitions:
    from shipper.campaigns.definitions import CampaignSettings, compile_settings, read

    return compile_settings(CampaignSettings()) if path is None else read(path)


@contextlib.contextmanager
def _workplace(path: Path | None, cluster: dict[str, Any]) -> Iterator[Workplace]:
    from shipper.campaigns.work import Workplace
    from shipper.clock import SystemClock

    definitions = _definitions(path)
    with _connected(cluster, ("insights_worker",)) as (client, prefix):
        yield Workplace(client, prefix, definitions, SystemClock())


@contextlib.contextmanager
def _reader(scope: dict[str, Any]) -> Iterator[tuple[Reader, Scope]]:
    from shipper.campaigns.report import Scope

    tenant, goal, campaign = (scope.pop(name) for name in ("tenant", "goal", "campaign"))
    with _cells(tenant, scope) as reader:
        yield reader, Scope(tenant or reader.only_tenant(), goal, campaign)


@contextlib.contextmanager
def _cells(tenant: str | None, cluster: dict[str, Any]) -> Iterator[Reader]:
    from shipper.campaigns.indices import Indices
    from shipper.campaigns.report import Reader

    roles = ("insights_worker",) if tenant is None else (f"insights_{tenant}", "insights_worker")
    with _connected(cluster, roles) as (client, prefix):
        yield Reader(client, Indices(prefix))


@contextlib.contextmanager
def _connected(cluster: dict[str, Any], roles: tuple[str, ...]) -> Iterator[tuple[Elasticsearch, str]]:
    """A client of the cluster that the options name, else of the local stack as the first of `roles` that it has."""
    from shipper.elastic.client import connect, explained, for_role
    from shipper.home import default_home

    options = stack_settings(cluster)
    settings = options.elasticsearch
    if settings is None:
        endpoints = default_home().endpoints()
        settings = for_role(endpoints, next((role for role in roles if role in endpoints.accounts), roles[-1]))
    with connect(settings) as client, explained(settings.place):
        yield client, options.prefix


def _http_target(url: str | None) -> Any:
    from shipper.campaigns.ingest import ACCOUNT, target
    from shipper.home import default_home

    if url is not None:
        return target(url, os.environ)
    endpoints = default_home().endpoints()
    if endpoints.logstash_http is None:
        raise UnavailableError("no local http input is running", hint="start `shipper logstash run`, or give --url")
    return target(endpoints.logstash_http, os.environ, endpoints.accounts.get(ACCOUNT))


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as opened:
            yield opened
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=file) from error


def _valid(lines: Iterable[bytes], file: str, invalid: list[str]) -> Iterator[CampaignEvent]:
    from shipper.campaigns.event import read_ndjson

    for line in read_ndjson(lines):
        if line.event is not None:
            yield line.event
        elif line.error is not None:
            invalid.append(f"{file}:{line.number}: {line.error.message}")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)
