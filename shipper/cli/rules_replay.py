"""`shipper rules replay`: history from a file or from Elasticsearch, its changes, and what would have been sent."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
import orjson

from shipper.cli.rules_setup import cluster
from shipper.cli.terminal import bar, table
from shipper.clock import iso_utc
from shipper.errors import UsageError
from shipper.kql.values import date_interval
from shipper.rules.eventfile import EventFile
from shipper.rules.files import load_rules
from shipper.rules.recorded import recorded
from shipper.rules.replay import replay_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from shipper.rules.change import Change
    from shipper.rules.rule import Rule
    from shipper.rules.timeline import History

Span = tuple[float, float]
"""[from, to) in epoch seconds."""


class Teller:
    """Prints the changes of a span as they come, and counts what would have been sent."""

    def __init__(self, rules: dict[str, Rule], span: Span, show: Callable[[Change], str] | None) -> None:
        self._rules = rules
        self._span = span
        self._show = show
        self._sent: Counter[tuple[str, str, str]] = Counter()

    def play(self, rules: Iterable[Rule], history: History, length: int | None) -> None:
        """Replay `rules` over a history of `length` documents."""
        with bar("replaying", length or 0) as played:
            for change in replay_all(list(rules), history):
                if change is None:
                    played(1)
                elif self._span[0] <= change.at < self._span[1]:
                    self._tell(change)

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


def from_file(events: Path, rules: tuple[Path, ...], span: Span, show: Callable[[Change], str] | None) -> None:
    """Replay an NDJSON file.

    Raises:
        ShipperError: a file is wrong.
    """
    loaded = _load(rules)
    teller = Teller(loaded, span, show)
    with EventFile(events) as history:
        with bar("reading", history.size) as read:
            for size in history.scan():
                read(size)
        teller.play(loaded.values(), history, len(history))
    _conclude(teller, show)


def from_cluster(
    config: Path | None, rules: tuple[Path, ...], span: Span, show: Callable[[Change], str] | None
) -> None:
    """Replay what Elasticsearch holds; rules with one `index` share one copy of its documents.

    Raises:
        ShipperError: a rule or the config is wrong, or Elasticsearch cannot be reached.
    """
    loaded = _load(rules)
    teller = Teller(loaded, span, show)
    by_index: dict[str, list[Rule]] = {}
    for rule in loaded.values():
        by_index.setdefault(rule.index, []).append(rule)
    end = int(min(span[1], time.time()))
    with cluster(config) as (client, prefix):
        for index, some in by_index.items():
            count = int(client.count(index=prefix + index.replace(",", f",{prefix}"), ignore_unavailable=True)["count"])
            with ExitStack() as stack:
                with bar(f"copying {index}", count) as copied:
                    history = stack.enter_context(recorded(client, some, (int(span[0]), end), copied, prefix))
                teller.play(some, history, count)
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


def _load(rules: tuple[Path, ...]) -> dict[str, Rule]:
    return {file.rule.name: file.rule for file in load_rules(rules)}


def _conclude(teller: Teller, show: Callable[[Change], str] | None) -> None:
    if show is not None:
        click.echo(teller.summary())
