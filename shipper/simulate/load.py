"""HTTP load with known truth: which request ran when, and what came back."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Sent:
    """One front request that was answered.

    Attributes:
        trace: its id, 32 hexadecimal digits, handed on to every service.
        route: first segment of its path, as in `/search`.
        status: HTTP status of the answer.
        seconds: time to the whole answer.
        at: seconds since the epoch when it was sent.
    """

    trace: str
    route: str
    status: int
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class Mix:
    """Routes and how often each is asked for; `{n}` in a path becomes a number."""

    paths: Sequence[str] = ("/", "/search?q=tea", "/cart/{n}", "/orders/{n}")
    weights: Sequence[int] = (2, 5, 4, 6)


@dataclass
class Load:
    """Workers that send requests at a steady rate until stopped.

    Attributes:
        port: the front service on loopback.
        rate: requests a second, over all workers.
        sent: what was answered, in no order; the truth.
        failed: requests without an answer (they may or may not have been logged).
    """

    port: int
    rate: float
    seed: int = 7
    workers: int = 8
    mix: Mix = field(default_factory=Mix)
    sent: list[Sent] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._count = 0
        self._random = random.Random(self.seed)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.workers)]

    def start(self) -> None:
        """Begin to send."""
        self._begin = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop sending and wait for the open answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _next(self) -> tuple[float, str, str]:
        """(when to send, trace id, path) of the next request."""
        with self._lock:
            number = self._count
            self._count += 1
            path = self._random.choices(self.mix.paths, self.mix.weights)[0]
            user = self._random.randrange(1000, 9999)
        trace = f"{self.seed:08x}{number:024x}"
        path = path.replace("{n}", str(user))
        separator = "&" if "?" in path else "?"
        return self._begin + number / self.rate, trace, f"{path}{separator}rid={trace}"

    def _work(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            while True:
                due, trace, path = self._next()
                if self._stop.wait(max(0.0, due - time.monotonic())):
                    return
                self._send(connection, trace, path)
        finally:
            connection.close()

    def _send(self, connection: http.client.HTTPConnection, trace: str, path: str) -> None:
        route = "/" + path[1:].split("?", maxsplit=1)[0].split("/", maxsplit=1)[0]
        at, begin = time.time(), time.perf_counter()
        try:
            connection.request("GET", path, headers={"X-Trace-Id": trace, "User-Agent": "shipper-load/1.0"})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self.failed.append(trace)
            return
        self.sent.append(Sent(trace, route, response.status, time.perf_counter() - begin, at))


def start_incident(port: int, path: str, kind: str, seconds: float) -> None:
    """Tell a service to be in trouble for `seconds`.

    Raises:
        UnavailableError: it does not answer.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, json.dumps({"kind": kind, "seconds": seconds}))
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(f"the service did not take the incident: {error}", where=f"port {port}") from error
    finally:
        connection.close()
