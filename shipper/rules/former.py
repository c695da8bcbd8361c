"""The end of alerts whose rule was removed, or changed so that their groups are no longer judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.rules.change import Change, Kind
from shipper.rules.state import ACTIVE, Status

if TYPE_CHECKING:
    from shipper.rules.rule import Rule
    from shipper.rules.state import RuleState


def ended(rule: Rule, former: RuleState, now: int, removed: str | None = None) -> list[Change]:
    """A resolution for each alert of `former`, sent where its firing was.

    `removed` says why there is no rule any more; None: it judges by another `group_by` now.
    """
    before, after = (", ".join(names) or "nothing" for names in (former.shape, rule.group_by))
    text = f"the rule was changed: it groups by {after}, no longer by {before}; this alert is over, not its cause"
    if removed is not None:
        text = f"the rule is gone: {removed}; this alert is over, not its cause"
    return [
        Change(
            rule=rule.name,
            names=tuple(former.shape),
            group=state.group,
            at=now,
            boundary=now,
            before=state.status,
            after=Status.RESOLVED,
            value=None,
            text=text,
            complete=True,
            since=state.since,
            send=Kind.RESOLVED if state.announced else None,
        )
        for state in former.groups
        if state.status in ACTIVE
    ]
