# ruff: noqa: E501 - log lines are as long as they are
"""nginx and Apache access logs."""

import pytest

from shipper.ecs.route import route
from tests.unit.codec.support import flat

COMMON = '10.0.0.7 - frank [02/Jan/2026:03:04:26 +0100] "GET /users/12?a=1#f HTTP/1.1" 404 7'


def test_the_common_layout() -> None:
    assert flat(COMMON) == {
        "@timestamp": "2026-01-02T02:04:26.000Z", "message": COMMON, "source.address": "10.0.0.7", "source.ip": "10.0.0.7",
        "user.name": "frank", "http.request.method": "GET", "http.version": "1.1", "url.original": "/users/12?a=1#f",
        "url.path": "/users/12", "url.query": "a=1", "url.fragment": "f", "http.route": "/users/{id}",
        "http.response.status_code": 404, "http.response.body.bytes": 7, "event.outcome": "failure",
    }  # fmt: skip


def test_the_combined_layout_and_what_is_a_dash_is_absent() -> None:
    found = flat('db1.example - - [02/Jan/2026:03:04:26 +0000] "GET / HTTP/2.0" 200 - "https://a/b" "-"')
    assert found["http.request.referrer"] == "https://a/b"
    assert found["source.domain"] == "db1.example"
    assert not {"user.name", "user_agent.original", "http.response.body.bytes", "source.ip"} & set(found)


@pytest.mark.parametrize(
    ("tail", "nanoseconds"),
    [(" 0.123", 123_000_000), (' "0.123"', 123_000_000), (" rt=0.250 uct=0.001", 250_000_000), (" 1234", 1_234_000),
     (" request_time=1.5000", 1_500_000_000), (' "-" 0.002 .', 2_000_000), (" 0.120 0.118", 120_000_000)],
)  # fmt: skip
def test_a_trailing_request_time_is_the_duration(tail: str, nanoseconds: int) -> None:
    line = f'10.0.0.7 - - [02/Jan/2026:03:04:26 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8.1"{tail}'
    assert flat(line)["event.duration"] == nanoseconds


def test_a_virtual_host_before_the_client_is_the_domain() -> None:
    found = flat(f"shop.example:443 {COMMON}")
    assert (found["url.domain"], found["url.port"], found["source.ip"]) == ("shop.example", 443, "10.0.0.7")


@pytest.mark.parametrize(
    ("request_line", "wanted"),
    [
        ("-", {}),
        (r"\x16\x03\x01", {"url.original": "\x16\x03\x01"}),
        (
            "GET http://h.example:8080/p?q=1 HTTP/1.0",
            {"url.domain": "h.example", "url.port": 8080, "url.scheme": "http", "url.path": "/p"},
        ),
        (
            "CONNECT localhost:8080 HTTP/1.1",
            {"url.domain": "localhost", "url.port": 8080, "http.request.method": "CONNECT"},
        ),
        ("OPTIONS * HTTP/1.1", {"url.original": "*"}),
        (r"GET /a\x22b HTTP/1.1", {"url.path": '/a"b'}),
        ("get /lower HTTP/1.1", {"http.request.method": "get"}),
    ],
)
def test_odd_requests_are_kept(request_line: str, wanted: dict[str, object]) -> None:
    found = flat(f'10.0.0.7 - - [02/Jan/2026:03:04:26 +0000] "{request_line}" 400 5')
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["http.response.status_code"] == 400


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/users/123", "/users/{id}"),
        ("/users/123/orders/7f9c24e8-3b0a-4c1e-9d3f-0a1b2c3d4e5f", "/users/{id}/orders/{id}"),
        ("/v1/orders", "/v1/orders"),
        ("/v2.1/orders/A-17", "/v2.1/orders/{id}"),
        ("/static/app.3f2a9c1b.js", "/static/app.3f2a9c1b.js"),
        ("/blog/how-to-cook-rice", "/blog/how-to-cook-rice"),
        ("/o/ord_9fK2mQ71", "/o/{id}"),
        ("/files/5f2b8c9d1e", "/files/{id}"),
        ("/u/bob@example.com", "/u/{id}"),
        ("/2026-01-31/report", "/{id}/report"),
        ("/", "/"),
        ("/oauth2/token", "/oauth2/token"),
        ("/cart;jsessionid=1", "/cart"),
    ],
)
def test_a_route_has_few_values(path: str, wanted: str) -> None:
    assert route(path) == wanted
