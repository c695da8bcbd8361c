"""Acknowledges what fires under a rule now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.rules.change import episode_id
from shipper.rules.routing.matcher import all_match
from shipper.rules.routing.mute import Ack, MuteStore
from shipper.rules.state import ACTIVE
from shipper.rules.statestore import StateStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

    from shipper.rules.routing.matcher import Matcher
    from shipper.rules.rule import Rule


def acknowledge(
    place: tuple[Elasticsearch, str], rule: Rule, matchers: Sequence[Matcher], *, by: tuple[str, str], now: float
) -> list[dict[str, Any]]:
    """Every active group that matches: its labels, its episode, and whether the acknowledgement is new.

    Args:
        place: client and prefix of the indices.
        rule: whose episodes.
        matchers: all must hold for a group's labels.
        by: who, and what they say.
        now: epoch seconds.
    """
    client, prefix = place
    store = MuteStore(client, prefix)
    common = {**rule.labels, "rule": rule.name, "severity": rule.severity, "owner": rule.owner}
    done: list[dict[str, Any]] = []
    for group in StateStore(client, prefix).load(rule).state.groups:
        labels = dict(zip(rule.group_by, group.group, strict=False))
        if group.status in ACTIVE and all_match(matchers, {**labels, **common}):
            episode = episode_id(rule.name, rule.group_by, group.group, group.since)
            new = store.acknowledge(Ack(episode=episode, rule=rule.name, at=now, author=by[0], comment=by[1]))
            done.append({"group": labels, "episode": episode, "new": new})
    return done
