"""`shipper stack status`: whether it runs, what is in it, how the flow is, and what should be mended."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.connection import cluster_options, cluster_target, stack_settings
from shipper.cli.terminal import emit, json_option, size, table

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.elastic.client import ClientSettings


@click.command()
@cluster_options
@click.option("--strict", is_flag=True, help="Exit 1 where something should be mended.")
@json_option
def status(strict: bool, as_json: bool, **options: Any) -> None:
    """Say whether Elasticsearch runs, what each day holds, how the flow is, and what should be mended.

    \b
    Examples:
      shipper stack status
      shipper stack status --url https://es:9200 --user me --password-file pw --json
      shipper stack status --strict           for a monitor: exit 1 on a finding

    \b
    Exit codes: 0 it runs; 1 with --strict: something should be mended; 3 it does not run,
    or cannot be reached.
    """
    from shipper.elastic.client import connect, explained
    from shipper.stack.health import cluster_status

    settings = stack_settings(options)
    report: dict[str, Any] = {"running": True}
    if settings.elasticsearch is None:
        report = _local_report()
    if report["running"]:
        target = cluster_target(settings, "admin")
        with explained(target.place), connect(target) as client:
            if settings.elasticsearch is not None:
                report |= {"url": target.place, **cluster_status(client)}
            report |= _examined(client, target, settings.prefix)
    emit(report, _as_text(report), as_json=as_json)
    if not report["running"]:
        sys.exit(3)
    if strict and report["findings"]:
        sys.exit(1)


def _local_report() -> dict[str, Any]:
    from shipper.home import default_home
    from shipper.stack.local import LocalStack

    return LocalStack(default_home()).status()


def _examined(client: Elasticsearch, target: ClientSettings, prefix: str) -> dict[str, Any]:
    """`days`, `flow` (None where the account may not read), `findings`, `lacks`."""
    from elasticsearch import AuthorizationException

    from shipper.clock import SystemClock
    from shipper.elastic.capability import probe
    from shipper.stack.findings import certificate_findings, lacks, security_findings, shard_findings, sight_findings
    from shipper.stack.flow_state import flow_state
    from shipper.stack.retention import FAMILIES, hidden, survey
    from shipper.stack.settings import Keep

    capabilities = probe(client)
    dailies = survey(client, Keep(), SystemClock(), prefix)
    try:
        flow = dataclasses.asdict(flow_state(client, SystemClock(), prefix))
    except AuthorizationException:
        flow = None
    findings = [
        *sight_findings(hidden(client, FAMILIES, prefix)),
        *shard_findings(client, dailies, capabilities),
        *security_findings(client, target.urls, capabilities),
        *certificate_findings(client, SystemClock()),
    ]
    return {
        "days": [
            {
                "index": daily.index,
                "documents": daily.documents,
                "bytes": daily.bytes,
                "bytes_per_document": round(daily.bytes / daily.documents, 1) if daily.documents else None,
                "shards": daily.shards,
            }
            for daily in dailies
        ],
        "flow": flow,
        "findings": [dataclasses.asdict(finding) for finding in findings],
        "lacks": lacks(capabilities),
    }


def _plain(name: str, value: object) -> object:
    """As people write it: bytes with their unit, thousands apart, nothing where nothing is known."""
    if value is None:
        return "-"
    if name in ("bytes", "memory") and isinstance(value, int):
        return size(value)
    return f"{value:,}" if isinstance(value, int) else value


def _as_text(report: dict[str, Any]) -> str:
    plain = {name: value for name, value in report.items() if not isinstance(value, list | dict | bool)}
    if report["running"]:
        lines = ["Elasticsearch runs"]
    elif report.get("starting"):
        lines = ["Elasticsearch is starting"]
    else:
        lines = ["Elasticsearch does not run; `shipper stack up` starts it"]
    lines += [f"{name:<10} {_plain(name, value)}" for name, value in plain.items() if name != "flow"]
    for member in report.get("members", ()):
        state = "down" if member["url"] is None else f"{member['url']}, pid {member['pid']}"
        lines.append(f"member     {state}, {member['folder']}")
    if report.get("days"):
        header = ("index", "documents", "bytes", "bytes a document", "shards")
        lines += ["", table([tuple(day.values()) for day in report["days"]], header)]
    if report.get("flow"):
        lines += [
            "",
            *(f"{name.replace('_', ' '):<24} {_plain(name, value)}" for name, value in report["flow"].items()),
        ]
    for finding in report.get("findings", ()):
        lines += ["", f"{finding['area']}: {finding['what']}", f"  {finding['hint']}"]
    if report.get("lacks"):
        lines += ["", "this cluster has no:", *(f"  {name}" for name in report["lacks"])]
    return "\n".join(lines)
