"""apprise: Slack, Teams, PagerDuty, Opsgenie, Telegram and a hundred more, by an address of the Apprise library.

Source: https://github.com/caronc/apprise. Apprise says only whether it went well, so that each failure is tried again.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from shipper.config import Secret
from shipper.errors import ConfigError
from shipper.rules.change import Kind
from shipper.rules.notifier.base import Outcome, Retry, Sent
from shipper.rules.notifier.text import fitted
from shipper.rules.routing.policy import NotifierSettings
from shipper.rules.words import line

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

_ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})
_THREAD = {"pagerduty": "dedup", "opsgenie": "alias"}
"""Service -> the setting by which it knows an incident again; left alone where the address sets it."""
_CALLS = re.compile(r"@(?=everyone|here|channel|all|room)|<(?=[!@#&])", re.IGNORECASE)
"""What calls a whole room, or a person, in a chat."""


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
        kinds = [(server, server.url().partition("://")[0]) for server in target]
        named = [(server, _THREAD[kind]) for server, kind in kinds if kind in _THREAD]
        self._threads = [(server, name) for server, name in named if getattr(server, name, "theirs") is None]

    def notify(self, notification: Notification) -> Outcome:
        self._thread(notification)
        title, body = self._fitted(notification)
        sent = self._target.notify(
            title=_calm(title), body=_calm(body), notify_type=_type(notification), body_format="text"
        )
        return Sent() if sent else Retry("Apprise could not deliver it")

    def _fitted(self, told: Notification) -> tuple[str, str]:
        """Title and body as long as each service takes them: one that is longer is refused, or sent in pieces."""
        room = min(server.body_maxlen for server in self._target)
        of_its_own = min(server.title_maxlen for server in self._target)
        title = line(told.title, of_its_own if of_its_own > 0 else room // 2)
        return title, "\n".join(fitted(told, room - len(title) - 4))  # Discord has both in one field

    def _thread(self, told: Notification) -> None:
        """Let a pager know one incident from firing to resolved; else each message, the last too, opens another."""
        for server, name in self._threads:
            setattr(server, name, told.episode)
            if name == "dedup" and server.action == "trigger":
                server.action = "map"  # a resolution resolves, anything else triggers

    def close(self) -> None:
        """Nothing is held between messages."""


def _type(told: Notification) -> str:
    """Pagers open an incident for a warning or a failure, and close it for a success; `info` would close one too."""
    if told.kind in _ENDS:
        return "success"
    return "failure" if told.severity == "critical" else "warning"


def _calm(text: str) -> str:
    """A value from a log calls nobody: a zero-width space stands behind each `@` or `<` that would."""
    return _CALLS.sub(lambda found: found[0] + "\u200b", text)
