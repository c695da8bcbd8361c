"""console: a few lines of text on a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shipper.colour import colours
from shipper.rules.change import Kind
from shipper.rules.notifier.base import Outcome, Retry, Sent
from shipper.rules.notifier.text import lines
from shipper.rules.routing.policy import NotifierSettings

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

_COLOURS = {Kind.FIRING: "red", Kind.REMINDER: "red", Kind.RESOLVED: "green", Kind.COMPLETE: "green"}


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
            shade = _COLOURS.get(notification.kind, "yellow")
            click.secho(notification.title, fg=shade, err=self._stderr, color=colours())
            for line in lines(notification):
                click.echo(f"    {line}", err=self._stderr)
        except OSError as error:
            return Retry(f"the stream cannot be written: {error.strerror}")
        return Sent()

    def close(self) -> None:
        """Nothing to release: the stream is not ours."""
