"""The page's examples, run as they stand: each framework's records pass the agent unchanged."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.event import iter_fields

PAGE = Path(__file__).resolve().parents[3] / "docs/concepts/app.md"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"

FASTAPI = f"""
from fastapi.testclient import TestClient

@web.get("/broken")
async def broken():
    raise ValueError("no stock")

client = TestClient(web, raise_server_exceptions=False)
client.get("/orders/7?a=1", headers={{"traceparent": "{PARENT}"}})
client.get("/broken")
"""
FLASK = f"""
@web.get("/broken")
def broken():
    raise ValueError("no stock")

client = web.test_client()
client.get("/orders/7?a=1", headers={{"traceparent": "{PARENT}"}}).close()  # the body is not read
client.get("/broken").close()
"""
DJANGO = f"""
import io
for path in ("/orders/7", "/broken"):
    environ = {{"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "a=1", "SERVER_NAME": "a",
               "SERVER_PORT": "80", "HTTP_TRACEPARENT": "{PARENT}", "wsgi.input": io.BytesIO(),
               "wsgi.url_scheme": "http"}}
    list(application(environ, lambda *_: None))
"""
URLS = """
import logging
from django.http import HttpResponse
from django.urls import path

def order(request, number):
    logging.getLogger("shop").info("order read", extra={"order": {"number": number}})
    return HttpResponse("ok")

def broken(request):
    raise ValueError("no stock")

urlpatterns = [path("orders/<int:number>", order), path("broken", broken)]
"""
CELERY = f"""
from celery.contrib.testing.worker import start_worker

@tasks.task
def fail():
    raise ValueError("no stock")

with start_worker(tasks, perform_ping_check=False, pool="solo"):
    with app.context(**{{"trace.id": "{TRACE}"}}):
        results = [send.delay("ann@example.com"), fail.delay()]
    for result in results:
        result.get(timeout=20, propagate=False)
"""
ASYNCIO = """
import asyncio, gc, logging, threading
from shipper import app
app.configure(app.Service("checkout"), file="/var/log/checkout.json")

async def lost():
    raise ValueError("lost in a task")

async def main():
    task = asyncio.create_task(lost())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()

asyncio.run(main())
thread = threading.Thread(target=lambda: int("no number"), name="importer")
thread.start()
thread.join()
"""


def example(heading: str) -> str:
    section = PAGE.read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def run(tmp_path: Path, code: str, *, status: int = 0) -> list[dict[str, Any]]:
    log = tmp_path / "app.json"
    script = tmp_path / "example.py"
    script.write_text(code.replace("/var/log/checkout.json", str(log)), "utf-8")
    (tmp_path / "urls.py").write_text(URLS, "utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status, done.stderr
    data = log.read_bytes()
    decoder = make_decoder(CodecSettings(), fallback_time=0)
    parts = [decoder.feed(data), decoder.flush()]
    documents = [document for part in parts for document in part.each()]
    counts = {name: number for part in parts for name, number in part.counts.items() if number}
    assert counts == {}
    records = [orjson.loads(line) for line in data.splitlines()]
    assert len(documents) == len(records)
    for document, record in zip(documents, records, strict=True):
        assert {name: flat(document)[name] for name in flat(record)} == flat(record)
        assert flat(document).keys() - flat(record).keys() <= {"error.id"}  # the agent's fingerprint
    return records


def flat(document: dict[str, Any] | bytes) -> dict[str, Any]:
    """By dotted names: ecs-logging leaves `ecs.version` dotted, the agent may nest it."""
    nested = document if isinstance(document, dict) else orjson.loads(document)
    return dict(iter_fields(nested))


def requests(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["http"]["route"]: record for record in records if record["log"]["logger"] == "http.server"}


@pytest.mark.parametrize(
    ("heading", "driver", "route"),
    [
        ("FastAPI, Starlette", FASTAPI, "/orders/{number}"),
        ("Flask", FLASK, "/orders/{id}"),
        ("Django", DJANGO, "/orders/{id}"),
    ],
)  # fmt: skip
def test_a_web_frameworks_requests_are_records_with_their_trace(tmp_path, heading, driver, route):
    records = run(tmp_path, example(heading) + driver)
    found = requests(records)
    assert found[route]["http"]["response"]["status_code"] == 200
    assert found[route]["event"]["outcome"] == "success"
    assert found[route]["url"] == {"path": "/orders/7", "query": "a=1"}
    inside = next(record for record in records if record["log"]["logger"] == "shop")
    assert inside["trace"]["id"] == found[route]["trace"]["id"] == TRACE
    assert found["/broken"]["http"]["response"]["status_code"] == 500
    assert found["/broken"]["event"]["outcome"] == "failure"
    assert any(record.get("error", {}).get("message") == "no stock" for record in records)


def test_a_celery_task_is_a_record_with_its_senders_trace(tmp_path):
    records = run(tmp_path, example("Celery") + CELERY)
    ends = {r["celery"]["task"]["name"].rpartition(".")[2]: r for r in records if r["log"]["logger"] == "celery.task"}
    assert ends["send"]["event"]["outcome"] == "success"
    assert ends["send"]["event"]["duration"] > 0
    assert ends["fail"]["event"]["outcome"] == "failure"
    assert ends["fail"]["error"]["type"] == "ValueError"
    inside = next(record for record in records if record["log"]["logger"] == "mail")
    assert inside["celery"]["task"]["id"] == ends["send"]["celery"]["task"]["id"]
    assert {ends["send"]["trace"]["id"], ends["fail"]["trace"]["id"], inside["trace"]["id"]} == {TRACE}


def test_structlogs_events_are_records_whatever_their_keys(tmp_path):
    more = 'structlog.get_logger("shop").error("bad", name="n", process=3, exc_info=ValueError("x"))'
    code = f"{example('structlog')}\n{more}\n"
    placed, bad = run(tmp_path, code)
    assert (placed["message"], placed["order"], placed["labels"]) == ("order placed", {"id": "o-1"}, {"url": "/orders"})
    assert (placed["log.level"], placed["log"]["logger"]) == ("info", "shop")
    assert (bad["labels"], bad["error"]["type"]) == ({"name": "n", "process": 3}, "ValueError")


def test_a_scripts_uncaught_exception_is_its_last_record(tmp_path):
    records = run(tmp_path, example("A script"), status=1)
    assert [record["message"] for record in records] == ["begun", "12 rows skipped", "uncaught exception"]
    assert records[1]["labels"] == {"step": "import"}
    assert records[2]["error"]["type"] == "ValueError"


def test_exceptions_of_tasks_and_threads_are_records(tmp_path):
    records = run(tmp_path, ASYNCIO)
    assert {(r["log"]["logger"], r["error"]["message"]) for r in records} == {
        ("asyncio", "lost in a task"),
        ("uncaught", "invalid literal for int() with base 10: 'no number'"),
    }
