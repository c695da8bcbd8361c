"""The files that are shipped: the same for every round and every shipper."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = ("order", "payment", "user", "cart", "timeout", "retry", "cache", "miss", "queue", "worker", "started", "slow")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "curl/7.88.1",
)
TARGETS = ("/", "/api/orders/%d", "/static/app.js", "/cart?id=%d", "/api/users/%d/profile")


def ecs_lines(events: int) -> Iterator[str]:
    """ECS JSON as ecs-logging writes it, about 327 bytes a line."""
    rng = random.Random(42)
    for number in range(events):
        document = {
            "@timestamp": f"2026-03-01T12:{number // 60000 % 60:02d}:{number // 1000 % 60:02d}.{number % 1000:03}Z",
            "log.level": rng.choice(["info", "info", "info", "warning", "error"]),
            "message": " ".join(rng.choices(WORDS, k=9)),
            "ecs": {"version": "8.11.0"},
            "log": {"logger": "shop.orders", "origin": {"function": "handle", "file": {"line": number % 400}}},
            "process": {"pid": 4711, "thread": {"name": "MainThread"}},
            "trace": {"id": f"{rng.getrandbits(64):016x}"},
        }
        yield json.dumps(document, separators=(",", ":"))


def json_lines(events: int) -> Iterator[str]:
    """JSON of a logger that knows nothing of ECS (zap's keys and a program's own), about 280 bytes a line."""
    rng = random.Random(42)
    for number in range(events):
        document = {
            "ts": f"2026-03-01T12:{number // 60000 % 60:02d}:{number // 1000 % 60:02d}.{number % 1000:03}Z",
            "level": rng.choice(["info", "info", "info", "warn", "error"]),
            "logger": "shop.orders",
            "caller": f"orders/place.go:{rng.randrange(20, 60)}",
            "msg": " ".join(rng.choices(WORDS, k=9)),
            "user": {"id": rng.randrange(1000)},
            "order_id": rng.randrange(1_000_000),
            "took_ms": round(rng.expovariate(0.1), 3),
            "trace_id": f"{rng.getrandbits(128):032x}",
        }
        yield json.dumps(document, separators=(",", ":"))


def access_lines(events: int) -> Iterator[str]:
    """nginx's combined layout, about 160 bytes a line; most addresses and targets differ."""
    rng = random.Random(42)
    for number in range(events):
        client = f"10.{rng.randrange(256)}.{rng.randrange(4)}.{rng.randrange(1, 255)}"
        target = rng.choice(TARGETS)
        target = target % rng.randrange(10_000) if "%" in target else target
        time = f"01/Mar/2026:12:{number // 60000 % 60:02d}:{number // 1000 % 60:02d} +0000"
        request = f"{rng.choice(('GET', 'GET', 'POST'))} {target} HTTP/1.1"
        code, size = rng.choice((200, 200, 301, 404, 500)), rng.randrange(100_000)
        yield f'{client} - - [{time}] "{request}" {code} {size} "-" "{rng.choice(AGENTS)}"'


KINDS = {"ecs": ecs_lines, "json": json_lines, "access": access_lines}


def write(path: Path, kind: str, events: int) -> float:
    """Write the file; the mean size of a line in bytes."""
    with path.open("w") as file:
        file.writelines(f"{line}\n" for line in KINDS[kind](events))
    return path.stat().st_size / events
