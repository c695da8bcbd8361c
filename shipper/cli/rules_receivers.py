"""`shipper rules silence`, `ack` and `test-notifier`: who is told, from the hand of the person on call."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli import rules_complete
from shipper.cli.terminal import emit, json_option, table
from shipper.errors import FindingError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.rules.routing.matcher import Matcher
    from shipper.rules.routing.mute import Silence

FILE = click.Path(path_type=Path)
CONFIG = click.option("-c", "--config", "config", type=FILE, help="Evaluator config (cluster).")
AUTHOR = click.option("--author", default=getpass.getuser, show_default="your login", help="Who decided it.")


@click.group("silence")
def silence() -> None:
    """Hold alerts back for a time; they are told afterwards if they still fire.

    \b
    Examples:
      shipper rules silence add service.name=shop --for 2h --comment "database move"
      shipper rules silence list
      shipper rules silence expire 1f2e3d4c
    """


@silence.command("add")
@click.argument("matchers", nargs=-1, required=True, shell_complete=rules_complete.matchers)
@click.option("--from", "start", help="When it begins, with zone (default: now).")
@click.option("--until", help="When it ends, with zone.")
@click.option("--for", "lasts", help="How long it lasts, such as 2h.")
@click.option("--comment", required=True, help="Why; receivers of what was held back read it.")
@AUTHOR
@CONFIG
@json_option
def add(  # noqa: PLR0913 - one argument an option
    *,
    matchers: tuple[str, ...],
    start: str | None,
    until: str | None,
    lasts: str | None,
    comment: str,
    author: str,
    config: Path | None,
    as_json: bool,
) -> None:
    """Add a silence. MATCHERS: label=pattern or label!=pattern, all must hold; `*` is any text, `|` is or.

    Labels are the fields a rule groups by, its own labels, and rule, severity, owner. Evaluators heed it within 5 s.
    What looks like a slip (`ruel=`, `severity=critcal`) is refused; what no rule of the config has is warned of.

    \b
    Exit codes: 0 done; 2 a matcher or a time is wrong; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules silence add service.name=shop --for 2h --comment "database move"
      shipper rules silence add "rule=latency*" "host.name!=db1|db2" --until 2026-03-29T04:00:00+02:00 --comment test
    """
    from shipper.cli.rules_labels import check_silence
    from shipper.cli.rules_setup import cluster, settings_of
    from shipper.clock import SystemClock
    from shipper.rules.routing.mute import MuteStore

    parsed = _matchers(matchers)
    begins = SystemClock().time() if start is None else _instant(start, "--from")
    if (until is None) == (lasts is None):
        raise UsageError("a silence needs an end", hint="give --for 2h, or --until with a time, not both")
    ends = begins + _seconds(lasts) if lasts is not None else _instant(until or "", "--until")
    check_silence(parsed, settings_of(config))
    with cluster(config) as (client, prefix):
        made = MuteStore(client, prefix).add(parsed, (begins, ends), author, comment)
    emit(_as_json(made), f"silence {made.id} holds until {_as_json(made)['until']}", as_json=as_json)


@silence.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those of the last 30 days that have ended.")
@CONFIG
@json_option
def list_silences(config: Path | None, *, everything: bool, as_json: bool) -> None:
    """List silences that hold or will hold.

    \b
    Exit codes: 0 done; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules silence list
      shipper rules silence list --all --json
    """
    from shipper.cli.rules_setup import cluster
    from shipper.clock import SystemClock
    from shipper.rules.routing.mute import MuteStore

    now = SystemClock().time()
    with cluster(config) as (client, prefix):
        found = [_as_json(each) for each in MuteStore(client, prefix).silences() if everything or each.end > now]
    header = ("id", "from", "until", "author", "matchers", "comment")
    rows = [[" ".join(item[name]) if name == "matchers" else item[name] for name in header] for item in found]
    emit(found, table(rows, header) if rows else "no silence", as_json=as_json)


@silence.command("expire")
@click.argument("name", shell_complete=rules_complete.silences)
@CONFIG
@json_option
def expire(name: str, config: Path | None, *, as_json: bool) -> None:
    """End a silence now. NAME is its id.

    \b
    Exit codes: 0 done; 2 there is none, or it has ended; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules silence expire 1f2e3d4c
    """
    from shipper.cli.rules_setup import cluster
    from shipper.clock import SystemClock
    from shipper.rules.routing.mute import MuteStore

    with cluster(config) as (client, prefix):
        ended = MuteStore(client, prefix).expire(name, SystemClock().time())
    emit(_as_json(ended), f"silence {ended.id} is over", as_json=as_json)


@click.command("ack")
@click.argument("rule", type=FILE, shell_complete=rules_complete.rules)
@click.argument("matchers", nargs=-1, shell_complete=rules_complete.matchers)
@click.option("--comment", default="", help="What you do about it.")
@AUTHOR
@CONFIG
@json_option
def ack(
    rule: Path, matchers: tuple[str, ...], comment: str, author: str, config: Path | None, *, as_json: bool
) -> None:
    """Say that somebody works on what fires: no reminders until it resolves.

    RULE is the rule's file or name; MATCHERS choose among its firing groups (none: all). The next episode is told as
    ever.

    \b
    Exit codes: 0 done; 1 nothing that matches fires; 2 rule or matcher wrong; 3 Elasticsearch cannot be reached.
    \b
    Examples:
      shipper rules ack error-ratio
      shipper rules ack alert_rules/error-ratio.yml service.name=shop --comment "rolled back"
    """
    from shipper.cli.rules_labels import check_ack
    from shipper.cli.rules_setup import cluster, rule_named, settings_of
    from shipper.clock import SystemClock
    from shipper.rules.routing.acknowledge import acknowledge

    chosen, loaded = _matchers(matchers), rule_named(rule, settings_of(config))
    check_ack(chosen, loaded)
    with cluster(config) as (client, prefix):
        found = acknowledge((client, prefix), loaded, chosen, by=(author, comment), now=SystemClock().time())
    if not found:
        raise FindingError(f"nothing that matches fires under {loaded.name}", hint="`shipper rules explain` shows all")
    human = [f"{_where(item['group'])}: {'acknowledged' if item['new'] else 'was acknowledged'}" for item in found]
    emit(found, "\n".join(human), as_json=as_json)


@click.command("test-notifier")
@click.argument("name", shell_complete=rules_complete.notifiers)
@click.option("-c", "--config", "config", type=FILE, help="Evaluator config (notifiers).")
@json_option
def test_notifier(name: str, config: Path | None, *, as_json: bool) -> None:
    """Send one message, marked as a test, and its end to the notifier NAME of the config.

    \b
    Exit codes: 0 it was taken; 1 it was refused; 2 the config is wrong; 3 the receiver cannot be reached.
    \b
    Examples:
      shipper rules test-notifier console
      shipper rules test-notifier oncall -c evaluator.yml
    """
    from shipper.cli.rules_setup import settings_of
    from shipper.clock import SystemClock
    from shipper.rules.notifier import Failed, Retry
    from shipper.rules.notifier.sample import samples

    notifiers = settings_of(config).notifiers
    if name not in notifiers:
        raise UsageError(f"there is no notifier `{name}`", hint=f"known: {', '.join(sorted(notifiers))}")
    notifier = notifiers[name].build()
    try:
        for sample in samples(SystemClock().time()):
            outcome = notifier.notify(sample)
            if isinstance(outcome, Retry):
                raise UnavailableError(outcome.reason, where=name, hint="it would be tried again")
            if isinstance(outcome, Failed):
                raise FindingError(outcome.reason, where=name, hint="mend the notifier's settings or the receiver")
    finally:
        notifier.close()
    emit({"notifier": name, "taken": True}, f"{name} took a firing and a resolved message", as_json=as_json)


def _matchers(texts: Sequence[str]) -> list[Matcher]:
    from shipper.rules.routing.matcher import parse_matcher

    try:
        return [parse_matcher(text) for text in texts]
    except ValueError as error:
        raise UsageError(str(error), hint="such as service.name=shop or `severity!=info`") from error


def _instant(text: str, option: str) -> float:
    from datetime import datetime

    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        stamp = None
    if stamp is None or stamp.tzinfo is None:
        raise UsageError(f"`{text}` is not a time with a zone", where=option, hint="such as 2026-03-29T04:00:00+02:00")
    return stamp.timestamp()


def _seconds(text: str) -> float:
    from shipper import config
    from shipper.config import Duration
    from shipper.errors import ConfigError

    try:
        return config.bind(config.ConfigFile(text, "--for", {}), Duration)
    except ConfigError as error:
        raise UsageError(f"`{text}` is not a duration", where="--for", hint="such as 30m, 2h or 1d") from error


def _as_json(made: Silence) -> dict[str, Any]:
    from shipper.clock import iso_utc

    return {
        "id": made.id,
        "matchers": [str(matcher) for matcher in made.matchers],
        "from": iso_utc(made.start),
        "until": iso_utc(made.end),
        "author": made.author,
        "comment": made.comment,
    }


def _where(group: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in group.items()) or "(all)"
