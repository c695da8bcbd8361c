"""`shipper rules replay`: history from a file or from Elasticsearch, its changes, and what would have been sent."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from shipper.cli.rules_setup import cluster, rules_named, settings_of
from shipper.cli.terminal import bar, several, table
from shipper.clock import iso_utc
from shipper.errors import UsageError
from shipper.kql.values import date_interval
from shipper.rules.eventfile import EventFile
from shipper.rules.recorded import recorded
from shipper.rules.replay import replay_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shipper.rules.change import Change
    from shipper.rules.rule import Rule
    from shipper.rules.timeline import History

Span = tuple[float, float]
"""[from, to) in epoch seconds."""


Part = tuple[list["Rule"], "History", int]
"""Rules that read one index, what they look at, and how many documents that is."""


class Teller:
    """Prints the changes of a span as they come, and counts what would have been sent."""

    def __init__(self, rules: dict[str, Rule], span: Span, show: Callable[[Change], str] | None) -> None:
        self._rules = rules
        self._span = span
        self._show = show
        self._sent: Counter[tuple[str, str, str]] = Counter()
        self._outside = 0

    def play(self, parts: Sequence[Part]) -> None:
        """Replay, the changes of all parts in order of time."""
        with bar("replaying", sum(length for _, _, length in parts)) as played:
            streams = [_changes(rules, history, played) for rules, history, _ in parts]
            for change in heapq.merge(*streams, key=lambda change: (change.at, change.rule)):
                if self._span[0] <= change.at < self._span[1]:
                    self._tell(change)
                else:
                    self._outside += 1
        for line in _doubts(parts, self._outside):
            click.echo(line, err=True)

    def _tell(self, change: Change) -> None:
        if self._show is None:
            click.echo(orjson.dumps(change.as_json(self._rules[change.rule].notify)).decode())
        else:
            click.echo(self._show(change))
        if change.send is not None:
            self._sent[iso_utc(change.at)[:10], change.rule, change.send.value] += 1

    def summary(self) -> str:
        """Notifications by day, rule and kind."""
        rows = [(*key, number) for key, number in sorted(self._sent.items())]
        return table(rows, ("day", "rule", "sent", "number")) if rows else "nothing would have been sent"


def _changes(rules: list[Rule], history: History, played: Callable[[int], None]) -> Iterator[Change]:
    for change in replay_all(rules, history):
        if change is None:
            played(1)
        else:
            yield change


def _doubts(parts: Sequence[Part], outside: int) -> Iterator[str]:
    """Why there may be less than was hoped for."""
    for rules, _, length in parts:
        if not length:
            yield f"note: there was no document to replay for {_shortly([rule.name for rule in rules])}"
    if outside:
        yield f"note: {several(outside, 'change')} outside of --from and --to left out"


def _shortly(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def from_file(
    events: Path, config: Path | None, rules: tuple[Path, ...], span: Span, show: Callable[[Change], str] | None
) -> None:
    """Replay an NDJSON file; `-` is standard input.

    Raises:
        ShipperError: a file is wrong.
    """
    loaded = rules_named(rules, settings_of(config))
    teller = Teller(loaded, span, show)
    with EventFile(Path("/dev/stdin") if str(events) == "-" else events) as history:
        with bar("reading", history.size) as read:
            for size in history.scan():
                read(size)
        teller.play([(list(loaded.values()), history, len(history))])
    _conclude(teller, show)


def from_cluster(
    config: Path | None, rules: tuple[Path, ...], span: Span, show: Callable[[Change], str] | None
) -> None:
    """Replay what Elasticsearch holds; rules with one `index` share one copy of its documents.

    Nothing is printed before all is copied: a cluster that is lost on the way leaves no half of a replay.

    Raises:
        ShipperError: a rule or the config is wrong, or Elasticsearch cannot be reached.
    """
    loaded = rules_named(rules, settings_of(config))
    end = int(min(span[1], time.time()))
    teller = Teller(loaded, (span[0], min(span[1], end)), show)  # what is to come nobody knows
    by_index: dict[str, list[Rule]] = {}
    for rule in loaded.values():
        by_index.setdefault(rule.index, []).append(rule)
    parts: list[Part] = []
    with ExitStack() as stack:
        with cluster(config) as (client, prefix):
            for index, some in by_index.items():
                pattern = prefix + index.replace(",", f",{prefix}")
                copied = 0

                def note(amount: int, told: Callable[[int], None]) -> None:
                    nonlocal copied
                    copied += amount
                    told(amount)

                count = int(client.count(index=pattern, ignore_unavailable=True)["count"])
                with bar(f"copying {index}", count) as told:
                    span_here = (int(span[0]), end)
                    history = stack.enter_context(recorded(client, some, span_here, partial(note, told=told), prefix))
                parts.append((some, history, copied))
        teller.play(parts)
    _conclude(teller, show)


def span_of(start: str | None, end: str | None) -> Span:
    """`--from` and `--to` as times; where one is missing, without a limit.

    Raises:
        UsageError: one is not a time, or they are the wrong way round.
    """
    first = float("-inf") if start is None else _time("--from", start)
    last = float("inf") if end is None else _time("--to", end)
    if last <= first:
        raise UsageError("`--to` is not after `--from`", hint="exchange them")
    return first, last


def _time(option: str, text: str) -> float:
    try:
        return date_interval(text)[0] / 1000
    except ValueError as error:
        raise UsageError(f"{option}: {error}", hint="write 2026-01-31 or 2026-01-31T10:00:00Z (UTC)") from error


def _conclude(teller: Teller, show: Callable[[Change], str] | None) -> None:
    if show is not None:
        click.echo(teller.summary())
