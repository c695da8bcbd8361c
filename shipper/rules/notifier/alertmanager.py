"""alertmanager: alerts of Prometheus Alertmanager's API v2, for teams whose inhibition and escalation live there.

Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (`POST /api/v2/alerts`). Alertmanager
takes an alert for over at its `endsAt`; a firing one therefore ends a few reports from now, and is reported again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from shipper.clock import Clock, SystemClock, iso_utc
from shipper.config import Duration, Secret
from shipper.rules.change import Kind
from shipper.rules.notifier.http import check_url, pool, post
from shipper.rules.notifier.text import lines
from shipper.rules.routing.policy import NotifierSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.rules.notification import Notification
    from shipper.rules.notifier.base import Outcome

MISSED = 4
"""So many reports may fail before Alertmanager takes an alert for over."""
_ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})
_WHOLE_RULE = frozenset({Kind.INCOMPLETE, Kind.COMPLETE})
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_]")


class AlertmanagerSettings(NotifierSettings, frozen=True, kw_only=True, tag_field="type", tag="alertmanager"):
    """Where it listens (without /api/v2), and how often what fires is reported."""

    url: str
    token: Secret | None = None
    """Sent as `Authorization: Bearer`."""
    every: Duration = Duration(60)
    timeout: Duration = Duration(10)

    def __post_init__(self) -> None:
        check_url(self.url)
        if self.every < 1:
            raise ValueError("`every` must be at least 1s")

    def build(self) -> Alertmanager:
        """The notifier."""
        return Alertmanager(self, SystemClock())


class Alertmanager:
    """Posts alerts."""

    def __init__(self, settings: AlertmanagerSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._url = settings.url.rstrip("/") + "/api/v2/alerts"
        self._pool = pool(settings.timeout)

    @property
    def keep_alive_every(self) -> float:
        return float(self._settings.every)

    def notify(self, notification: Notification) -> Outcome:
        return self._post(notification.alerts)

    def keep_alive(self, firing: Sequence[Notification]) -> Outcome:
        return self._post(firing)

    def close(self) -> None:
        self._pool.clear()

    def _post(self, alerts: Sequence[Notification]) -> Outcome:
        lasting = self._clock.time() + MISSED * self._settings.every
        body = msgspec.json.encode([_alert(alert, lasting) for alert in alerts])
        headers = {"Content-Type": "application/json", "User-Agent": "shipper-rules"}
        if self._settings.token is not None:
            headers["Authorization"] = f"Bearer {self._settings.token.reveal()}"
        return post(self._pool, self._url, body, headers)


def _alert(told: Notification, lasting: float) -> dict[str, Any]:
    """One `postableAlert`. Its labels are its identity: the same from firing to resolved."""
    document: dict[str, Any] = {
        "labels": _labels(told),
        "annotations": {
            "summary": told.summary,
            "description": told.text,
            "details": "\n".join(lines(told)),
            "runbook": told.runbook,
            "query": f"{told.index}: {told.query or '*'}",
        },
        "startsAt": told.since,
        "endsAt": told.at if told.kind in _ENDS else iso_utc(lasting),
    }
    page = told.links.get("kibana", told.runbook)
    if page.startswith(("http://", "https://")):
        document["generatorURL"] = page
    return document


def _labels(told: Notification) -> dict[str, str]:
    """Names of Prometheus have no dots: `service.name` becomes `service_name`. Our own names win."""
    given = {_NOT_IN_A_NAME.sub("_", name): value for name, value in {**told.labels, **told.group}.items()}
    ours = {"alertname": told.rule, "severity": told.severity, "owner": told.owner}
    if told.kind in _WHOLE_RULE:
        ours["about"] = "rule"
    named = {name if not name[:1].isdigit() else f"_{name}": value for name, value in given.items()}
    return {name: value for name, value in {**named, **ours}.items() if value}
