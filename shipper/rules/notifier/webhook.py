"""webhook: one signed JSON POST.

Headers: `Idempotency-Key` (the notification's key), `X-Shipper-Timestamp` (epoch seconds) and, with a secret,
`X-Shipper-Signature: sha256=<hex of HMAC-SHA256(secret, timestamp + "." + body)>`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import urllib3

from shipper.clock import Clock, SystemClock
from shipper.config import Duration, Secret
from shipper.rules.notifier.base import Failed, Outcome, Retry, Sent
from shipper.rules.routing.policy import NotifierSettings

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

RETRIED = frozenset({408, 425, 429})
"""Answers below 500 that may change; 409 says the key was seen before: the receiver has it."""

LONGEST_REST = 3600
"""Seconds of a `Retry-After` that are obeyed at most; the notification must still come the same day."""


class WebhookSettings(NotifierSettings, frozen=True, kw_only=True, tag_field="type", tag="webhook"):
    """Where to post, and the secret both sides know."""

    url: str
    secret: Secret | None = None
    timeout: Duration = Duration(10)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("`url` must look like https://host/path")
        if parts.username is not None:
            raise ValueError("`url` holds no password; sign with `secret` instead")

    def build(self) -> Webhook:
        """The notifier."""
        return Webhook(self, SystemClock())


class Webhook:
    """Posts notifications."""

    def __init__(self, settings: WebhookSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(float(settings.timeout)), retries=False, maxsize=1, block=True
        )

    def notify(self, notification: Notification) -> Outcome:
        body = msgspec.json.encode(notification)
        headers = self._headers(body, notification.key)
        try:
            answer = self._pool.request(
                "POST", self._settings.url, body=body, headers=headers, redirect=False, preload_content=False
            )
        except urllib3.exceptions.HTTPError as error:
            return Retry(f"cannot be reached: {type(error).__name__}")
        answer.close()  # the status says all; a body may be endless
        answer.release_conn()  # closing alone keeps the pool's only place taken
        return _outcome(answer.status, answer.headers.get("Retry-After"))

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


def _outcome(status: int, retry_after: str | None) -> Outcome:
    if 200 <= status < 300 or status == 409:
        return Sent()
    if status in RETRIED or status >= 500:
        return Retry(f"answered {status}", _seconds(retry_after))
    return Failed(f"answered {status}")


def _seconds(retry_after: str | None) -> float:
    """How long the receiver wants to be left alone, within reason: it may be broken or hostile."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return 0.0
    return float(min(int(retry_after[:9]), LONGEST_REST))
