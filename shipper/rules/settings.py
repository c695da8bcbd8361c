"""The evaluator's config file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from shipper.config import Duration, Settings
from shipper.elastic.client import ClientSettings
from shipper.rules.notifier import AnyNotifierSettings
from shipper.rules.notifier.console import ConsoleSettings


class EvaluatorSettings(Settings, frozen=True, kw_only=True):
    """Where the documents are, which rules run, and who is told.

    Without `elasticsearch` the local stack's endpoint and its `rules_evaluator` account are used. A rule's `notify`
    names routes; a route names notifiers; `default` goes to the console unless it is set.
    """

    elasticsearch: ClientSettings | None = None
    index_prefix: str = ""
    kibana: str | None = None
    """The address of Kibana, for links in notifications."""
    rules: tuple[Path, ...] = ()
    """Rule files and folders; `alert_rules/` if there are none."""
    notifiers: dict[str, AnyNotifierSettings] = msgspec.field(default_factory=lambda: {"console": ConsoleSettings()})
    routes: dict[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: {"default": ("console",)})
    lease: Duration = Duration(20)
    """So long after its last sign of life another evaluator takes a rule over."""

    def __post_init__(self) -> None:
        if self.kibana is not None and not self.kibana.startswith(("http://", "https://")):
            raise ValueError("`kibana` must look like https://kibana.example")
        for route, names in self.routes.items():
            for name in names:
                if name not in self.notifiers:
                    raise ValueError(f"the route `{route}` names `{name}`, which is not in `notifiers`")
