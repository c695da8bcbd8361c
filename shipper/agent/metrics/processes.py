"""The processes that take most CPU and memory, in Metricbeat's names; their command lines only where that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import psutil
from msgspec import Meta

from shipper.agent.metrics.rate import Growth
from shipper.agent.processor.redact import Redactor, RedactSettings
from shipper.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.clock import Clock

_LONGEST = 1024
"""Characters of a command line."""
_ATTRIBUTES = ["pid", "ppid", "name", "status", "create_time", "cpu_times", "memory_info", "num_threads"]


class ProcessSettings(Settings, frozen=True):
    """Which processes the dataset `process` tells of; looking at all of them costs about 0.1 ms each.

    Attributes:
        by_cpu: how many of those that took most CPU since the last sample.
        by_memory: how many of those that hold most memory.
        command_line: send `process.command_line` too, with secrets masked; a secret of a shape that is not known stays.
    """

    by_cpu: Annotated[int, Meta(ge=0, le=100)] = 5
    by_memory: Annotated[int, Meta(ge=0, le=100)] = 5
    command_line: bool = False

    def __post_init__(self) -> None:
        if not self.by_cpu and not self.by_memory:
            raise ValueError("`by_cpu` and `by_memory` are both 0; leave `process` out of `datasets` instead")


class Processes:
    """Remembers the CPU time of each process."""

    def __init__(self, settings: ProcessSettings, clock: Clock) -> None:
        self._settings = settings
        self._growth = Growth(clock)
        self._redactor = Redactor(RedactSettings()) if settings.command_line else None

    def sample(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(pid and start, document) of each that is among the first by CPU or by memory."""
        found: list[tuple[float, int, psutil.Process]] = []
        for process in psutil.process_iter(_ATTRIBUTES):
            known = process.info
            times, memory = known["cpu_times"], known["memory_info"]
            if times is None or memory is None:
                continue  # not ours to see
            rates = self._growth.per_second(_name(known), {"cpu": times.user + times.system})
            found.append((0.0 if rates is None else rates["cpu"], memory.rss, process))
        self._growth.forget_others()
        by_cpu = sorted((each for each in found if each[0] > 0), key=lambda each: -each[0])[: self._settings.by_cpu]
        by_memory = sorted((each for each in found if each[1]), key=lambda each: -each[1])[: self._settings.by_memory]
        total, cores = psutil.virtual_memory().total, psutil.cpu_count() or 1
        for share, rss, process in {each[2].pid: each for each in (*by_cpu, *by_memory)}.values():
            yield _name(process.info), self._document(process, round(share, 4), rss, total, cores)

    def _document(self, process: psutil.Process, share: float, rss: int, total: int, cores: int) -> dict[str, Any]:
        known = process.info
        times, memory = known["cpu_times"], known["memory_info"]
        milliseconds = round((times.user + times.system) * 1000)
        held = round(rss / total, 4)
        named: dict[str, Any] = {
            "pid": known["pid"],
            "name": known["name"],
            "parent": {"pid": known["ppid"]},
            "cpu": {"pct": round(share / cores, 4)},
            "memory": {"pct": held},
        }
        if self._redactor is not None:
            line = self._command_line(process, self._redactor)
            named |= {"command_line": line} if line else {}
        return {
            "process": named,
            "system": {
                "process": {
                    "state": known["status"],
                    "num_threads": known["num_threads"],
                    "cpu": {"total": {"value": milliseconds, "pct": share, "norm": {"pct": round(share / cores, 4)}}},
                    "memory": {"size": memory.vms, "rss": {"bytes": rss, "pct": held}},
                }
            },
        }

    @staticmethod
    def _command_line(process: psutil.Process, redactor: Redactor) -> str:
        try:
            line = " ".join(process.cmdline())
        except (psutil.Error, OSError):
            return ""  # it ended just now, or is not ours to see
        document = {"message": line}
        redactor.clean(document)
        return document["message"][:_LONGEST].encode("utf-8", "replace").decode()


def _name(known: dict[str, Any]) -> str:
    """A pid is used again; with the start it is one process."""
    return f"{known['pid']}:{known['create_time']:.0f}"
