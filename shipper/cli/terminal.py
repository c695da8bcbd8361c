"""What all commands print with: one document as JSON or as text, tables, progress."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB")


class PatternCommand(click.Command):
    """A command with `--path GLOB`: who forgot the quotes, so that the shell put many names there, is told so."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        has_pattern = "--path" in args
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if not has_pattern or "unexpected extra argument" not in error.message:
                raise
            advice = "Put the pattern into quotes, or the shell makes file names of it: --path '/var/log/*.log'"
            raise click.UsageError(f"{error.message}\n{advice}", ctx) from error


def json_option(function: F) -> F:
    """`--json`: print one JSON document in place of text."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(function)


def emit(data: Any, human: str, *, as_json: bool) -> None:
    """Print `data` as JSON, or `human` as it stands."""
    click.echo(json.dumps(data, indent=2, sort_keys=True, default=str) if as_json else human)


def several(count: int, thing: str, things: str | None = None) -> str:
    """`1 finding`, `2 findings`, `1,000 indices`."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def size(count: float) -> str:
    """Bytes for people: `512 B`, `1.5 KiB`, `16.0 MiB`."""
    unit = 0
    while count >= 1024 and unit < len(_BYTES) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:,.0f} {_BYTES[unit]}" if unit == 0 or count >= 100 else f"{count:.1f} {_BYTES[unit]}"


def table(rows: Iterable[Sequence[object]], header: Sequence[str]) -> str:
    """Columns aligned for a terminal; numbers to the right."""
    texts = [tuple(map(str, row)) for row in rows]
    numeric = (
        [all(isinstance(cell, int | float) for cell in column) for column in zip(*rows, strict=True)]
        if isinstance(rows, list) and rows
        else [False] * len(header)
    )
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    lines = [header, tuple("-" * width for width in widths), *texts]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


@contextlib.contextmanager
def bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr that is told how much was done; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    done, shown = 0, length // 500 + 1
    with click.progressbar(length=length, label=label, file=sys.stderr) as drawn:

        def advance(amount: int) -> None:
            nonlocal done
            done += amount
            if done >= shown:  # drawing costs more than what it counts
                drawn.update(done)
                done = 0

        yield advance
        drawn.update(done)


def progress(items: Iterable[T], label: str, length: int | None = None) -> Iterator[T]:
    """Iterate with a bar on stderr; silent where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, length=length, label=label, file=sys.stderr) as bar:
        yield from bar
