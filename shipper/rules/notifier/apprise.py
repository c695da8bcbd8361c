"""apprise: Slack, Teams, PagerDuty, Opsgenie, Telegram and a hundred more, by an address of the Apprise library.

Source: https://github.com/caronc/apprise. Apprise says only whether it went well, so that each failure is tried again.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from shipper.config import Secret
from shipper.errors import ConfigError
from shipper.rules.notifier.base import Outcome, Retry, Sent
from shipper.rules.notifier.pager import ENDS, Pager, keeps_incidents, service
from shipper.rules.notifier.text import fitted
from shipper.rules.routing.policy import NotifierSettings
from shipper.rules.words import line

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

_PARAGRAPHS = frozenset({"workflow", "workflows"})
"""Services whose cards join lines that no empty one parts, as Markdown does: Teams."""
_MOST_LINES = 40
"""Of a text: what the empty ones between them take."""
_CALLS = re.compile(r"@(?=everyone|here|channel|all|room)|<(?=[!@#&]|at\b)|\](?=\()", re.IGNORECASE)
"""What calls a whole room, or a person, in a chat (`<at>` in Teams), or makes a link of other words."""


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
    """Sends through the Apprise services of one address."""

    def __init__(self, target: Any) -> None:
        self._target = target
        servers = list(target)
        self._chats = _alone(target, [server for server in servers if not keeps_incidents(server)])
        self._pagers = [
            Pager(server, partial(_send, _alone(target, [server]))) for server in servers if keeps_incidents(server)
        ]

    def notify(self, notification: Notification) -> Outcome:
        outcomes = [pager.notify(notification) for pager in self._pagers]
        if len(self._chats):
            outcomes.append(_send(self._chats, notification))
        return next((outcome for outcome in outcomes if not isinstance(outcome, Sent)), Sent())

    def close(self) -> None:
        for pager in self._pagers:
            pager.close()


def _alone(target: Any, servers: list[Any]) -> Any:
    """Some of the servers of an Apprise object, as one."""
    some = type(target)()
    for server in servers:
        some.add(server)
    return some


def _send(target: Any, told: Notification) -> Outcome:
    title, body = _fitted(target, told)
    sent = target.notify(title=_calm(title), body=_calm(body), notify_type=_type(told), body_format="text")
    return Sent() if sent else Retry("Apprise could not deliver it")


def _fitted(target: Any, told: Notification) -> tuple[str, str]:
    """Title and body as long as each service takes them: one that is longer is refused, or sent in pieces."""
    room = min(server.body_maxlen for server in target)
    of_its_own = min(server.title_maxlen for server in target)
    title = line(told.title, of_its_own if of_its_own > 0 else room // 2)
    least = room - len(title) - 4  # Discord has both in one field
    if any(service(server) in _PARAGRAPHS for server in target):
        return title, "\n\n".join(fitted(told, least - _MOST_LINES))
    return title, "\n".join(fitted(told, least))


def _type(told: Notification) -> str:
    """Pagers open an incident for a warning or a failure, and close it for a success; `info` would close one too."""
    if told.kind in ENDS:
        return "success"
    return "failure" if told.severity == "critical" else "warning"


def _calm(text: str) -> str:
    """A value from a log calls nobody: a zero-width space stands behind each `@`, `<` or `]` that would."""
    return _CALLS.sub(lambda found: found[0] + "\u200b", text)
