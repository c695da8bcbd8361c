"""The shop: `web` writes an access log, `checkout` ECS JSON, `inventory` Python text, `mailer` sends to Logstash.

A front request passes through the services that `PASSES` names; each writes exactly one record for it. When `inventory`
fails, those that call it go on without it, so that one incident is one alert.
"""

from __future__ import annotations

import logging
import logging.handlers
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shipper import app
from shipper.ecs.route import route

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.demo.services.peer import Peer
    from shipper.demo.services.server import Exchange, Incident, Request

PASSES = {
    "/": ("web",),
    "/search": ("web", "inventory"),
    "/cart": ("web", "checkout"),
    "/orders": ("web", "checkout", "inventory", "mailer"),
}
"""First path segment of a front request -> the services that log it."""

SLOW_SECONDS = 0.6


class Web:
    """The front: an nginx-like access log with the request time."""

    def __init__(self, log: Path, checkout: Peer, inventory: Peer) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._checkout = checkout
        self._inventory = inventory

    def answer(self, request: Request, incident: Incident) -> tuple[int, dict[str, object]]:
        if request.path == "/search":
            if incident.is_on("slow"):
                time.sleep(SLOW_SECONDS)
            status, stock = self._inventory.get("/stock/sku-7", request.trace)
            return 200, {"found": ["tea"], "left": stock["left"] if status == 200 else None}
        if request.path.startswith("/cart/"):
            return self._checkout.get(f"/carts/{request.path[6:]}", request.trace)
        if request.path.startswith("/orders/"):
            return self._checkout.get(f"/orders/{request.path[8:]}", request.trace)
        return 200, {"hello": "world"}

    def record(self, exchange: Exchange) -> None:
        stamp = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        line = (
            f'127.0.0.1 - - [{stamp}] "{exchange.request.method} {exchange.target} HTTP/1.1" '
            f'{exchange.status} {exchange.size} "-" "{exchange.agent}" {exchange.seconds:.3f}\n'
        )
        with self._lock, self._log.open("a", encoding="utf-8") as file:
            file.write(line)


class Checkout:
    """ECS JSON through ecs-logging."""

    def __init__(self, inventory: Peer, mailer: Peer) -> None:
        self._inventory = inventory
        self._mailer = mailer
        self._logger = logging.getLogger("checkout")

    def answer(self, request: Request, incident: Incident) -> tuple[int, dict[str, object]]:  # noqa: ARG002 - its own incident is its peer's
        if not request.path.startswith("/orders/"):
            return 200, {"items": 3}
        status, _ = self._inventory.get("/stock/sku-9", request.trace)
        self._mailer.get(f"/mail{request.path}", request.trace)
        return 200, {"order": request.path[8:], "in_stock": status == 200}

    def record(self, exchange: Exchange) -> None:
        with app.context(**{"trace.id": exchange.request.trace}):
            level = logging.ERROR if exchange.status >= 500 else logging.INFO
            self._logger.log(level, "%s answered %d", exchange.request.path, exchange.status, extra=_http(exchange))


class Inventory:
    """Plain Python logging; its error burst writes chained tracebacks."""

    def __init__(self, log: Path) -> None:
        handler = logging.handlers.RotatingFileHandler(log, maxBytes=400_000, backupCount=9, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        self._logger = logging.getLogger("inventory.stock")
        self._logger.addHandler(handler)
        self._logger.setLevel(logging.INFO)
        self._local = threading.local()

    def answer(self, request: Request, incident: Incident) -> tuple[int, dict[str, object]]:
        self._local.error = None
        try:
            return 200, {"sku": request.path.rsplit("/", 1)[-1], "left": _stock(broken=incident.is_on("errors"))}
        except LookupError as error:
            self._local.error = error
            return 500, {"error": "no stock table"}

    def record(self, exchange: Exchange) -> None:
        text = "GET %s %d %.1fms rid=%s"
        milliseconds = exchange.seconds * 1000
        values = (exchange.request.path, exchange.status, milliseconds, exchange.request.trace)
        if self._local.error is None:
            self._logger.info(text, *values)
        else:
            self._logger.error(text, *values, exc_info=self._local.error)


class Mailer:
    """Logs through the app handler, straight to Logstash."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("mailer")

    def answer(self, request: Request, incident: Incident) -> tuple[int, dict[str, object]]:  # noqa: ARG002 - it has no incident
        return 200, {"queued": True}

    def record(self, exchange: Exchange) -> None:
        with app.context(**{"trace.id": exchange.request.trace}):
            self._logger.info("mail queued", extra=_http(exchange))


def _stock(*, broken: bool) -> int:
    if not broken:
        return 12
    table: dict[str, int] = {}
    try:
        return table["stock"]
    except KeyError as error:
        raise LookupError("the stock table is empty") from error


def _http(exchange: Exchange) -> dict[str, object]:
    return {
        "http": {
            "request": {"method": exchange.request.method},
            "response": {"status_code": exchange.status},
            "route": route(exchange.request.path),
        },
        "url": {"path": exchange.request.path},
        "event": {
            "duration": int(exchange.seconds * 1e9),
            "outcome": "failure" if exchange.status >= 500 else "success",
        },
    }
