"""W3C logs, Traefik's text, Ruby's Logger, MongoDB's JSON."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.event import get_field
from tests.support.cases import convert

HEAD = (
    "#Software: Microsoft IIS 10.0\n#Version: 1.0\n#Date: 2026-01-01 08:09:10\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) "
    "cs-host sc-status time-taken\n"
)
LINE = "2026-01-01 08:09:10 10.0.0.1 GET /users/7 a=1 443 ::1 Mozilla/5.0+(X;+%22) shop.io:8443 404 792\n"


def values(line: str, *names: str) -> list[Any]:
    (event,) = convert(line)
    return [get_field(event, name, None) for name in names]


def test_the_columns_are_those_that_the_file_names_and_its_head_is_no_record() -> None:
    wanted = {
        "@timestamp": "2026-01-01T08:09:10.000Z",
        "http.request.method": "GET",
        "http.route": "/users/{id}",
        "url.query": "a=1",
        "url.domain": "shop.io",
        "url.port": 8443,
        "source.ip": "::1",
        "destination.port": 443,
        "user_agent.original": 'Mozilla/5.0 (X; ")',
        "http.response.status_code": 404,
        "event.outcome": "failure",
        "event.duration": 792_000_000,
        "message": LINE.rstrip("\n"),
    }
    assert dict(zip(wanted, values(HEAD + LINE, *wanted), strict=True)) == wanted


def test_times_are_utc_whatever_the_zone_of_the_source() -> None:
    (event,) = convert(HEAD + LINE, timezone="Asia/Tokyo")
    assert event["@timestamp"] == "2026-01-01T08:09:10.000Z"


def test_new_columns_in_mid_file_count_from_there() -> None:
    first, second = convert(f"{HEAD}{LINE}#Fields: time cs-uri-stem sc-status x-y\n08:09:11 /b 200 z\n")
    assert first["url"]["path"] == "/users/7"
    assert (second["@timestamp"], second["url"]["path"], second["w3c"]["x-y"]) == (
        "2026-01-01T08:09:11.000Z",
        "/b",
        "z",
    )


def test_the_columns_outlive_a_restart() -> None:
    settings = CodecSettings(timezone="UTC")
    before = make_decoder(settings, fallback_time=0.0).feed((HEAD + LINE).encode())
    again = make_decoder(settings, fallback_time=0.0, resume=before.resume, end=before.end)
    after = again.feed(LINE.replace("/users/7", "/next").encode())
    assert [document["url"]["path"] for document in after.documents if isinstance(document, dict)] == ["/next"]
    assert after.offsets == [len(HEAD + LINE)]


def test_a_file_without_its_head_is_read_as_iis_writes_by_default() -> None:
    line = "2026-01-01 08:09:10 127.0.0.1 GET /a - 80 ann 1.2.3.4 Mozilla/5.0+(X) http://r/ 200 0 0 792"
    assert values(line, "user.name", "http.request.referrer", "event.duration") == ["ann", "http://r/", 792_000_000]
    short = line.replace(" http://r/", "")
    assert values(short, "user.name", "http.request.referrer", "event.duration") == ["ann", None, 792_000_000]


@pytest.mark.parametrize(
    "line", ["#Fields are nice", "# a comment", "#Version: two", "2026-01-01 08:09:10 a b c d e f g h i j k l"]
)
def test_comments_and_other_lines_are_records(line: str) -> None:
    assert len(convert(line)) == 1


def test_traefiks_text_has_router_and_duration() -> None:
    line = '10.0.0.1 - - [02/Oct/2026:20:22:07 +0000] "GET /u/1 HTTP/1.1" 304 0 "-" "M" 262 "h@docker" "http://b:1" 2ms'
    names = ("event.duration", "traefik.access.router_name", "traefik.access.server_url", "http.route", "source.ip")
    assert values(line, *names) == [2_000_000, "h@docker", "http://b:1", "/u/{id}", "10.0.0.1"]


def test_rubys_logger_gives_its_parts_and_its_backtrace() -> None:
    (event,) = convert("E, [2026-01-01T12:00:00.123456 #77] ERROR -- shop: boom (RuntimeError)\napp.rb:1:in `x'\n")
    assert (event["@timestamp"], event["process"]["pid"], event["log"]) == (
        "2026-01-01T12:00:00.123456Z",
        77,
        {"level": "error", "logger": "shop"},
    )
    assert (event["error"]["type"], event["error"]["message"]) == ("RuntimeError", "boom")


def test_mongodbs_json_gives_component_context_and_attributes() -> None:
    line = (
        '{"t":{"$date":"2026-05-20T19:17:06.188+00:00"},"s":"W","c":"CONTROL","id":22120,"ctx":"conn1","msg":"Slow",'
        '"attr":{"durationMillis":7,"remote":"1.2.3.4:5"}}'
    )
    names = ("@timestamp", "log.level", "message", "event.duration", "source.port", "mongodb.log.component")
    assert values(line, *names) == ["2026-05-20T19:17:06.188Z", "warning", "Slow", 7_000_000, 5, "CONTROL"]
    assert values(line, "mongodb.log.id", "mongodb.log.attr.remote") == [22120, "1.2.3.4:5"]


@pytest.mark.parametrize("part", ["a ", '"', "(a)", "-", "\t"])
def test_a_megabyte_in_one_line_costs_linear_time(part: str) -> None:
    for begin in ("#Fields: a", HEAD + "2026-01-01 ", "E, [2026-01-01T12:00:00.123456 #77] ERROR -- "):
        convert(begin + part * (900_000 // len(part)))
