"""Is the agent well? Red is what a restart, a disk or a peer must mend; everything else is a warning."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from threading import Thread

    from shipper.agent.monitoring.report import Parts
    from shipper.agent.registry import Key
    from shipper.clock import Clock

REASONS = (
    "no_acknowledgement",
    "source_stuck",
    "reader_stuck",
    "thread_ended",
    "state_not_writable",
    "dead_letters_full",
)
"""Names of all that turns health red."""
_LEAST_FREE = 64 * 1024
"""Bytes on the state's disk below which nothing sensible can be written."""
_NEARLY_FULL = 0.9
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble.

    Attributes:
        name: stable, for machines (`no_acknowledgement`, `reader_stuck`, `thread_ended`, `state_not_writable` …).
        text: for people: what, for how long, and what is known of the cause.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found; healthy without reasons."""

    reasons: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def healthy(self) -> bool:
        return not self.reasons

    def document(self) -> dict[str, Any]:
        """As JSON."""

        def told(findings: Iterable[Finding]) -> list[dict[str, str]]:
            return [{"name": each.name, "text": each.text} for each in findings]

        return {"healthy": self.healthy, "reasons": told(self.reasons), "warnings": told(self.warnings)}


class Health:
    """Looks every few seconds; the reader says `turned` each time round.

    Nothing here waits for a lock that a hanging disk or peer could hold.
    """

    def __init__(self, parts: Parts, state: Path, threads: Callable[[], Iterable[Thread]], clock: Clock) -> None:
        self._parts = parts
        self._state = state
        self._threads = threads
        self._clock = clock
        self._stuck_after = parts.stuck_after
        self._settled = 0
        self._overtaken: dict[Key, tuple[int, float]] = {}
        self._progress = self._turned = clock.monotonic()
        self._ending = False
        self.ready = False
        self.verdict = Verdict()

    def turned(self) -> None:
        """The reader went round once more; it looked at all files before that."""
        self._turned = self._clock.monotonic()
        self.ready = True

    def ending(self) -> None:
        """From now on the reader rests and threads end because they should."""
        self._ending = True

    def look(self) -> Verdict:
        """Judge now."""
        reasons = (
            *self._acknowledged(),
            *self._overtakes(),
            *(() if self._ending else (*self._reader(), *self._alive())),
            *self._disk(),
            *self._letters(),
        )
        self.verdict = Verdict(reasons, tuple(self._warnings()))
        return self.verdict

    def _acknowledged(self) -> Iterable[Finding]:
        now, counts = self._clock.monotonic(), self._parts.delivery.counts
        settled = counts["delivered"] + counts["dead_lettered"]
        waiting = counts["read"] - settled
        if settled != self._settled or waiting <= 0:
            self._settled, self._progress = settled, now
        quiet = now - self._progress
        if quiet >= self._stuck_after:
            errors = self._troubles()
            cause = f": {errors[0]}" if errors else ""
            yield Finding(
                "no_acknowledgement",
                f"{waiting} records wait, and none was acknowledged for {quiet:.0f} s by {self._parts.output}{cause}",
            )

    def _overtakes(self) -> Iterable[Finding]:
        """Others get through, one source does not: an index that is blocked, a pipeline that hangs."""
        now, before = self._clock.monotonic(), self._overtaken
        self._overtaken = {
            key: before[key] if key in before and before[key][0] == number else (number, now)
            for key, number in self._parts.delivery.overtaken().items()
        }
        stuck = [key for key, (_, since) in self._overtaken.items() if now - since >= self._stuck_after]
        if stuck:
            entries = (self._parts.registry.get(key) for key in stuck)
            paths = sorted(entry.path for entry in entries if entry is not None)
            yield Finding(
                "source_stuck",
                f"{_some(paths)}: nothing was acknowledged for {self._stuck_after:.0f} s, while other records were",
            )

    def _reader(self) -> Iterable[Finding]:
        quiet = self._clock.monotonic() - self._turned
        if quiet >= self._stuck_after:
            yield Finding("reader_stuck", f"the reader has hung for {quiet:.0f} s, perhaps in a file system")

    def _alive(self) -> Iterable[Finding]:
        for thread in self._threads():
            if thread.ident is not None and not thread.is_alive():
                yield Finding("thread_ended", f"the thread {thread.name} ended")
        if any(source.has_failed() for source in self._parts.inputs):
            yield Finding("thread_ended", "the thread of an input ended")

    def _disk(self) -> Iterable[Finding]:
        trouble = _unwritable(self._state) or self._parts.registry.refused
        if trouble:
            yield Finding("state_not_writable", f"{self._state}: {trouble}; nothing new is sent, offsets wait")
        if self._parts.letters.refused:
            yield Finding(
                "state_not_writable", f"the dead letters: {self._parts.letters.refused}; what is refused waits"
            )
        for source in self._parts.inputs:
            for name, spool in source.spools().items():
                if spool["refused"]:
                    yield Finding("state_not_writable", f"the spool {name}: {spool['refused']}; what it gets waits")

    def _letters(self) -> Iterable[Finding]:
        if self._parts.letters.is_full:
            yield Finding(
                "dead_letters_full",
                "what the output refuses finds no room, and all behind it waits: see `shipper agent dlq`",
            )

    def _troubles(self) -> list[str]:
        """Of the output's hosts, and of connections where no host is to blame."""
        hosts = self._parts.pool.errors()
        own = {sender.health.error for sender in self._parts.senders if sender.health.error}
        return [*hosts, *sorted(error for error in own if not any(host.endswith(error) for host in hosts))]

    def _warnings(self) -> Iterable[Finding]:
        parts = self._parts
        for error in self._troubles():
            yield Finding("output_failing", error)
        fleet = parts.fleet()
        if parts.reloads.error:
            yield Finding("reload_refused", f"the old configuration stays: {parts.reloads.error}")
        failed = [each.path for each in fleet if each.benched]
        if failed:
            yield Finding("files_failed", f"{_some(failed)}: the codec failed; they wait for a restart")
        left_out = sorted(fleet.left_out)
        if left_out:
            yield Finding("files_left_out", f"{_some(left_out)}: see `shipper agent status`")
        if parts.registry.damaged:
            yield Finding("registry_damaged", f"{parts.registry.damaged} lines could not be read at start")
        for source in parts.inputs:
            for name, size in source.spools().items():
                if size["bytes"] >= _NEARLY_FULL * size["limit"]:
                    yield Finding("spool_nearly_full", f"{name}: {size['bytes']} of {size['limit']} bytes")


def _unwritable(folder: Path) -> str:
    """Why nothing can be written there; empty if it can."""
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        return error.strerror or str(error)
    if disk.f_flag & os.ST_RDONLY:
        return "the file system is read-only"
    if disk.f_bavail * disk.f_frsize < _LEAST_FREE:
        return "the disk is full"
    if disk.f_files and not disk.f_favail:
        return "the file system has no inode left"
    return "" if os.access(folder, os.W_OK | os.X_OK) else "permission denied"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
