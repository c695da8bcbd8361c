"""Another configuration for a running agent: what may change, and what became of the last attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.agent.input.stdin import StdinInputSettings
from shipper.clock import iso_utc
from shipper.errors import UsageError

if TYPE_CHECKING:
    from shipper.agent.config import AgentSettings
    from shipper.clock import Clock

_FIXED = ("state", "host_name", "metrics", "monitoring")
_LIVE = ("inputs", "output", "queue", "dead_letters", "scan_interval", "shutdown_timeout", "log_level")


@dataclass(slots=True)
class Reloads:
    """Attempts since the start.

    Attributes:
        count: attempts, also refused ones.
        time: of the last one, seconds since the epoch; 0 before the first.
        error: why the last one was refused; empty if it was not.
        changed: what the last one changed.
    """

    count: int = 0
    time: float = 0.0
    error: str = ""
    changed: tuple[str, ...] = ()

    def done(self, clock: Clock, changed: tuple[str, ...] = (), error: str = "") -> None:
        """Note an attempt."""
        self.changed, self.error, self.time = changed, error, clock.time()
        self.count += 1

    def document(self) -> dict[str, Any]:
        """As JSON."""
        time = iso_utc(self.time) if self.count else None
        return {"count": self.count, "time": time, "ok": not self.error, "error": self.error, "changed": self.changed}


def differences(old: AgentSettings, new: AgentSettings) -> tuple[str, ...]:
    """The keys of the configuration that changed.

    Raises:
        UsageError: one of them needs a restart.
    """
    fixed = [name for name in _FIXED if getattr(old, name) != getattr(new, name)]
    if _stdin(old) != _stdin(new):
        fixed.append("inputs (stdin)")
    if fixed:
        raise UsageError(f"a running agent cannot change {', '.join(f'`{name}`' for name in fixed)}", hint="restart it")
    return tuple(name for name in _LIVE if getattr(old, name) != getattr(new, name))


def _stdin(settings: AgentSettings) -> list[StdinInputSettings]:
    """Standard input is of the process, and half a line of it may be held."""
    return [each for each in settings.inputs if isinstance(each, StdinInputSettings)]
