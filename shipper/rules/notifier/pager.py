"""PagerDuty and Opsgenie by way of Apprise: one incident an episode, opened, told again and closed by the same key.

A bundle is told alert by alert: each must close by itself, and a pager puts together what belongs together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from shipper.config import Duration
from shipper.rules.change import Kind
from shipper.rules.notifier.base import Outcome, Retry, Sent
from shipper.rules.notifier.http import pool, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.rules.notification import Notification

ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})
KEYS = {"pagerduty": "dedup", "opsgenie": "alias"}
"""Service -> the setting by which it knows an incident again; left alone where the address sets it."""
MOST = 50
"""Incidents told in one attempt; the rest follow in the next, so that the rules are not held up."""
_TIMEOUT = Duration(10)


class Pager:
    """One server of Apprise that keeps incidents; `tell` sends a notification to it by Apprise."""

    def __init__(self, server: Any, tell: Callable[[Notification], Outcome]) -> None:
        self._server = server
        self._tell = tell
        self._key = KEYS[service(server)]
        self._pool = pool(_TIMEOUT)
        server.request_rate_per_sec = 0  # Apprise would sleep seconds between two incidents, and the rules with it
        self._taken: set[str] = set()
        """Keys of those alerts of the bundle at hand that it has."""
        if self._key == "dedup" and server.action == "trigger":
            server.action = "map"  # a resolution resolves, anything else triggers

    def notify(self, told: Notification) -> Outcome:
        """Each of its alerts; what was taken in an earlier attempt is not sent again."""
        alerts = told.alerts
        self._taken &= {alert.key for alert in alerts}
        left = [alert for alert in alerts if alert.key not in self._taken]
        for alert in left[:MOST]:
            outcome = self._page(alert)
            if not isinstance(outcome, Sent):
                return outcome
            self._taken.add(alert.key)
        if len(left) > MOST:
            return Retry(f"{len(self._taken)} of {len(alerts)} incidents are told, the rest follows")
        self._taken.clear()
        return Sent()

    def close(self) -> None:
        """Release the sockets."""
        self._pool.clear()

    def _page(self, alert: Notification) -> Outcome:
        setattr(self._server, self._key, alert.episode)
        if alert.kind in ENDS and self._key == "alias" and self._server.action == "map":
            return self._close_by_alias(alert)
        return self._tell(alert)

    def _close_by_alias(self, alert: Notification) -> Outcome:
        """Opsgenie: Apprise closes by the id of a request, which is that of no alert, and only what it opened itself.

        Source: https://docs.opsgenie.com/docs/alert-api#close-alert.
        """
        from apprise.plugins import opsgenie  # noqa: PLC0415 - an extra that most do not install

        address = opsgenie.OPSGENIE_API_LOOKUP[self._server.region_name]
        headers = {"Content-Type": "application/json", "Authorization": f"GenieKey {self._server.apikey}"}
        body = msgspec.json.encode({"source": "shipper-rules", "note": alert.title})
        outcome = post(self._pool, f"{address}/{quote(alert.episode)}/close?identifierType=alias", body, headers)
        return outcome if isinstance(outcome, Sent | Retry) else Retry(outcome.reason)


def service(server: Any) -> str:
    """The name of the service in its addresses."""
    return str(server.url().partition("://")[0])


def keeps_incidents(server: Any) -> bool:
    """Is it a pager whose address leaves the key to us?"""
    key = KEYS.get(service(server))
    return key is not None and getattr(server, key, "theirs") is None
