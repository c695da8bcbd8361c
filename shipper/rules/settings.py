"""The evaluator's config file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from shipper.config import Duration, Settings
from shipper.elastic.client import ClientSettings
from shipper.rules.heartbeat import HeartbeatSettings
from shipper.rules.notifier import AnyNotifierSettings
from shipper.rules.notifier.console import ConsoleSettings
from shipper.rules.routing.maintenance import MaintenanceSettings
from shipper.rules.routing.route import RouteSettings, unreachable


class WatchSettings(Settings, frozen=True, kw_only=True):
    """Who is told when rules lag, fail or miss runs; unset: the notifiers of the route `default`."""

    to: tuple[str, ...] | None = None
    heartbeat: HeartbeatSettings | None = None


class EvaluatorSettings(Settings, frozen=True, kw_only=True):
    """Where the documents are, which rules run, and who is told.

    Without `elasticsearch` the local stack's endpoint and its `rules_evaluator` account are used. A rule's `notify`
    names routes; a route names notifiers; `default` goes to the console unless it is set.
    """

    elasticsearch: ClientSettings | None = None
    index_prefix: str = ""
    kibana: str | None = None
    """The address of Kibana, for links in notifications."""
    runbooks: str | None = None
    """What stands before a rule's `runbook`, so that a notification has an address to open."""
    rules: tuple[Path, ...] = ()
    """Rule files and folders; `alert_rules/` if there are none."""
    notifiers: dict[str, AnyNotifierSettings] = msgspec.field(default_factory=lambda: {"console": ConsoleSettings()})
    routes: dict[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: {"default": ("console",)})
    routing: tuple[RouteSettings, ...] = ()
    """By labels, in order; a rule's `notify` decides where none of these matches."""
    maintenance: tuple[MaintenanceSettings, ...] = ()
    """When alerts are held back."""
    watch: WatchSettings = WatchSettings()
    """The evaluator about itself."""
    lease: Duration = Duration(20)
    """So long after its last sign of life another evaluator takes a rule over."""

    def __post_init__(self) -> None:
        if self.kibana is not None and not self.kibana.startswith(("http://", "https://")):
            raise ValueError("`kibana` must look like https://kibana.example")
        if self.runbooks is not None and not self.runbooks.startswith(("http://", "https://")):
            raise ValueError("`runbooks` must look like https://git.example/shipper/blob/main")
        for route, names in self.routes.items():
            self._check_known(f"the route `{route}`", names)
        for number, entry in enumerate(self.routing, 1):
            self._check_known(f"entry {number} of `routing`", entry.to)
        self._check_known("`watch`", self.watch.to or ())
        dead = unreachable(self.routing)
        if dead is not None:
            raise ValueError(
                f"entry {dead[0] + 1} of `routing` never gets anything: entry {dead[1] + 1} takes all that would match"
            )
        for name, notifier in self.notifiers.items():
            self._check_fallback(name, notifier.fallback)

    @property
    def watchers(self) -> tuple[str, ...]:
        """Who is told of the evaluator's own troubles."""
        return self.routes.get("default", ()) if self.watch.to is None else self.watch.to

    def _check_known(self, what: str, names: tuple[str, ...]) -> None:
        for name in names:
            if name not in self.notifiers:
                raise ValueError(f"{what} names `{name}`, which is not in `notifiers`")

    def _check_fallback(self, name: str, fallback: str | None) -> None:
        if fallback is None:
            return
        self._check_known(f"the fallback of `{name}`", (fallback,))
        if fallback == name or self.notifiers[fallback].fallback is not None:
            raise ValueError(f"the fallback of `{name}` must be a notifier without a fallback, not `{fallback}`")
