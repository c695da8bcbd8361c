"""`_bulk` over HTTP to one of several Elasticsearch nodes."""

from __future__ import annotations

import base64
import ssl
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import urllib3

from shipper.bulk import BULK_PATH
from shipper.clock import SystemClock
from shipper.config import Secret, Settings
from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shipper.clock import Clock

    Locate = Callable[[str], Sequence[str]]
    """A node's address -> the addresses where its cluster is found now."""

_REST = 5.0
"""Seconds before a node that failed is asked again: Logstash's `resurrect_delay`."""


class NodeSettings(Settings, frozen=True):
    """Where Elasticsearch is and who we are. `timeout` in seconds."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    user: str | None = None
    password: Secret | None = None
    api_key: Secret | None = None
    tls: bool | None = None
    authorities: tuple[str, ...] = ()
    verification: str = "full"
    certificate: str | None = None
    key: str | None = None
    path: str = ""
    timeout: float = 60.0


def unmoved(url: str) -> Sequence[str]:
    """The `Locate` of clusters that stay where they are."""
    return (url,)


class NodePool:
    """A `Transport` that shares the requests among the nodes; one that failed rests, or is looked for elsewhere."""

    def __init__(self, settings: NodeSettings, locate: Locate = unmoved, clock: Clock | None = None) -> None:
        """Prepare, without connecting. `locate` is asked when a connection fails.

        Raises:
            ConfigError: a host is no address, or a certificate cannot be read.
        """
        self._urls = [_url(host, tls=settings.tls) + settings.path.rstrip("/") for host in settings.hosts]
        self._locate = locate
        self._clock = clock or SystemClock()
        self._headers = {"Accept": "application/json", **_authorization(settings)}
        self._turn = 0
        self._resting: dict[str, float] = {}
        self._lock = threading.Lock()
        self._pool = _pool(settings, secure=any(url.startswith("https:") for url in self._urls))

    @property
    def urls(self) -> Sequence[str]:
        """The nodes, without credentials."""
        return self._urls

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """One `_bulk` request to the node whose turn it is; where that cannot be had, to the next that can."""
        while True:
            url = self._choose()
            try:
                answer = self._pool.request("POST", url + BULK_PATH, body=body, headers={**self._headers, **headers})
            except urllib3.exceptions.HTTPError as error:
                self._rest(url)
                # a slow answer has cost its time already: whoever sends decides anew
                if isinstance(error, urllib3.exceptions.ReadTimeoutError) or not self._awake():
                    raise ConnectionError(f"{url}: {_reason(error)}") from error
            else:
                return answer.status, answer.data

    def _choose(self) -> str:
        """The next node that does not rest; where all do, the one that has rested longest."""
        with self._lock:
            awake = self._awake()
            order = self._urls[self._turn :] + self._urls[: self._turn]
            chosen = next((url for url in order if url in awake), None)
            chosen = chosen or min(order, key=lambda url: self._resting[url])
            self._turn = (self._urls.index(chosen) + 1) % len(self._urls)
            return chosen

    def _awake(self) -> list[str]:
        now = self._clock.monotonic()
        return [url for url in self._urls if self._resting.get(url, now) <= now]

    def _rest(self, failed: str) -> None:
        with self._lock:
            self._resting[failed] = self._clock.monotonic() + _REST
            self._urls = list(dict.fromkeys(url for known in self._urls for url in self._locate(known)))
            self._resting = {url: until for url, until in self._resting.items() if url in self._urls}
            self._turn %= len(self._urls)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.clear()


def _pool(settings: NodeSettings, *, secure: bool) -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=5.0, read=settings.timeout)
    if not secure:
        return urllib3.PoolManager(maxsize=16, retries=False, timeout=timeout)
    return urllib3.PoolManager(
        maxsize=16,
        retries=False,
        timeout=timeout,
        ssl_context=_context(settings),
        assert_hostname=None if settings.verification == "full" else False,
    )


def _url(host: str, *, tls: bool | None) -> str:
    text = host if "//" in host else f"{'https' if tls else 'http'}://{host}"
    try:
        parts = urlsplit(text)
        port = parts.port or 9200
    except ValueError as error:
        raise ConfigError(f"not the address of an Elasticsearch node: {error}", where=host) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or (tls is False and parts.scheme == "https"):
        raise ConfigError("not the address of an Elasticsearch node", where=host, hint="write https://name:9200")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{'https' if tls else parts.scheme}://{name}:{port}{parts.path.rstrip('/')}"


def _authorization(settings: NodeSettings) -> dict[str, str]:
    if settings.api_key is not None:
        key = settings.api_key.reveal()
        if ":" in key:  # id:key, as Logstash takes it; else it is encoded already
            key = base64.b64encode(key.encode()).decode()
        return {"Authorization": f"ApiKey {key}"}
    if settings.user:
        password = settings.password.reveal() if settings.password else ""
        return urllib3.make_headers(basic_auth=f"{settings.user}:{password}")
    return {}


def _context(settings: NodeSettings) -> ssl.SSLContext:
    # those that are named, and no others, as Logstash has it; without names the system's
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if settings.authorities else ssl.create_default_context()
    try:
        for authority in settings.authorities:
            context.load_verify_locations(authority)
        if settings.certificate:
            context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        where = ", ".join((*settings.authorities, settings.certificate or ""))
        raise ConfigError(
            f"a certificate cannot be used: {error.strerror or error}",
            where=where,
            hint="https needs the file of its authority; for a public one name the system's bundle of certificates",
        ) from error
    if settings.verification != "full":
        context.check_hostname = False
    if settings.verification == "none":
        context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    """The cause alone, without the address of the connection object."""
    text = str(error.args[-1] if error.args else error)
    return text.split(": ", 1)[-1]
