"""One `http.*` record a request, for WSGI and ASGI applications.

Both middlewares log to the logger `http.server`, carry the trace id of `traceparent` (https://www.w3.org/TR/trace-context/)
or a new one through the request's context, and never change what the application answers.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.app.context import context
from shipper.ecs.coerce import is_address
from shipper.ecs.route import route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping

    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logging.getLogger("http.server")
_CLIENT_LEFT = 499  # nginx's number for a client that closed the request before it was answered
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def trace_id(traceparent: str | None) -> str:
    """The trace id of a `traceparent` header, else a new random one (32 hexadecimal digits)."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return match.group(1) if match and match.group(1) != "0" * 32 else secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: str
    client: str
    agent: str
    route: str | None = None

    def fields(self, status: int, seconds: float) -> dict[str, Any]:
        """The record's own fields; `event.duration` in nanoseconds."""
        failed = status >= 500
        url = {"path": self.path, **({"query": self.query} if self.query else {})}
        return {
            "http": {
                "request": {"method": self.method},
                "response": {"status_code": status},
                "route": self.route or route(self.path),
            },
            "url": url,
            "event": {"duration": int(seconds * 1e9), "outcome": "failure" if failed else "success"},
            **({"source": {"ip" if is_address(self.client) else "address": self.client}} if self.client else {}),
            **({"user_agent": {"original": self.agent}} if self.agent else {}),
        }

    def log(self, status: int, begin: float, error: BaseException | None = None) -> None:
        level = logging.ERROR if status >= 500 else logging.INFO
        _log.log(
            level,
            "%s %s %d",
            self.method,
            self.path,
            status,
            extra=self.fields(status, time.perf_counter() - begin),
            exc_info=error,
        )


class WsgiMiddleware:
    """Wraps a WSGI application (PEP 3333): Flask's `app.wsgi_app`, Django's `get_wsgi_application()`."""

    def __init__(self, application: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        request = _Request(
            environ.get("REQUEST_METHOD", ""),
            environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            environ.get("REMOTE_ADDR", ""),
            environ.get("HTTP_USER_AGENT", ""),
        )
        begin = time.perf_counter()
        status = [500]

        def starting(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            status[0] = int(line[:3])
            return start_response(line, headers, *rest)

        with context(**{"trace.id": trace_id(environ.get("HTTP_TRACEPARENT"))}):
            body: Iterable[bytes] = ()
            try:
                body = self._application(environ, starting)
                yield from body
            except GeneratorExit:  # the client left before the end
                request.log(status[0], begin)
                raise
            except Exception as error:
                request.log(500, begin, error)
                raise
            else:
                request.log(status[0], begin)
            finally:
                close = getattr(body, "close", None)
                if close is not None:
                    close()


class AsgiMiddleware:
    """Wraps an ASGI application (https://asgi.readthedocs.io): FastAPI, Starlette, Django's ASGI."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._application = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
        begin = time.perf_counter()
        status = [0]

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                status[0] = int(message["status"])
            await send(message)

        with context(**{"trace.id": trace_id(headers.get(b"traceparent"))}):
            try:
                await self._application(scope, receive, sending)
            except asyncio.CancelledError:  # the client left before the end
                _asgi_request(scope, headers).log(status[0] or _CLIENT_LEFT, begin)
                raise
            except Exception as error:
                _asgi_request(scope, headers).log(500, begin, error)
                raise
            _asgi_request(scope, headers).log(status[0] or 500, begin)


def _asgi_request(scope: Scope, headers: dict[bytes, str]) -> _Request:
    """Read after the application ran: frameworks leave the matched route in the scope."""
    client = scope.get("client")
    return _Request(
        scope.get("method", ""),
        scope.get("path", ""),
        scope.get("query_string", b"").decode("latin-1"),
        client[0] if client else "",
        headers.get(b"user-agent", ""),
        getattr(scope.get("route"), "path", None),
    )
