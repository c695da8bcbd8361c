"""`shipper agent test output`: would each host take records now?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli.terminal import emit, json_option, table
from shipper.clock import SystemClock
from shipper.errors import FindingError, UnavailableError
from shipper.home import default_home

if TYPE_CHECKING:
    from shipper.agent.output.probe import Probe

_SAID = {True: "yes", False: "no", None: "-"}


@click.command("output")
@click.option("-c", "--config", "file", type=click.Path(path_type=Path), help="Config file (YAML).")
@click.option("--output", metavar="URL", help="logstash://host:port, elasticsearch+http://…, file:///…, console:")
@json_option
def command(file: Path | None, output: str | None, as_json: bool) -> None:
    """Ask every host of the output whether it would take records; nothing is sent.

    Elasticsearch is asked with the account, and whether that account may write
    today's indices where the cluster can tell; Logstash is sent an empty window.
    A dash stands for what cannot be told.

    \b
    Examples:
      shipper agent test output -c shipper.yml
      shipper agent test output --output logstash://127.0.0.1:5044 --json

    \b
    Exit codes: 0 every host would; 1 one answers but would not (certificate,
    account, privileges, another protocol); 2 wrong usage or config; 3 one
    cannot be reached.
    """
    from shipper.agent.launch import settings_of_run
    from shipper.agent.output import make_output

    settings = settings_of_run(default_home(), file, ["/dev/null"] if file is None else (), output, None)
    target = make_output(settings.output, SystemClock())
    probes = [target.probe(place) for place in range(len(target.pool))]
    document = {
        "output": target.name,
        "ok": all(probe.ok for probe in probes),
        "hosts": [probe.document() for probe in probes],
    }
    emit(document, _render(target.name, probes), as_json=as_json)
    bad = [probe for probe in probes if not probe.ok]
    if not bad:
        return
    summary = f"{len(bad)} of {len(probes)} hosts would not take records"
    where = ", ".join(probe.host for probe in bad)
    if any(not probe.reachable for probe in bad):
        raise UnavailableError(summary, where=where, hint="check the address and that it runs")
    raise FindingError(summary, where=where, hint="mend what is said of it above, and ask again")


def _render(name: str, probes: list[Probe]) -> str:
    rows = [
        (
            probe.host,
            _SAID[probe.reachable],
            _tls(probe),
            _SAID[probe.speaks],
            probe.user or _SAID[probe.authenticated],
            _writable(probe),
        )
        for probe in probes
    ]
    text = table(rows, ("host", "reachable", "TLS", "answers", "account", "may write"))
    errors = [f"{probe.host}: {probe.error}" for probe in probes if probe.error]
    return "\n".join([name, text, *errors])


def _tls(probe: Probe) -> str:
    if probe.tls is None:
        return "-"
    ends = probe.tls["certificate_ends"]
    return f"{probe.tls['version']}, certificate until {ends[:10]}" if ends else f"{probe.tls['version']}, unchecked"


def _writable(probe: Probe) -> str:
    return ", ".join(name for name, allowed in probe.writable.items() if allowed) or _SAID[None]
