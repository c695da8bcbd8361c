"""Posts campaign events to Logstash's http input, in batches, each again until it was accepted."""

from __future__ import annotations

import base64
import random
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import orjson
import urllib3

from shipper.campaigns.event import wire
from shipper.errors import ProtocolError, UnavailableError, UsageError
from shipper.home import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shipper.campaigns.event import CampaignEvent
    from shipper.clock import Clock

ACCOUNT = "campaign_writer"
"""The account in `endpoints.json` that the local http input asks for (shipper/logstash_runner/environment.py)."""

BATCH_EVENTS = 500
BATCH_BYTES = 1 << 20
_FIRST_WAIT = 0.25
_LONGEST_WAIT = 10.0
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post to, and as whom."""

    url: str
    account: Account | None = None


def target(url: str, environment: Mapping[str, str], account: Account | None = None) -> Target:
    """A target from an address; the account of the address, else of SHIPPER_HTTP_USER and _PASSWORD, else `account`.

    Raises:
        UsageError: it is not an http(s) address.
    """
    parts = urlsplit(url if "//" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("the address of the http input is not one", where=url, hint="write it as http://host:8080")
    if parts.username is not None:
        account = Account(unquote(parts.username), unquote(parts.password or ""))
    elif environment.get("SHIPPER_HTTP_PASSWORD"):
        account = Account(environment.get("SHIPPER_HTTP_USER", "shipper"), environment["SHIPPER_HTTP_PASSWORD"])
    return Target(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), account)


class Poster:
    """One connection to an http input.

    Args:
        patience: seconds for which a batch is sent again before giving up.
    """

    def __init__(self, pool: urllib3.PoolManager, where: Target, clock: Clock, patience: float = 60.0) -> None:
        self._pool = pool
        self._where = where
        self._clock = clock
        self._patience = patience
        self._headers = {"Content-Type": "application/json"}
        if where.account is not None:
            credentials = f"{where.account.user}:{where.account.password}".encode()  # RFC 7617's UTF-8
            self._headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"

    def send(self, events: Iterable[CampaignEvent]) -> Iterator[int]:
        """Post all `events`; yields the size of each batch once it was accepted.

        Raises:
            UnavailableError: not reachable, or refused for longer than the patience, or the account is wrong.
            ProtocolError: the peer does not take campaign events.
        """
        for batch in batches(events):
            self._post(batch)
            yield len(batch)

    def _post(self, documents: Sequence[bytes]) -> None:
        status = self._until_answered(b"[" + b",".join(documents) + b"]")
        if status == 413 and len(documents) > 1:
            middle = len(documents) // 2
            self._post(documents[:middle])
            self._post(documents[middle:])
        elif status in (401, 403):
            hint = "set SHIPPER_HTTP_USER and SHIPPER_HTTP_PASSWORD"
            raise UnavailableError("the http input does not know this user", where=self._where.url, hint=hint)
        elif not 200 <= status < 300:
            raise ProtocolError(f"the http input answered {status}", where=self._where.url, hint="check the address")

    def _until_answered(self, body: bytes) -> int:
        never = threading.Event()
        deadline, wait = self._clock.monotonic() + self._patience, _FIRST_WAIT
        while True:
            status = self._answer(body)
            if status is not None and status not in _AGAIN:
                return status
            if self._clock.monotonic() + wait > deadline:
                break
            self._clock.wait(never, wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, _LONGEST_WAIT)
        raise UnavailableError(
            "the http input cannot be reached" if status is None else f"the http input keeps answering {status}",
            where=self._where.url,
            hint="start `shipper logstash run` and send the same file again: nothing is counted twice",
        )

    def _answer(self, body: bytes) -> int | None:
        """The status, None where there was no answer."""
        try:
            answer = self._pool.request("POST", self._where.url, body=body, headers=self._headers, retries=False)
        except urllib3.exceptions.HTTPError:
            return None
        return answer.status


def batches(events: Iterable[CampaignEvent]) -> Iterator[list[bytes]]:
    """Encoded events in groups of at most BATCH_EVENTS and about BATCH_BYTES."""
    batch: list[bytes] = []
    size = 0
    for event in events:
        document = orjson.dumps(wire(event))
        if batch and (len(batch) == BATCH_EVENTS or size + len(document) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document)
    if batch:
        yield batch
