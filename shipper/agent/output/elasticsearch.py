"""The `elasticsearch` output: `_bulk` directly, each item's outcome its own."""

from __future__ import annotations

import base64
import math
import random
import threading
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from shipper.agent.backoff import Backoff
from shipper.agent.output.account import ask_account
from shipper.agent.output.base import Limits, Settled
from shipper.agent.output.bulk_items import BulkItems
from shipper.agent.output.hosts import check_times, without_account
from shipper.agent.output.http import HttpPeer, parse_url
from shipper.agent.output.pool import HostPool
from shipper.agent.output.probe import Probe, probe_host
from shipper.agent.output.size import RequestSize
from shipper.agent.output.tls import ClientTls, TlsSettings
from shipper.bulk import BULK_PATH, NDJSON, Outcome, read_answer
from shipper.clock import iso_utc
from shipper.config import Duration, Secret, Settings, Size
from shipper.errors import UnavailableError
from shipper.event import Stream, daily_index

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from shipper.agent.output.base import Parcel
    from shipper.bulk import Answer
    from shipper.clock import Clock

from logging import getLogger

_LOG: logging.Logger = getLogger("shipper.agent.output.elasticsearch")
_PATIENCE = 4
"""Times in a row that the rest of a parcel is tried again with a host that has taken a part of it."""
_LOG_INTERVAL = 60.0
"""Seconds between two lines about records that are put off."""
_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read at most, beside four times the request's."""


class ElasticsearchSettings(Settings, frozen=True, tag_field="type", tag="elasticsearch"):
    """Elasticsearch by its `_bulk` endpoint, without Logstash.

    Attributes:
        hosts: URLs, `http://` or `https://`; connections are spread over them, others take over when one fails.
        user, password: basic authentication; or `api_key` (the encoded form).
        prefix: put before the index names.
        batch: records a request; `batch_size` bytes a request.
        compression: 0 none, 1 fast to 3 small (gzip).
        connect_timeout: time for a connection to stand.
        timeout: time for sending a request, and again for its whole answer.
        connections: requests side by side.
        backoff_max: longest time that a host that failed, or records put off, are left alone, with full jitter.
        ttl: time after which a connection is replaced, so that hosts are used evenly; 0 for never.
    """

    hosts: Annotated[list[str], Meta(min_length=1)]
    user: str | None = None
    password: Secret | None = None
    api_key: Secret | None = None
    prefix: str = ""
    batch: Annotated[int, Meta(ge=1, le=20000)] = 4000
    batch_size: Size = Size(4 * 1024 * 1024)
    compression: Annotated[int, Meta(ge=0, le=3)] = 1
    connect_timeout: Duration = Duration(10)
    timeout: Duration = Duration(90)
    connections: Annotated[int, Meta(ge=1, le=16)] = 1
    backoff_max: Duration = Duration(30)
    ttl: Duration = Duration(300)
    tls: TlsSettings | None = None

    def __post_init__(self) -> None:
        for url in self.hosts:
            _check_url(url)
        check_times(self.backoff_max, self.connect_timeout)
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")
        if self.user is not None and self.api_key is not None:
            raise ValueError("give `user` and `password`, or `api_key`, not both")
        if self.api_key is not None and not _is_token(self.api_key.reveal()):
            raise ValueError(
                "`api_key` is no API key: give the `encoded` one of Elasticsearch, one line without spaces"
            )
        if self.tls is not None and any(url.startswith("http:") for url in self.hosts):
            raise ValueError("`tls` needs hosts that begin with https://")


def _is_token(text: str) -> bool:
    """May it stand in a header? What cannot would be shown by the error of whoever tries."""
    return text.isascii() and text.isprintable() and " " not in text and text != ""


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"expected a URL such as https://host:9200, not {without_account(url)!r}")
    if parts.username is not None:
        raise ValueError("write the credentials as `user` and `password`, not into the URL")
    _ = parts.port


