"""A check compares what is in Elasticsearch with what must be there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence that is true or not, and the figures behind it."""

    name: str
    ok: bool
    detail: str


@dataclass
class Outcome:
    """What a demonstration showed; `as_json` is the contract of `--json`."""

    documents: dict[str, int] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    campaigns: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)

    def check(self, name: str, *, ok: bool, detail: str) -> None:
        """Note one check."""
        self.checks.append(Check(name, ok, detail))

    def as_json(self) -> dict[str, Any]:
        """Documents, alerts, campaigns and checks as plain data."""
        return {
            "documents": self.documents,
            "alerts": self.alerts,
            "campaigns": self.campaigns,
            "checks": [asdict(check) for check in self.checks],
        }
