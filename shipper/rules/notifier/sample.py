"""A message that shows a receiver as it will look, marked as a test."""

from __future__ import annotations

import secrets

import msgspec

from shipper.clock import iso_utc
from shipper.rules.change import Kind
from shipper.rules.notification import Example, Notification


def samples(at: float) -> list[Notification]:
    """A firing and its end at `at` (epoch seconds), with an episode of their own."""
    now = iso_utc(at)
    firing = Notification(
        key=secrets.token_hex(16), episode=secrets.token_hex(16), kind=Kind.FIRING, rule="test-notifier",
        summary="This is a test of the notifier: nothing is wrong", severity="info", owner="whoever ran the test",
        runbook="docs/concepts/rules.md", labels={"test": "true"}, group={"service.name": "test"}, at=now, since=now,
        value=1.0, text="TEST, please ignore", facts={}, complete=True, correction=False, stale=False,
        reason="sent by `shipper rules test-notifier`", index="shipper-logs-*", query="", window_seconds=60,
        examples=[Example(now, "TEST, please ignore")],
    )  # fmt: skip
    ended = msgspec.structs.replace(firing, key=secrets.token_hex(16), kind=Kind.RESOLVED)
    return [firing, ended]