class ElasticsearchOutput:
    """Opens HTTP connections."""

    def __init__(self, settings: ElasticsearchSettings, clock: Clock) -> None:
        """Nothing is connected yet.

        Raises:
            ConfigError: a TLS file cannot be used.
        """
        self._settings = settings
        self._clock = clock
        first = random.randrange(len(settings.hosts))
        self.pool = HostPool(settings.hosts, clock, ceiling=settings.backoff_max, first=first)
        encrypted = any(url.startswith("https:") for url in settings.hosts)
        self._size = RequestSize(int(settings.batch_size), settings.batch)
        self._tls = ClientTls(settings.tls or TlsSettings()) if encrypted else None

    @property
    def name(self) -> str:
        return f"elasticsearch+{','.join(self._settings.hosts)}"

    @property
    def connections(self) -> int:
        return self._settings.connections

    @property
    def limits(self) -> Limits:
        return Limits(self._settings.batch, self._settings.batch_size, ttl=self._settings.ttl)

    def open(self, place: int = 0, patience: float | None = None) -> ElasticsearchSession:
        tls = self._tls
        stamp = tls.stamp() if tls else ()
        peer = self._peer(place, patience)
        peer.connect()
        return ElasticsearchSession(
            peer,
            self._settings,
            self._clock,
            size=self._size,
            renewed=lambda: tls is not None and tls.stamp() != stamp,
            tell=partial(self.pool.trouble, place),
        )

    def probe(self, place: int = 0, patience: float | None = None) -> Probe:
        return probe_host(self._settings.hosts[place], partial(self._ask, place, patience))

    def _ask(self, place: int, patience: float | None, probe: Probe) -> None:
        peer = self._peer(place, patience)
        if patience is not None:
            peer.hurry(patience)
        try:
            peer.connect()
            probe.connected(peer.connection)
            today = iso_utc(self._clock.time())
            indices = [daily_index(stream, today, self._settings.prefix) for stream in (Stream.LOGS, Stream.METRICS)]
            ask_account(peer, _authorization(self._settings), indices, probe)
        finally:
            peer.close()

    def _peer(self, place: int, patience: float | None = None) -> HttpPeer:
        settings = self._settings
        name = settings.tls.server_name if settings.tls else None
        address = parse_url(settings.hosts[place], self._tls.context if self._tls else None, name)
        return HttpPeer(
            address,
            self._clock,
            connect_timeout=min(settings.connect_timeout, patience or math.inf),
            timeout=settings.timeout,
        )


class RefusedError(UnavailableError):
    """The host refused a whole request, for now: overloaded, closed to us, or not what we take it for."""


