"""webhook: one signed JSON POST.

Headers: `Idempotency-Key` (the notification's key), `X-Shipper-Timestamp` (epoch seconds) and, with a secret,
`X-Shipper-Signature: sha256=<hex of HMAC-SHA256(secret, timestamp + "." + body)>`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import msgspec

from shipper.clock import Clock, SystemClock
from shipper.config import Duration, Secret
from shipper.rules.notifier.http import check_url, pool, post
from shipper.rules.routing.policy import NotifierSettings

if TYPE_CHECKING:
    from shipper.rules.notification import Notification
    from shipper.rules.notifier.base import Outcome


class WebhookSettings(NotifierSettings, frozen=True, kw_only=True, tag_field="type", tag="webhook"):
    """Where to post, and the secret both sides know."""

    url: str
    secret: Secret | None = None
    timeout: Duration = Duration(10)

    def __post_init__(self) -> None:
        check_url(self.url)

    def build(self) -> Webhook:
        """The notifier."""
        return Webhook(self, SystemClock())


class Webhook:
    """Posts notifications."""

    def __init__(self, settings: WebhookSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._pool = pool(settings.timeout)

    def notify(self, notification: Notification) -> Outcome:
        body = msgspec.json.encode(notification)
        headers = self._headers(body, notification.key)
        return post(self._pool, self._settings.url, body, headers)

    def close(self) -> None:
        self._pool.clear()

    def _headers(self, body: bytes, key: str) -> dict[str, str]:
        stamp = str(int(self._clock.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "shipper-rules",
            "Idempotency-Key": key,
            "X-Shipper-Timestamp": stamp,
        }
        if self._settings.secret is not None:
            headers["X-Shipper-Signature"] = f"sha256={signature(self._settings.secret, stamp, body)}"
        return headers


def signature(secret: Secret, stamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over `stamp.body`: a receiver computes the same and refuses old stamps."""
    return hmac.new(secret.reveal().encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
