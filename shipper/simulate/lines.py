"""Log lines as services write them, from a seed: the same seed gives the same lines."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUTES = ("/", "/search", "/cart/{n}", "/orders/{n}", "/users/{n}/profile")
TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/stock.py", line 42, in reserve\n'
    "    row = table[sku]\n"
    "KeyError: 'sku-7'"
)


def lines(
    shape: str, count: int, *, seed: int = 1, start: float = 1_767_225_600.0, rate: float = 100.0
) -> Iterator[str]:
    """`count` records of `shape` (a key of `SHAPES`), `rate` a second from `start` (epoch s); one in fifty fails."""
    make = SHAPES[shape]
    source = random.Random(seed)
    for number in range(count):
        yield make(source, start + number / rate, number)


def _request(source: random.Random) -> tuple[str, str, int, float]:
    """(route, path, status, seconds)."""
    route = source.choice(ROUTES)
    path = route.replace("{n}", str(source.randrange(1000, 9999)))
    return route.replace("{n}", "{id}"), path, 500 if source.random() < 0.02 else 200, source.lognormvariate(-4.5, 0.8)


def _ecs(source: random.Random, at: float, number: int) -> str:
    route, path, status, seconds = _request(source)
    failed = status >= 500
    document = {
        "@timestamp": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "log.level": "error" if failed else "info",
        "message": f"GET {path} answered {status}",
        "ecs.version": "8.11.0",
        "service": {"name": "checkout"},
        "trace": {"id": f"{number:032x}"},
        "http": {"request": {"method": "GET"}, "response": {"status_code": status}, "route": route},
        "url": {"path": path},
        "event": {"duration": int(seconds * 1e9), "outcome": "failure" if failed else "success"},
    }
    return json.dumps(document)


def _text(source: random.Random, at: float, number: int) -> str:
    _, path, status, seconds = _request(source)
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
    level = "ERROR" if status >= 500 else "INFO"
    line = f"{stamp} {level} shop.stock GET {path} {status} {seconds * 1000:.1f}ms n={number}"
    return f"{line}\n{TRACEBACK}" if status >= 500 else line


def _access(source: random.Random, at: float, number: int) -> str:
    _, path, status, seconds = _request(source)
    stamp = datetime.fromtimestamp(at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    client = f"192.0.2.{source.randrange(1, 255)}"
    return (
        f'{client} - - [{stamp}] "GET {path}?n={number} HTTP/1.1" {status} {source.randrange(90, 9000)} '
        f'"-" "Mozilla/5.0" {seconds:.3f}'
    )


SHAPES: dict[str, Callable[[random.Random, float, int], str]] = {"access": _access, "ecs": _ecs, "text": _text}
