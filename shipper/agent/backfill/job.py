"""From a command's words to a run: which directory, which inputs, which files."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from shipper.agent.backfill.plan import Plan, Scope, make_plan
from shipper.agent.backfill.run import Backfill
from shipper.agent.dead_letters import open_store
from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.input.glob import Glob
from shipper.agent.input.own import OwnFiles
from shipper.agent.metrics.facts import agent_facts, host_facts
from shipper.agent.output import file_of, make_output
from shipper.agent.registry import Registry
from shipper.agent.state import StateDirectory, agent_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from shipper.agent.backfill.selection import Window
    from shipper.agent.config import AgentSettings
    from shipper.clock import Clock


@dataclass(frozen=True, slots=True)
class Job:
    """A backfill that is ready to run.

    Attributes:
        resumed: it goes on where an earlier run of the same command was stopped.
        unmatched: patterns that name no file.
    """

    backfill: Backfill
    plan: Plan
    window: Window
    inputs: Sequence[FileInputSettings]
    common: dict[str, object]
    resumed: bool
    unmatched: Sequence[str]


@contextmanager
def open_job(
    settings: AgentSettings, paths: Sequence[str], window: Window, clock: Clock, *, configured: bool
) -> Iterator[Job]:
    """Lock the backfills of a state directory and make the plan.

    Args:
        settings: with the live agent's state directory; its inputs say how files are read.
        paths: patterns of what is asked for.
        window: which records.
        clock: for the output and the dead letters.
        configured: the inputs are the live agent's own, not made from `paths`.

    Raises:
        UsageError: another backfill runs, or the state directory cannot be used.
        OSError: a file in it cannot be used.
    """
    assert settings.state is not None, "settings_of_run names one"
    asked = FileInputSettings(paths=list(paths))
    live = [each for each in settings.inputs if isinstance(each, FileInputSettings)] if configured else []
    inputs = [*live, asked]
    base = settings.state / "backfill"
    state = StateDirectory(base)
    try:
        home = base / _name(paths, window, live if configured else inputs)
        resumed = (home / "plan.json").exists()
        registry = Registry(home / "registry")
        try:
            common = _common(settings.host_name, settings.state)
            own = OwnFiles(settings.state, lambda: file_of(settings.output), streams=())
            scope = _scope(settings.state, home, paths, window, live)
            plan = make_plan(home, registry, [FileInput(each, common, own=own) for each in inputs], scope)
            letters = open_store(base, clock, settings.dead_letters)
            output = make_output(settings.output, clock)
            backfill = Backfill(home, registry, letters, output, clock, budget=settings.queue.memory)
            yield Job(backfill, plan, window, inputs, common, resumed, FileInput(asked, {}).unmatched())
        finally:
            registry.close()
    finally:
        state.close()


def _scope(state: Path, home: Path, paths: Sequence[str], window: Window, live: Sequence[FileInputSettings]) -> Scope:
    """What is asked for, and what belongs to others: the agent, its configured inputs, other backfills."""
    return Scope(
        window,
        state / "registry",
        [other for other in home.parent.glob("*/registry") if other.parent != home],
        {(found.st_dev, found.st_ino) for path in paths for _, found in Glob(path).find()},
        {(found.st_dev, found.st_ino) for each in live for _, found in FileInput(each, {}).find()},
    )


def _common(host_name: str | None, state: Path) -> dict[str, object]:
    """What all records get, as the agent gives it."""
    return {"host": host_facts(host_name), "agent": agent_facts(agent_id(state))}


def _name(paths: Sequence[str], window: Window, inputs: Sequence[FileInputSettings]) -> str:
    """The same words, the same cursor."""
    said = msgspec.json.encode([sorted(paths), window.begin, window.end, [each.paths for each in inputs]])
    return hashlib.blake2b(said, digest_size=8).hexdigest()
