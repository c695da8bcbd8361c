"""`shipper stack certificates`: TLS between the parts of one installation."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.cli.terminal import emit, json_option, table

if TYPE_CHECKING:
    from shipper.stack.certificates import Part

_PART = re.compile(r"([a-z0-9][a-z0-9.-]*)(?:=(\d+):(\d+))?")
_NAME = re.compile(r"([a-z0-9][a-z0-9.-]*)=([A-Za-z0-9*][A-Za-z0-9.:*-]*)")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--authority",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the authority and its key (default: FOLDER/authority).",
)
@click.option("--part", "parts", multiple=True, required=True, help="NAME or NAME=UID:GID, its owner (repeatable).")
@click.option("--name", "names", multiple=True, help="PART=HOST: another host name or address (repeatable).")
@click.option("--days", type=click.IntRange(30, 825), default=825, show_default=True, help="Life of a certificate.")
@json_option
def certificates(
    folder: Path, authority: Path | None, parts: tuple[str, ...], names: tuple[str, ...], days: int, as_json: bool
) -> None:
    """Make an authority, and a certificate with its key for each part, in FOLDER/PART.

    \b
    Examples:
      shipper stack certificates pki --part elasticsearch --part logstash --part agent
      shipper stack certificates pki --part logstash --name logstash=logs.example.com
      shipper stack certificates /certificates --part kibana=1000:1000       owned by that user

    Each folder has ca.crt, tls.crt and tls.key. A second run keeps what fits, and renews what names
    other hosts or has less than a third of its life left.

    \b
    Exit codes: 0 done; 2 wrong options, or the authority is damaged or at its end; 3 cannot write.
    """
    from shipper.clock import SystemClock
    from shipper.stack.certificates import issue

    issued = issue(folder, authority or folder / "authority", _parts(parts, names), SystemClock(), days)
    emit(
        [dataclasses.asdict(one) for one in issued],
        table([(one.name, one.action, one.until) for one in issued], ("certificate", "action", "until")),
        as_json=as_json,
    )


def _parts(parts: tuple[str, ...], names: tuple[str, ...]) -> list[Part]:
    from shipper.errors import UsageError
    from shipper.stack.certificates import Part

    also: dict[str, list[str]] = {}
    for text in names:
        match = _NAME.fullmatch(text)
        if match is None:
            raise UsageError(f"`--name {text}` is no PART=HOST", hint="write --name logstash=logs.example.com")
        also.setdefault(match[1], []).append(match[2])
    found = []
    for text in parts:
        match = _PART.fullmatch(text)
        if match is None:
            raise UsageError(f"`--part {text}` is no part", hint="write --part kibana or --part kibana=1000:1000")
        owner = (int(match[2]), int(match[3])) if match[2] else None
        found.append(Part(match[1], tuple(also.pop(match[1], ())), owner))
    if also:
        raise UsageError(f"`--name` speaks of {', '.join(also)}", hint="name it with --part too")
    return found
