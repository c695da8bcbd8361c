"""Several notifications of one rule told as one."""

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


def bundle(parts: Sequence[Notification]) -> Notification:
    """One notification with all of `parts` (one or more, of one rule, oldest first) as members.

    It is about what is worst: firing before resolved. Its key follows from theirs.
    """
    members = [member for part in parts for member in part.alerts]
    if len(members) == 1:
        return members[0]
    kinds = Counter(member.kind for member in members)
    first = next((member for member in members if member.kind is not Kind.RESOLVED), members[0])
    counted = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    shown = "; ".join(f"{' '.join(member.group.values())}: {member.text}" for member in members[:_SHOWN])
    more = f"; and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
    return msgspec.structs.replace(
        first,
        key=_digest([member.key for member in members]),
        episode=_digest(sorted({member.episode for member in members})),
        kind=Kind.FIRING if first.kind is Kind.REMINDER else first.kind,
        group=_common([member.group for member in members]),
        at=max(member.at for member in members),
        since=min(member.since for member in members),
        value=None,
        text=f"{len(members)} alerts ({counted}): {shown}{more}",
        facts={},
        complete=all(member.complete for member in members),
        correction=any(member.correction for member in members),
        stale=any(member.stale for member in members),
        reason=None,
        examples=first.examples,
        members=members,
    )


def _common(groups: Sequence[dict[str, str]]) -> dict[str, str]:
    return {name: value for name, value in groups[0].items() if all(group.get(name) == value for group in groups)}


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
