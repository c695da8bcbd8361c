"""`shipper agent dlq`: records that the peer will never take."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipper.cli.terminal import bar, emit, json_option, several, table
from shipper.clock import SystemClock
from shipper.home import default_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.agent.dead_letters import DeadLetter, DeadLetters

_state = click.option(
    "--state", type=click.Path(path_type=Path), help="State directory [default: $SHIPPER_HOME/agent]."
)


@click.group()
def dlq() -> None:
    """Dead letters: records that the peer will never take.

    \b
    Examples:
      shipper agent dlq list
      shipper agent dlq replay
      shipper agent dlq purge --before 30d
    """


@dlq.command("list")
@_state
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(min=1), help="Letters to list.")
@json_option
def dlq_list(state: Path | None, limit: int, as_json: bool) -> None:
    """List dead letters that were not replayed, oldest first.

    \b
    Examples:
      shipper agent dlq list
      shipper agent dlq list --limit 20 --json

    \b
    Exit codes: 0 listed; 2 there is no such state directory.
    """
    store = _store(state)
    letters = list(islice(store.list(), limit + 1))
    more, letters = len(letters) > limit, letters[:limit]
    rows = [(each.id, each.time, each.status, each.path, each.offset, each.reason[:80]) for each in letters]
    text = table(rows, ("id", "time", "status", "path", "offset", "reason")) if rows else "no dead letters"
    if more:
        text += f"\nand more; --limit shows more than {limit}"
    emit([_summary(each) for each in letters], text, as_json=as_json)
    if damaged := store.damaged():
        click.echo(f"{damaged} damaged letters are left out; `purge --all` takes them away", err=True)


@dlq.command("show")
@click.argument("letter")
@_state
@json_option
def dlq_show(letter: str, state: Path | None, as_json: bool) -> None:
    """Show one dead letter with its document.

    \b
    Examples:
      shipper agent dlq show k3jd02mfa7qweruo-0-18225

    \b
    Exit codes: 0 shown; 2 there is no such dead letter.
    """
    import orjson

    from shipper.errors import UsageError

    for each in _store(state).list():
        if each.id == letter:
            document = orjson.loads(bytes(each.document))
            body = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
            text = f"{each.id}  {each.time}  {each.path}:{each.offset}\n{each.reason}\n{body}"
            emit({**_summary(each), "document": document}, text, as_json=as_json)
            return
    raise UsageError(f"there is no dead letter {letter}", hint="run `shipper agent dlq list`")


@dlq.command("replay")
@click.argument("letters", nargs=-1)
@click.option("-c", "--config", "file", type=click.Path(path_type=Path), help="Config file (YAML).")
@click.option("--output", metavar="URL", help="logstash://host:port, elasticsearch+http://…, file:///…, console:")
@_state
@json_option
def dlq_replay(
    letters: tuple[str, ...], file: Path | None, output: str | None, state: Path | None, as_json: bool
) -> None:
    """Send dead letters again (all, or those named) under their own ids.

    May run beside the agent. What goes through is marked; stopped half-way, the
    same command goes on.

    \b
    Examples:
      shipper agent dlq replay
      shipper agent dlq replay -c shipper.yml
      shipper agent dlq replay k3jd02mfa7qweruo-0-18225

    \b
    Exit codes: 0 all went through; 1 some were rejected again (they stay); 2
    wrong usage or config, or another replay or purge runs; 3 the output cannot
    be reached.
    """
    from shipper.agent.dead_letters.replay import replay
    from shipper.agent.launch import settings_of_run
    from shipper.agent.output import make_output
    from shipper.errors import FindingError

    settings = settings_of_run(default_home(), file, ["/dev/null"] if file is None else (), output, state)
    store = _store(settings.state)
    _check_known(store, letters)
    target = make_output(settings.output, SystemClock())
    with bar("replaying", len(letters) or store.count()) as tell:
        sent, rejected = replay(target, store, letters, tell)
    emit({"sent": sent, "rejected": rejected}, f"{sent} sent, {rejected} rejected again", as_json=as_json)
    if rejected:
        raise FindingError(f"{several(rejected, 'record')} rejected again", hint="see `shipper agent dlq list`")


@dlq.command("purge")
@click.argument("letters", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--before", metavar="WHEN", help="Those rejected before: 2026-01-31, 2026-01-31T12:00 (UTC), or 7d ago.")
@_state
@json_option
def dlq_purge(
    letters: tuple[str, ...], everything: bool, before: str | None, state: Path | None, as_json: bool
) -> None:
    """Give dead letters up for good: those named, those before a time, or all.

    May run beside the agent. Damaged letters go with --all only.

    \b
    Examples:
      shipper agent dlq purge k3jd02mfa7qweruo-0-18225
      shipper agent dlq purge --before 30d
      shipper agent dlq purge --all --json

    \b
    Exit codes: 0 done; 2 wrong usage, or another replay or purge runs.
    """
    from shipper.errors import UsageError

    if bool(letters) + everything + (before is not None) != 1:
        raise UsageError("say which dead letters", hint="name ids, or --before WHEN, or --all")
    store = _store(state)
    _check_known(store, letters)
    with store.changing():
        chosen = _chosen(letters, before)
        places = [place for place, letter in store.waiting() if everything or (letter is not None and chosen(letter))]
        store.mark(places)
        store.tidy()
    emit({"purged": len(places)}, f"{len(places)} purged", as_json=as_json)


def _chosen(letters: tuple[str, ...], before: str | None) -> Callable[[DeadLetter], bool]:
    from shipper.agent.backfill.words import parse_instant
    from shipper.ecs.instant import parse_iso

    if before is None:
        return lambda letter: letter.id in letters
    end = parse_instant(before, "--before", SystemClock().time())
    return lambda letter: (parse_iso(letter.time) or (end,))[0] < end


def _check_known(store: DeadLetters, letters: tuple[str, ...]) -> None:
    """A mistyped id is told before anything is done."""
    from shipper.errors import UsageError

    unknown = set(letters) - {each.id for each in store.list()} if letters else ()
    if unknown:
        raise UsageError(f"there is no dead letter {', '.join(sorted(unknown))}", hint="run `shipper agent dlq list`")


def _store(state: Path | None) -> DeadLetters:
    from shipper.agent.dead_letters import DeadLetters, adopt_old
    from shipper.errors import UsageError

    directory = state or default_home().path / "agent"
    if not directory.is_dir():
        raise UsageError(
            "there is no such state directory", where=str(directory), hint="name the agent's own with --state DIR"
        )
    store = DeadLetters(directory, SystemClock())
    adopt_old(directory, store)
    return store


def _summary(letter: DeadLetter) -> dict[str, Any]:
    names = ("id", "time", "status", "reason", "path", "offset", "stream", "timestamp")
    return {name: getattr(letter, name) for name in names}
