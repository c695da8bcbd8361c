from __future__ import annotations

import json
import logging
import sys
import threading

import pytest

from shipper import app
from shipper.errors import UsageError


@pytest.fixture
def restored_logging():
    root, hook = logging.getLogger(), sys.excepthook
    level = root.level
    yield
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, app.EcsFormatter)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    sys.excepthook = hook
    app.clear()


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.usefixtures("restored_logging")
def test_a_record_becomes_one_ecs_line_with_its_service_and_context(tmp_path):
    app.configure(app.Service("checkout", version="1.4.2", environment="test"), file=tmp_path / "app.json")
    with app.context(**{"trace.id": "abc", "user.id": "u-1"}):
        logging.getLogger("shop").info("order %s placed", "o-1", extra={"order": {"id": "o-1"}})
    logging.getLogger("shop").info("outside")
    inside, outside = read(tmp_path / "app.json")
    assert inside["message"] == "order o-1 placed"
    assert inside["log.level"] == "info" or inside["log"]["level"] == "info"
    assert inside["service"] == {"name": "checkout", "version": "1.4.2", "environment": "test"}
    assert inside["event"] == {"dataset": "checkout"}
    assert (inside["trace"], inside["user"]) == ({"id": "abc"}, {"id": "u-1"})
    assert "original" not in inside["log"]
    assert "trace" not in outside


@pytest.mark.usefixtures("restored_logging")
def test_context_does_not_leak_between_threads(tmp_path):
    app.configure(app.Service("checkout"), file=tmp_path / "app.json")
    app.bind(**{"trace.id": "main"})
    thread = threading.Thread(target=lambda: logging.getLogger("other").info("from a thread"))
    thread.start()
    thread.join()
    assert "trace" not in read(tmp_path / "app.json")[0]


@pytest.mark.usefixtures("restored_logging")
def test_an_uncaught_exception_is_a_record(tmp_path):
    app.configure(app.Service("checkout"), file=tmp_path / "app.json")
    try:
        raise ValueError("no stock")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (record,) = read(tmp_path / "app.json")
    assert record["error"]["type"] == "ValueError"
    assert record["error"]["message"] == "no stock"
    assert "test_app.py" in record["error"]["stack_trace"]


@pytest.mark.usefixtures("restored_logging")
def test_the_file_is_reopened_after_a_rename(tmp_path):
    app.configure(app.Service("checkout"), file=tmp_path / "app.json")
    logging.getLogger().info("before")
    (tmp_path / "app.json").rename(tmp_path / "app.json.1")
    logging.getLogger().info("after")
    assert [record["message"] for record in read(tmp_path / "app.json")] == ["after"]


@pytest.mark.usefixtures("restored_logging")
def test_a_second_call_replaces_the_first(tmp_path):
    app.configure(app.Service("checkout"), file=tmp_path / "one.json")
    app.configure(app.Service("checkout"), file=tmp_path / "two.json")
    logging.getLogger().info("once")
    assert read(tmp_path / "one.json") == []
    assert len(read(tmp_path / "two.json")) == 1


def test_no_place_to_log_to_is_an_error():
    with pytest.raises(UsageError, match="no place to log to"):
        app.configure(app.Service("checkout"))


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be opened"):
        app.configure(app.Service("checkout"), file=tmp_path / "missing" / "app.json")


def test_each_record_sent_has_an_event_id_of_its_own():
    formatter = app.EcsFormatter(app.Service("checkout"), event_id=True)
    record = logging.LogRecord("shop", logging.INFO, __file__, 1, "hello", None, None)
    other = logging.LogRecord("shop", logging.INFO, __file__, 1, "hello", None, None)
    first, again, second = (formatter.format_to_ecs(each)["event"]["id"] for each in (record, record, other))
    assert first == again
    assert first != second