class ElasticsearchSession:
    """One HTTP connection.

    Records that the cluster will take later are sent again here for ever, with jitter: whatever host is asked, the
    same shard answers. A request refused as a whole is the host's doing: it ends the session, at the latest after a few
    tries. Requests that are too large (413) make later ones smaller.
    """

    def __init__(
        self,
        peer: HttpPeer,
        settings: ElasticsearchSettings,
        clock: Clock,
        *,
        size: RequestSize,
        renewed: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> None:
        """Use a peer that is connected.

        Args:
            peer: ours from now on.
            settings: of the output.
            clock: waits between two attempts.
            size: what a request may hold, as far as the peer has told.
            renewed: have the TLS files changed since the connection was opened?
            tell: hears what some records are put off for, and an empty text when that is over.
        """
        self._peer = peer
        self._size = size
        self._renewed = renewed
        self._tell = tell
        self._settings = settings
        self._headers = {"Content-Type": NDJSON, **_authorization(settings)}
        if settings.compression:
            self._headers["Content-Encoding"] = "gzip"
        self._clock = clock
        self._stop = threading.Event()
        self._backoff = Backoff(ceiling=settings.backoff_max)
        self._log_at = -math.inf
        self._parcel: Parcel = []
        self._taken = 0  # bytes of the largest request of this parcel that went through
        self._refusals = 0  # in a row

    def send(self, parcel: Parcel) -> None:
        self._parcel = parcel

    def receive(self, wait: float) -> list[Settled]:  # noqa: ARG002 - a request takes the time it takes
        if not self._parcel:
            return []
        parcel, self._parcel = self._parcel, []
        settled = Settled(parcel)
        work = self._cut(self._items(parcel), sum(batch.size for batch in parcel))
        self._taken = self._refusals = 0
        while work:
            items = work.pop()
            work += self._deliver(items, settled)
        return [settled]

    def is_stale(self) -> bool:
        return self._renewed() or self._peer.is_stale()

    def _items(self, parcel: Parcel) -> BulkItems:
        prefix = self._settings.prefix
        items = BulkItems(parcel, range(sum(map(len, parcel))), [], [], [])
        for batch in filter(len, parcel):
            first, last = min(batch.timestamps), max(batch.timestamps)
            if first[:10] == last[:10]:  # then all are of that day
                items.indices += [daily_index(batch.stream, first, prefix)] * len(batch)
            else:
                days = {stamp[:10]: stamp for stamp in batch.timestamps}
                indices = {day: daily_index(batch.stream, stamp, prefix) for day, stamp in days.items()}
                items.indices += [indices[stamp[:10]] for stamp in batch.timestamps]
            items.ids += batch.ids
            items.documents += batch.documents
        return items

    def _cut(self, items: BulkItems, size: int) -> list[BulkItems]:
        """Pieces of a size that the peer takes, the last one to go first; what was read at once may be more."""
        if self._size.fits(size, len(items.ids)):
            return [items]
        pieces = [items.pick(list(range(begin, end))) for begin, end in self._size.cut(items.documents)]
        return pieces[::-1]

    def _deliver(self, items: BulkItems, settled: Settled) -> list[BulkItems]:
        """One request; what is left to do of its items."""
        answer = self._post(items)
        count = len(items.ids)
        if answer.needs_second_opinion(count):
            self._peer.close()
            answer = self._post(items)
        if answer.whole is Outcome.SPLIT:
            if count == 1:
                settled.rejects.append(items.reject(0, answer.reason or "too large", answer.status))
                self._size.taken(self._taken)  # that one record was too large, its neighbours were not
                return []
            if answer.status == 413:
                self._size.refused(sum(map(len, items.documents)))
            half = count // 2
            return [items.pick(list(range(half, count))), items.pick(list(range(half)))]
        if answer.whole is Outcome.RETRY:
            self._refuse(f"status {answer.status}: {answer.reason or 'no reason given'}")
            return [items]
        size = sum(map(len, items.documents))
        self._size.taken(size)
        self._taken, self._refusals = max(self._taken, size), 0
        return self._sort_failures(answer, items, settled)

    def _refuse(self, reason: str) -> None:
        """Give the host up; but where it has taken a part, try the rest a few times first: else that came to nothing.

        Raises:
            RefusedError: the host is given up.
        """
        self._refusals += 1
        if not self._taken or self._refusals > _PATIENCE:
            raise RefusedError(reason)
        self._pause(f"the rest of a parcel, {reason}")

    def _sort_failures(self, answer: Answer, items: BulkItems, settled: Settled) -> list[BulkItems]:
        again: list[int] = []
        alone: list[BulkItems] = []
        reason = ""
        for failure in answer.failures:
            if failure.outcome is Outcome.DUPLICATE:
                settled.duplicates += 1
            elif failure.outcome is Outcome.RETRY:
                again.append(failure.position)
                reason = f"status {failure.status}: {failure.reason}"
            elif failure.outcome is Outcome.SPLIT and len(items.ids) > 1:
                alone.append(items.pick([failure.position]))
            else:
                text = f"{failure.kind}: {failure.reason}"
                settled.rejects.append(items.reject(failure.position, text, failure.status))
        if again:
            if len(again) < len(items.ids):
                self._backoff.reset()
            self._pause(f"{len(again)} of {len(items.ids)} records, {reason}")
            return [*alone, items.pick(again)]
        self._backoff.reset()
        return alone

    def _post(self, items: BulkItems) -> Answer:
        limit = _ANSWER + 4 * sum(map(len, items.documents))  # an error may quote what it refuses
        body = items.body() if not self._settings.compression else items.packed(self._settings.compression)
        if self._stop.is_set():
            raise InterruptedError("stopped")
        reply = self._peer.exchange("POST", BULK_PATH, body, self._headers, limit=limit)
        return read_answer(reply.status, reply.body, len(items.ids))

    def _pause(self, reason: str) -> None:
        seconds = self._backoff.next()
        self._tell(f"takes {reason} later")
        now = self._clock.monotonic()
        if now >= self._log_at:
            self._log_at = now + _LOG_INTERVAL
            _LOG.warning("Elasticsearch takes it later (%s); trying again for as long as it takes", reason)
        if self._clock.wait(self._stop, seconds):
            raise InterruptedError("stopped")

    def interrupt(self) -> None:
        self._stop.set()
        self._peer.interrupt()

    def close(self) -> None:
        self._peer.close()


def _authorization(settings: ElasticsearchSettings) -> dict[str, str]:
    if settings.api_key is not None:
        return {"Authorization": f"ApiKey {settings.api_key.reveal()}"}
    if settings.user is not None and settings.password is not None:
        pair = f"{settings.user}:{settings.password.reveal()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
    return {}
