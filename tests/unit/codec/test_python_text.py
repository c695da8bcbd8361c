# ruff: noqa: E501 - log lines are as long as they are
"""Python's text logs in the layouts that frameworks ship."""

from typing import Any

import pytest

from tests.unit.codec.support import convert, flat

T = "2026-01-01T00:00:00.125Z"
LINES: list[tuple[str, dict[str, Any]]] = [
    ("2026-01-01 00:00:00,125 INFO shop.checkout user logged in", {"log.logger": "shop.checkout", "message": "user logged in"}),
    ("2026-01-01 00:00:00,125 - shop - INFO - user logged in", {"log.logger": "shop", "message": "user logged in"}),
    ("2026-01-01 00:00:00,125 - INFO - user logged in", {"message": "user logged in"}),
    ("2026-01-01 00:00:00,125 INFO user logged in", {"message": "user logged in"}),
    ("2026-01-01 00:00:00,125 [INFO] shop.cart: user logged in", {"log.logger": "shop.cart", "message": "user logged in"}),
    ("2026-01-01 00:00:00,125 INFO [shop.cart] user logged in", {"log.logger": "shop.cart", "message": "user logged in"}),
    ("2026-01-01 00:00:00,125 INFO:shop:user logged in", {"log.logger": "shop", "message": "user logged in"}),
    ("2026-01-01 00:00:00,125 | INFO     | shop.cart | user logged in", {"log.logger": "shop.cart", "message": "user logged in"}),
    ("2026-01-01 00:00:00.125 | INFO     | shop.cart:add:42 - user logged in",
     {"log.logger": "shop.cart", "log.origin.function": "add", "log.origin.file.line": 42, "message": "user logged in"}),
    ("2026-01-01 00:00:00.125 4711 INFO nova.api [req-1 bob] user logged in",
     {"process.pid": 4711, "log.logger": "nova.api", "labels.request": "req-1 bob", "message": "user logged in"}),
    ("2026-01-01 00:00:00,125 - shop - INFO - add:42 - user logged in",
     {"log.logger": "shop", "log.origin.function": "add", "log.origin.file.line": 42, "message": "user logged in"}),
    ("[2026-01-01 00:00:00.125 +0000] [123] [INFO] user logged in", {"process.pid": 123, "message": "user logged in"}),
    ("[2026-01-01 00:00:00,125: INFO/MainProcess] user logged in", {"process.name": "MainProcess", "message": "user logged in"}),
    ("[2026-01-01 00:00:00,125] INFO in app: user logged in", {"log.logger": "app", "message": "user logged in"}),
    ("[2026-01-01T00:00:00.125+0000] {task.py:1157} INFO - user logged in",
     {"log.origin.file.name": "task.py", "log.origin.file.line": 1157, "message": "user logged in"}),
    ("[I 2026-01-01 00:00:00.125 ServerApp] user logged in", {"log.logger": "ServerApp", "message": "user logged in"}),
    ("2026-01-01T00:00:00.125Z [info     ] user logged in   [shop.cart] n=5 who='a b'",
     {"log.logger": "shop.cart", "message": "user logged in", "labels.n": 5, "labels.who": "a b"}),
    ("\x1b[2m2026-01-01T00:00:00.125Z\x1b[0m [\x1b[32minfo     \x1b[0m] \x1b[1muser logged in\x1b[0m \x1b[36mn\x1b[0m=\x1b[35m5\x1b[0m",
     {"message": "user logged in", "labels.n": 5}),
    ("2026-01-01 00:00:00,125 INFO [MainThread] shop.cart (cart.py:42) - user logged in",
     {"process.thread.name": "MainThread", "log.logger": "shop.cart", "log.origin.file.name": "cart.py",
      "log.origin.file.line": 42, "message": "user logged in"}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_a_layout_is_understood(line: str, wanted: dict[str, Any]) -> None:
    found = flat(line)
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["@timestamp"] == T
    assert found["log.level"] == "info"
    assert set(found) == {*wanted, "@timestamp", "log.level"}


def test_lines_of_basic_config_and_uvicorn_have_a_level_and_no_time() -> None:
    basic, uvicorn = convert('WARNING:shop:low stock\nINFO:     10.0.0.1:4711 - "GET /users/7 HTTP/1.1" 200 OK\n')
    assert (basic["log"], basic["message"]) == ({"level": "warning", "logger": "shop"}, "low stock")
    assert uvicorn["http"]["route"] == "/users/{id}"
    assert uvicorn["source"]["ip"] == "10.0.0.1"
    assert uvicorn["shipper"]["flags"] == ["assumed_time"]


CHAINED = """\
2026-01-01 00:00:00,125 ERROR shop.cart lookup failed
Traceback (most recent call last):
  File "/srv/a.py", line 3, in f
    raise KeyError(1)
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/a.py", line 5, in g
    raise ValueError("bad")
ValueError: bad
"""


def test_a_chained_traceback_is_one_record_that_tells_the_last_error() -> None:
    found = flat(CHAINED)
    assert found["message"] == "lookup failed"
    assert (found["error.type"], found["error.message"]) == ("ValueError", "bad")
    assert found["error.stack_trace"] == CHAINED.partition("\n")[2].rstrip("\n")


GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/a.py", line 3, in f
  |     raise ExceptionGroup("several", errors)
  | ExceptionGroup: several (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +---------------- 2 ----------------
    | KeyError: 'b'
    +------------------------------------
"""


def test_an_exception_group_is_one_record_of_the_group() -> None:
    found = flat(f"2026-01-01 00:00:00,125 ERROR shop.cart lookup failed\n{GROUP}")
    assert (found["error.type"], found["error.message"]) == ("ExceptionGroup", "several (2 sub-exceptions)")
    assert len(convert(f"{GROUP}next\n")) == 2


def test_a_bare_traceback_ends_with_its_exception_line() -> None:
    first, second = convert(CHAINED.partition("\n")[2] + "hello world, not multiline\n")
    assert first["message"].endswith("ValueError: bad")
    assert first["error"]["type"] == "ValueError"
    assert second["message"] == "hello world, not multiline"


def test_t30_a_traceback_is_not_split_from_its_record_by_blank_lines() -> None:
    text = '2026-01-01 00:00:00,125 ERROR shop.a boom\nTraceback (most recent call last):\n\n  File "/a.py", line 1, in f\n\nKeyError: 1\n2026-01-01 00:00:01,125 INFO shop.a next\n'
    assert [document["message"] for document in convert(text)] == ["boom", "next"]


def test_the_same_error_has_the_same_id_whatever_its_lines_paths_and_values() -> None:
    other = (
        CHAINED.replace("line 3", "line 33")
        .replace("KeyError: 1", "KeyError: 2")
        .replace('"/srv/', '"/opt/v2/')
        .replace("ValueError: bad", "ValueError: worse")
    )
    different = CHAINED.replace("in g", "in h")
    assert flat(CHAINED)["error.id"] == flat(other)["error.id"] != flat(different)["error.id"]


def test_json_in_a_message_stays_in_its_record_and_a_json_log_line_does_not() -> None:
    text = '2026-01-01 00:00:00,125 INFO shop.a payload:\n{"a": 1}\n{"level": "info", "msg": "other"}\n2026-01-01 00:00:01,125 INFO shop.a next\n'
    assert [document["message"] for document in convert(text)] == ['payload:\n{"a": 1}', "other", "next"]
