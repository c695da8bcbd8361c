# ruff: noqa: E501 - log lines are as long as they are
"""Node's text logs, and Django's."""

from typing import Any

import pytest

from tests.unit.codec.support import convert, flat

LINES: list[tuple[str, dict[str, Any]]] = [
    ("[2026-01-01 00:00:00.125 +0000] WARN (api/12 on vm): placed",
     {"@timestamp": "2026-01-01T00:00:00.125Z", "log.level": "warning", "log.logger": "api", "process.pid": 12, "host.hostname": "vm", "message": "placed"}),
    ("[00:00:00.125] INFO (12): placed", {"log.level": "info", "process.pid": 12, "message": "placed"}),
    ('info: listening {"service":"shop","timestamp":"2026-01-01T00:00:00.125Z","port":80}',
     {"@timestamp": "2026-01-01T00:00:00.125Z", "log.level": "info", "service.name": "shop", "labels.port": 80, "message": "listening"}),
    ("error: it broke", {"log.level": "error", "message": "it broke"}),
    ("[Nest] 1234  - 01/02/2026, 3:04:07 AM     LOG [NestFactory] Starting",
     {"@timestamp": "2026-01-02T03:04:07.000Z", "log.level": "info", "process.pid": 1234, "log.logger": "NestFactory", "message": "Starting"}),
    ("GET /users/12?a=1 200 12.345 ms - 5",
     {"http.route": "/users/{id}", "url.query": "a=1", "http.response.status_code": 200, "event.duration": 12_345_000, "http.response.body.bytes": 5}),
    ("GET / 304 - - 1.234 ms", {"event.duration": 1_234_000, "http.response.body.bytes": None, "event.outcome": "success"}),
    ("::1 - GET /a HTTP/1.1 500 5 - 1.2 ms",
     {"source.ip": "::1", "http.version": "1.1", "http.response.body.bytes": 5, "event.outcome": "failure"}),
    ('WARNING 2026-01-01 00:00:00,125 basehttp 1234 5678 "GET /x HTTP/1.1" 404 12',
     {"@timestamp": "2026-01-01T00:00:00.125Z", "log.level": "warning", "log.logger": "basehttp", "process.pid": 1234, "process.thread.id": 5678}),
    ('[02/Jan/2026 03:04:07] "GET /users/1 HTTP/1.1" 200 12',
     {"@timestamp": "2026-01-02T03:04:07.000Z", "http.route": "/users/{id}", "http.response.body.bytes": 12}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_a_layout_is_understood(line: str, wanted: dict[str, Any]) -> None:
    found = flat(line)
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "line",
    ["info desk is open", "GET ready for 200 guests", "error: ", "POST it to me in 5 ms", "[Nest] is a bird's home"],
)
def test_prose_stays_plain(line: str) -> None:
    assert set(flat(line)) == {"@timestamp", "message", "shipper.flags"}


def test_pino_prettys_indented_keys_become_fields_of_their_record() -> None:
    documents = convert('[00:00:00.125] INFO (12): placed\n    order: "A-1"\n[00:00:01.125] INFO (12): next\n')
    assert [document["message"] for document in documents] == ["placed", "next"]
    assert documents[0]["labels"] == {"order": "A-1"}


def test_pino_prettys_indented_text_that_is_no_key_stays_in_the_message() -> None:
    (document,) = convert("[00:00:00.125] INFO (12): placed\n    and more of it\n")
    assert document["message"] == "placed\n    and more of it"
