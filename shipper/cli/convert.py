"""`shipper convert`: log text in, ECS NDJSON out; the agent's own code path without the network."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from shipper.cli.terminal import json_option
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.agent.codec import CodecSettings
    from shipper.agent.codec.base import Decoded

_CHUNK = 256 << 10


def _codecs(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from shipper.agent.codec.registry import NAMES

    return [name for name in ("auto", *sorted(NAMES)) if name.startswith(incomplete)]


@click.command()
@click.option("--codec", default="auto", show_default=True, help="A format by name, or auto.", shell_complete=_codecs)
@click.option("--timezone", default="local", show_default=True, help="Of stamps without a zone: IANA name or +02:00.")
@click.option("--set", "assignments", multiple=True, metavar="FIELD=VALUE", help="Fill a field where it is absent.")
@click.option("--redact/--no-redact", default=True, show_default=True, help="Mask secrets.")
@json_option
@click.argument("files", nargs=-1, metavar="[FILE…|-]")
def command(
    codec: str, timezone: str, assignments: tuple[str, ...], redact: bool, as_json: bool, files: tuple[str, ...]
) -> None:
    """Turn log text into ECS documents, one JSON object a line, on stdout.

    Without FILE, or with `-`, it reads stdin. What was counted goes to stderr, with --json as one JSON object.

    \b
    The counts:
      records         documents written
      unparsed        lines that the named codec does not know: whole in `message`
      redacted        values masked because they look like secrets
      coerced         values brought to the type that ECS gives their field
      moved           values kept under another name, as ECS wants another type
      dropped_fields  fields beyond the limit of one document
      truncated       records beyond the limit of bytes
      invalid_utf8    records with bytes that are no UTF-8
      assumed_time    records without a time of their own (assumed_year: without a year)
      not_set         values of --set that did not fit into a document

    \b
    Examples:
      shipper convert /var/log/nginx/access.log
      tail -f app.log | shipper convert --timezone Europe/Berlin -
      shipper convert --codec json --set service.name=shop --no-redact app.log

    \b
    Exit codes: 0 converted, even if some lines were of no known format; 2 wrong usage.
    """
    settings = _settings(codec, timezone, redact=redact)
    fill = dict(_assignment(text) for text in assignments)
    counts: Counter[str] = Counter()
    for name in files or ("-",):
        with _opened(name) as (file, modified):
            _convert(file, settings, modified, fill, counts)
    sys.stdout.buffer.flush()
    _report(counts, as_json=as_json)


def _settings(codec: str, timezone: str, *, redact: bool) -> CodecSettings:
    from shipper.agent.codec import CodecSettings
    from shipper.agent.processor.redact import RedactSettings

    try:
        return CodecSettings(codec=codec, timezone=timezone, redact=RedactSettings(enabled=redact))
    except ValueError as error:
        raise UsageError(str(error), where="shipper convert", hint="see `shipper convert --help`") from error


def _assignment(text: str) -> tuple[str, Any]:
    """`field=value`; an ECS field gets its type."""
    from shipper.ecs.coerce import MISFIT, coerce_field
    from shipper.ecs.table import TYPES

    name, sign, value = text.partition("=")
    if not sign or not name or "" in name.split("."):
        raise UsageError(f"not FIELD=VALUE: {text}", where="--set", hint="write --set service.name=shop")
    if name not in TYPES:
        return name, value
    fitted = coerce_field(name, value)
    if fitted is MISFIT:
        raise UsageError(
            f"{name} is of type {TYPES[name]}: {value!r} does not fit", where="--set", hint="mend the value"
        )
    return name, fitted


@contextmanager
def _opened(name: str) -> Iterator[tuple[IO[bytes], float]]:
    """(file, its modification time); stdin is as old as now."""
    if name == "-":
        yield sys.stdin.buffer, time.time()
        return
    with _reading(name):
        file = open(name, "rb")  # noqa: PTH123, SIM115 - a name as the user typed it; closed below
    with file:
        yield file, os.fstat(file.fileno()).st_mtime


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """An OSError in here is the input's fault; one outside, such as a full disk below stdout, is not."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=name, hint="name a readable file, or - for stdin"
        ) from error


def _convert(
    file: IO[bytes], settings: CodecSettings, modified: float, fill: dict[str, Any], counts: Counter[str]
) -> None:
    from shipper.agent.codec import make_decoder

    decoder = make_decoder(settings, fallback_time=modified, nested_only=True)
    read = getattr(file, "read1", file.read)
    while True:
        with _reading(file.name):
            data = read(_CHUNK)
        if not data:
            break
        _write(decoder.feed(data), fill, counts)
    _write(decoder.flush(), fill, counts)


def _write(decoded: Decoded, fill: dict[str, Any], counts: Counter[str]) -> None:
    import orjson

    from shipper.event import MISSING, get_field, set_field

    counts.update(decoded.counts)
    counts["records"] += len(decoded.documents)
    lines = []
    for document in decoded.documents:
        assert isinstance(document, dict), "nested_only"
        for name, value in fill.items():
            if get_field(document, name) is MISSING:
                try:
                    set_field(document, name, value)
                except ValueError:
                    counts["not_set"] += 1
        lines.append(orjson.dumps(document))
    if lines:
        sys.stdout.buffer.write(b"\n".join(lines) + b"\n")
        sys.stdout.buffer.flush()


def _report(counts: Counter[str], *, as_json: bool) -> None:
    import orjson

    if as_json:
        click.echo(orjson.dumps(dict(counts), option=orjson.OPT_SORT_KEYS), err=True)
        return
    click.echo(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(counts.items())), err=True)
