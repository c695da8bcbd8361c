"""apprise: Slack, Teams, PagerDuty, Opsgenie, Telegram and a hundred more, by an address of the Apprise library.

Source: https://github.com/caronc/apprise. Apprise says only whether it went well, so that each failure is tried again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shipper.config import Secret
from shipper.errors import ConfigError
from shipper.rules.change import Kind
from shipper.rules.notifier.base import Outcome, Retry, Sent
from shipper.rules.notifier.text import lines
from shipper.rules.routing.policy import NotifierSettings

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

_ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})


class AppriseSettings(NotifierSettings, frozen=True, kw_only=True, tag_field="type", tag="apprise"):
    """An address such as slack://…; it holds tokens, and is therefore a secret."""

    url: Secret

    def build(self) -> Apprise:
        """The notifier.

        Raises:
            ConfigError: Apprise is not installed, or does not know such an address.
        """
        try:
            import apprise  # noqa: PLC0415 - an extra that most do not install
        except ImportError as error:
            raise ConfigError(
                "`type: apprise` needs the Apprise library", hint="pip install '.[notify]' in Shipper's checkout"
            ) from error
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines may hold tokens
        target = apprise.Apprise()
        if not target.add(self.url.reveal()):
            raise ConfigError(
                "Apprise does not know this address (not shown: it is a secret)",
                where="notifiers",
                hint="compare it with https://github.com/caronc/apprise/wiki",
            )
        return Apprise(target)


class Apprise:
    """Sends through one Apprise service."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def notify(self, notification: Notification) -> Outcome:
        sent = self._target.notify(
            title=notification.title,
            body="\n".join(lines(notification)),
            notify_type=_type(notification),
            body_format="text",
        )
        return Sent() if sent else Retry("Apprise could not deliver it")

    def close(self) -> None:
        """Nothing is held between messages."""


def _type(told: Notification) -> str:
    """Pagers open an incident for a warning or a failure, and close it for a success; `info` would close one too."""
    if told.kind in _ENDS:
        return "success"
    return "failure" if told.severity == "critical" else "warning"
