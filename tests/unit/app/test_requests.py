from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Generator

import pytest

from shipper.app import AsgiMiddleware, WsgiMiddleware, bound
from shipper.app.requests import trace_id
from shipper.ecs.route import route as route_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/users/123", "/users/{id}"),
        ("/users/123/orders/9", "/users/{id}/orders/{id}"),
        ("/files/550e8400-e29b-41d4-a716-446655440000", "/files/{id}"),
        ("/v2/items", "/v2/items"),
        ("/", "/"),
    ],
)
def test_identifiers_leave_the_route(path, route):
    assert route_of(path) == route


def test_the_trace_id_comes_from_traceparent_or_is_new():
    assert trace_id(PARENT) == TRACE
    assert len(trace_id(None)) == len(trace_id("nonsense")) == 32
    assert trace_id(f"00-{'0' * 32}-00f067aa0ba902b7-01") != "0" * 32


def call_wsgi(application, **environ):
    started = []
    base = {"REQUEST_METHOD": "GET", "PATH_INFO": "/users/7", "QUERY_STRING": "a=1", "REMOTE_ADDR": "192.0.2.1"}
    body = WsgiMiddleware(application)({**base, **environ}, lambda line, headers, *_: started.append(line))
    return started, b"".join(body)


def test_a_wsgi_request_is_one_record_with_its_route_and_duration(caplog):
    seen = []

    def application(_environ, start_response):
        seen.append(bound()["trace.id"])
        start_response("201 Created", [])
        return [b"o", b"k"]

    with caplog.at_level(logging.INFO, "http.server"):
        assert call_wsgi(application, HTTP_TRACEPARENT=PARENT) == (["201 Created"], b"ok")
    (record,) = caplog.records
    assert record.http == {"request": {"method": "GET"}, "response": {"status_code": 201}, "route": "/users/{id}"}
    assert record.url == {"path": "/users/7", "query": "a=1"}
    assert record.event["outcome"] == "success"
    assert record.event["duration"] > 0
    assert seen == [TRACE]
    assert "trace.id" not in bound()


def test_a_wsgi_application_that_raises_is_a_failure_and_raises_on(caplog):
    def application(_environ, _start_response):
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="no database"):
        call_wsgi(application)
    (record,) = caplog.records
    assert record.event["outcome"] == "failure"
    assert record.exc_info[0] is RuntimeError


def test_a_wsgi_body_is_closed_when_the_client_goes_away():
    closed = []

    class Body:
        def __iter__(self):
            yield b"first"
            yield b"second"

        def close(self):
            closed.append(True)

    def application(_environ, start_response):
        start_response("200 OK", [])
        return Body()

    body = WsgiMiddleware(application)({"PATH_INFO": "/"}, lambda *_: None)
    with contextlib.closing(body):  # type: ignore[type-var]  # a generator has close
        assert next(body) == b"first"
    assert closed == [True]


def call_asgi(application, scope):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    asyncio.run(AsgiMiddleware(application)(scope, receive, send))
    return sent


def test_an_asgi_request_is_one_record_and_takes_the_frameworks_route(caplog):
    class Route:
        path = "/users/{user}"

    async def application(scope, _receive, send):
        scope["route"] = Route()
        assert bound()["trace.id"] == TRACE
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body", "body": b""})

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/users/bob",
        "headers": [(b"traceparent", PARENT.encode()), (b"user-agent", b"curl/8")],
        "client": ("192.0.2.1", 5),
    }
    with caplog.at_level(logging.INFO, "http.server"):
        assert [message["type"] for message in call_asgi(application, scope)] == [
            "http.response.start",
            "http.response.body",
        ]
    (record,) = caplog.records
    assert record.http["route"] == "/users/{user}"
    assert record.http["response"] == {"status_code": 404}
    assert record.source == {"ip": "192.0.2.1"}
    assert record.user_agent == {"original": "curl/8"}


def test_an_asgi_lifespan_passes_untouched(caplog):
    async def application(_scope, _receive, send):
        await send({"type": "lifespan.startup.complete"})

    assert call_asgi(application, {"type": "lifespan"}) == [{"type": "lifespan.startup.complete"}]
    assert caplog.records == []


def test_a_wsgi_request_whose_client_leaves_is_recorded_all_the_same(caplog):
    def application(_environ, start_response):
        start_response("200 OK", [])
        yield b"first"
        yield b"never asked for"

    body = WsgiMiddleware(application)({"REQUEST_METHOD": "GET", "PATH_INFO": "/big"}, lambda *_: None)
    with caplog.at_level(logging.INFO, "http.server"):
        assert next(body) == b"first"
        assert isinstance(body, Generator)
        body.close()  # what a server calls by PEP 3333
    assert [record.http["response"]["status_code"] for record in caplog.records] == [200]


def test_an_asgi_request_whose_client_leaves_is_recorded_all_the_same(caplog):
    async def application(_scope, _receive, _send):
        await asyncio.sleep(60)

    async def receive():
        return {"type": "http.disconnect"}

    async def send(_message):
        raise AssertionError("nothing is answered")

    async def leave():
        scope = {"type": "http", "method": "GET", "path": "/slow", "headers": []}
        task = asyncio.create_task(AsgiMiddleware(application)(scope, receive, send))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with caplog.at_level(logging.INFO, "http.server"):
        asyncio.run(leave())
    assert [record.http["response"]["status_code"] for record in caplog.records] == [499]
