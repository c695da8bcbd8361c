"""One POST, and what its answer means."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import urllib3

from shipper.rules.notifier.base import Failed, Outcome, Retry, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.config import Duration

RETRIED = frozenset({408, 425, 429})
"""Answers below 500 that may change; 409 says the key was seen before: the receiver has it."""

LONGEST_REST = 3600
"""Seconds of a `Retry-After` that are obeyed at most; the notification must still come the same day."""


def check_url(url: str) -> None:
    """Raises ValueError where it is no http address, or holds a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("`url` must look like https://host/path")
    if parts.username is not None:
        raise ValueError("`url` holds no password; it has a key of its own")


def pool(timeout: Duration) -> urllib3.PoolManager:
    """One connection at a time; each of connecting and reading may take `timeout`."""
    return urllib3.PoolManager(timeout=urllib3.Timeout(float(timeout)), retries=False, maxsize=1, block=True)


def post(connections: urllib3.PoolManager, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Try once."""
    try:
        answer = connections.request("POST", url, body=body, headers=headers, redirect=False, preload_content=False)
    except urllib3.exceptions.HTTPError as error:
        return Retry(f"cannot be reached: {type(error).__name__}")
    answer.close()  # the status says all; a body may be endless
    answer.release_conn()  # closing alone keeps the pool's only place taken
    return outcome_of(answer.status, answer.headers.get("Retry-After"))


def outcome_of(status: int, retry_after: str | None) -> Outcome:
    """What a status means: taken, to be tried again, or refused for good."""
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
