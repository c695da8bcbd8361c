"""console: a few lines of text on a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shipper.rules.change import Kind
from shipper.rules.notifier.base import Outcome, Retry, Sent
from shipper.rules.routing.policy import NotifierSettings

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

_COLOURS = {Kind.FIRING: "red", Kind.REMINDER: "red", Kind.RESOLVED: "green", Kind.COMPLETE: "green"}


SHOWN = 20
"""Members of a bundle that a text shows; machines get all of them."""


class ConsoleSettings(NotifierSettings, frozen=True, kw_only=True, tag_field="type", tag="console"):
    """Text on standard output, or on standard error."""

    stderr: bool = False

    def build(self) -> Console:
        """The notifier."""
        return Console(self)


class Console:
    """Prints notifications."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._stderr = settings.stderr

    def notify(self, notification: Notification) -> Outcome:
        try:
            click.secho(notification.title, fg=_COLOURS.get(notification.kind, "yellow"), err=self._stderr)
            for line in lines(notification):
                click.echo(f"    {line}", err=self._stderr)
        except OSError as error:
            return Retry(f"the stream cannot be written: {error.strerror}")
        return Sent()

    def close(self) -> None:
        """Nothing to release: the stream is not ours."""


def lines(notification: Notification) -> list[str]:
    """The details as text, one fact a line."""
    marks = [
        name
        for name, on in (
            ("correction: documents came late", notification.correction),
            ("stale: told late", notification.stale),
            ("incomplete: there may be more", not notification.complete),
        )
        if on
    ]
    told = [
        f"{notification.summary} ({notification.severity}, owner {notification.owner})",
        f"since {notification.since}, seen {notification.at}",
        *(f"differs: {difference.text}" for difference in notification.differs),
        *(f"{name} {address}" for name, address in notification.links.items()),
        f"runbook {notification.runbook}",
        f"query {notification.index}: {notification.query or '*'}",
        *marks,
    ]
    told += [f"{member.kind} {_where(member)}: {member.text}" for member in notification.members[:SHOWN]]
    if len(notification.members) > SHOWN:
        told.append(f"and {len(notification.members) - SHOWN} more")
    if notification.reason:
        told.append(notification.reason)
    for example in notification.examples:
        ids = " ".join(
            f"{name}={value}"
            for name, value in (("error.id", example.error_id), ("trace.id", example.trace_id))
            if value
        )
        told.append(f"e.g. {example.timestamp} {example.message or ''} {ids}".rstrip())
    return told


def _where(member: Notification) -> str:
    return " ".join(f"{name}={value}" for name, value in member.group.items()) or "(all)"
