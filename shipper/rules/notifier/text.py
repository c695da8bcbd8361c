"""A notification as lines of text, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

SHOWN = 20
"""Members of a bundle that a text shows; machines get all of them."""


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
        *([f"query {notification.index}: {notification.query or '*'}"] if notification.index else []),
        *marks,
    ]
    told += [f"{member.kind} {_where(member, notification)}: {member.text}" for member in notification.members[:SHOWN]]
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


def _where(member: Notification, whole: Notification) -> str:
    group = " ".join(f"{name}={value}" for name, value in member.group.items()) or "(all)"
    return group if member.rule == whole.rule else f"{member.rule} {group}"
