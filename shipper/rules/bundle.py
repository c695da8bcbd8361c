"""Several notifications told as one."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from shipper.rules.change import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.rules.notification import Notification

_SHOWN = 3
_SEVERITIES = ("info", "warning", "critical")


def bundle(parts: Sequence[Notification]) -> Notification:
    """One notification with all of `parts` (one or more, oldest first) as members.

    It is about what is worst: firing before resolved, critical before info. Where its members are of several rules,
    `rule` and `owner` name up to three, `labels` has what they share, and `index` is empty; `query` is where their
    queries differ. Its key follows from theirs.
    """
    members = [member for part in parts for member in part.alerts]
    if len(members) == 1:
        return members[0]
    kinds = Counter(member.kind for member in members)
    first = worst(members)
    rules = list(dict.fromkeys(member.rule for member in members))
    counted = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    where = f" of {len(rules)} rules" if len(rules) > 1 else ""
    shown = "; ".join(f"{_name(member, rules)}: {member.text}" for member in members[:_SHOWN])
    more = f"; and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
    told = msgspec.structs.replace(
        first,
        key=_digest([member.key for member in members]),
        episode=_digest(sorted({member.episode for member in members})),
        kind=Kind.FIRING if first.kind is Kind.REMINDER else first.kind,
        group=_common([member.group for member in members]),
        at=max(member.at for member in members),
        since=min(member.since for member in members),
        value=None,
        text=f"{len(members)} alerts{where} ({counted}): {shown}{more}",
        facts={},
        complete=all(member.complete for member in members),
        correction=any(member.correction for member in members),
        stale=any(member.stale for member in members),
        reason=first.reason if all(member.reason == first.reason for member in members) else None,
        members=members,
        query=first.query if len({member.query for member in members}) == 1 else "",
    )
    return told if len(rules) == 1 else _of_several(told, rules)


def worst(members: Sequence[Notification]) -> Notification:
    """The first of the most severe that fire; its examples, differences and links are those of the bundle."""
    firing = [member for member in members if member.kind is not Kind.RESOLVED]
    return max(firing or members, key=lambda member: _SEVERITIES.index(member.severity))


def _of_several(told: Notification, rules: list[str]) -> Notification:
    return msgspec.structs.replace(
        told,
        rule=_few(rules),
        summary=f"{len(rules)} rules fire together; the worst: {told.summary}",
        owner=_few(list(dict.fromkeys(member.owner for member in told.members))),
        labels=_common([member.labels for member in told.members]),
        index="",
        query="",
        window_seconds=max(member.window_seconds for member in told.members),
    )


def _name(member: Notification, rules: list[str]) -> str:
    values = " ".join(member.group.values())
    return f"{member.rule} {values}".rstrip() if len(rules) > 1 else values


def _few(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _common(groups: Sequence[dict[str, str]]) -> dict[str, str]:
    return {name: value for name, value in groups[0].items() if all(group.get(name) == value for group in groups)}


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
