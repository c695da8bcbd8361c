"""What the shell offers for the arguments of `shipper rules`: rules, labels, notifiers, silences.

A mistake in a file or a cluster that does not answer offers nothing; it is told when the command runs.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from shipper.errors import ShipperError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import click

    from shipper.rules.settings import EvaluatorSettings

PATIENCE = 2.0
"""Seconds that somebody who pressed the tabulator waits for a cluster."""
_KEY = re.compile(r"^(name|summary|owner|group_by):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_WORD = re.compile(r"[\w.@-]+")


def rules(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of the config's rules, and files."""
    names = {found["name"]: found.get("summary", "") for found in _heads(context)}
    offered = [CompletionItem(name, help=names[name]) for name in sorted(names) if name.startswith(incomplete)]
    return [CompletionItem(incomplete, type="file"), *offered]


def matchers(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`label=` and its values, as far as the rule files know them."""
    before = tuple(map(str, context.params.get(parameter.name or "") or ()))
    label, value, joined = _split(before, incomplete)
    if value is None:
        names = _labels(context)
        return [CompletionItem(f"{name}=") for name in sorted(names) if name.startswith(incomplete)]
    values = sorted(one for one in _values(context, label) if one.startswith(value))
    return [CompletionItem(one if joined else f"{label}={one}") for one in values]


def notifiers(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of the config's notifiers."""
    settings = _settings(context)
    known = () if settings is None else settings.notifiers
    return [CompletionItem(name) for name in sorted(known) if name.startswith(incomplete)]


def silences(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of the silences that hold or will hold, with what they say."""
    from shipper.cli.rules_setup import cluster
    from shipper.clock import SystemClock
    from shipper.rules.routing.mute import MuteStore

    now = SystemClock().time()
    with contextlib.suppress(ShipperError), cluster(context.params.get("config"), timeout=PATIENCE) as (client, prefix):
        found = [one for one in MuteStore(client, prefix).silences() if one.end > now and one.id.startswith(incomplete)]
        return [CompletionItem(one.id, help=f"{' '.join(map(str, one.matchers))}: {one.comment}") for one in found]
    return []


def _split(before: tuple[str, ...], incomplete: str) -> tuple[str, str | None, bool]:
    """Label, value if it has begun, and whether the shell put them apart: to bash `=` is a word of its own."""
    if before and "=" not in before[-1] and not incomplete:  # click drops a `=` that stands alone
        return before[-1], "", True
    if len(before) > 1 and before[-1] == "=":
        return before[-2], incomplete, True
    label, sign, value = incomplete.partition("=")
    return label, value if sign else None, False


def _labels(context: click.Context) -> set[str]:
    """Those of the rule that was named, or of all."""
    named = context.params.get("rule")
    heads = [found for found in _heads(context) if named is None or found["name"] == named.stem]
    fields = {name for found in heads for name in _WORD.findall(found.get("group_by", ""))}
    return fields if named is not None and heads else fields | {"rule", "severity", "owner"}


def _values(context: click.Context, label: str) -> Iterable[str]:
    match label.rstrip("!"):
        case "severity":
            return ("info", "warning", "critical")
        case "rule":
            return {found["name"] for found in _heads(context)}
        case "owner":
            return {found["owner"] for found in _heads(context) if "owner" in found}
    return ()


def _heads(context: click.Context) -> Iterator[dict[str, str]]:
    """Name, summary, owner and `group_by` of every rule, as they stand: all files are read in milliseconds."""
    for path in _files(context):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            found = {key: value.strip("\"'") for key, value in _KEY.findall(path.read_text(encoding="utf-8"))}
            if "name" in found:
                yield found


def _files(context: click.Context) -> list[Path]:
    from shipper.declarative import find
    from shipper.rules.files import rule_paths

    settings = _settings(context)
    with contextlib.suppress(ShipperError):
        return rule_paths((settings.rules if settings is not None else ()) or (find("alert_rules"),))
    return []


def _settings(context: click.Context) -> EvaluatorSettings | None:
    from shipper.cli.rules_setup import settings_of

    with contextlib.suppress(ShipperError):
        return settings_of(context.params.get("config"))
    return None
