"""Statistics of a real Elasticsearch, and of a real HTTP server that answers as Logstash does, in the index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import ManualClock
from shipper.config import Secret
from shipper.elastic.client import connect, for_role
from shipper.errors import ProtocolError, UnavailableError
from shipper.home import Home
from shipper.stack.monitor import elasticsearch as of_elasticsearch
from shipper.stack.monitor import logstash as of_logstash
from shipper.stack.monitor.run import Monitor, Source
from shipper.stack.monitor.settings import LogstashSettings

if TYPE_CHECKING:
    from shipper.stack.monitor.sample import Sample

pytestmark = pytest.mark.elasticsearch

STATS = (Path(__file__).resolve().parents[2] / "data/monitor/logstash_node_stats.json").read_bytes()
AT = 983_448_000.0  # 2001-03-01T12:00:00Z
DAY = "shipper-metrics-2001.03.01"


class Logstash(ThreadingHTTPServer):
    """Answers `/_node/stats` with `body` and `status`; remembers who asked."""

    def __init__(self, body=STATS, status=200):
        self.body, self.status = body, status
        self.asked: list[tuple[str, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805 - `self` is the server's
                self.asked.append((handler.path, handler.headers.get("Authorization")))
                handler.send_response(self.status)
                handler.send_header("Content-Length", str(len(self.body)))
                handler.end_headers()
                handler.wfile.write(self.body)

            def log_message(handler, *_):  # noqa: N805 - as above
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def own_source(client, pattern):
    return Source("own", lambda: of_elasticsearch.samples(client, "own", (pattern,), 1000))


def found(client, prefix, dataset):
    client.indices.refresh(index=prefix + DAY)
    hits = client.search(index=prefix + DAY, query={"term": {"event.dataset": dataset}}, size=100)["hits"]["hits"]
    return [hit["_source"] for hit in hits]


def test_node_index_and_shard_numbers_are_those_of_the_cluster(elasticsearch, ready):
    index = f"{ready}shipper-logs-2001.01.01"
    for number in range(7):
        elasticsearch.create(index=index, id=str(number), document={"@timestamp": "2001-01-01T00:00:00Z"}, refresh=True)
    monitor = Monitor(elasticsearch, [own_source(elasticsearch, index)], 30, ready)
    monitor.once(ManualClock(AT))
    assert (monitor.tally.refused, monitor.tally.failures) == (0, {})
    (one,) = found(elasticsearch, ready, "elasticsearch.index")
    told = one["elasticsearch"]["index"]
    assert (told["name"], told["documents"], told["indexing"]["total"]) == (index, 7, 7)
    (node,) = found(elasticsearch, ready, "elasticsearch.node")
    assert 0 < node["elasticsearch"]["node"]["heap"]["used"]["pct"] < 1
    assert node["elasticsearch"]["node"]["pool"]["write"]["rejected"] == 0
    (shard,) = found(elasticsearch, ready, "elasticsearch.shard")
    assert (shard["elasticsearch"]["shard"]["primary"], shard["elasticsearch"]["shard"]["state"]) == (True, "STARTED")
    (cluster,) = found(elasticsearch, ready, "elasticsearch.cluster")
    assert (cluster["elasticsearch"]["cluster"]["nodes"], cluster["elasticsearch"]["cluster"]["left_out"]) == (1, 0)
    assert cluster["@timestamp"] == "2001-03-01T12:00:00.000Z"


def test_a_second_monitor_in_the_same_round_adds_nothing_and_the_next_round_does(elasticsearch, ready):
    first, second = (Monitor(elasticsearch, [own_source(elasticsearch, ready + "none*")], 30, ready) for _ in range(2))
    first.once(ManualClock(AT + 1))
    second.once(ManualClock(AT + 29))
    assert first.tally.written > 0
    assert (second.tally.written, second.tally.known) == (0, first.tally.written)
    second.once(ManualClock(AT + 31))
    assert second.tally.written == first.tally.written


def test_more_than_asked_for_is_left_out_and_said(elasticsearch, ready):
    for name in ("a", "b", "c"):
        elasticsearch.indices.create(index=f"{ready}{name}", settings={"number_of_replicas": 0})
    told = of_elasticsearch.samples(elasticsearch, "own", (f"{ready}*",), 2)
    assert [sample.dataset for sample in told] == ["elasticsearch.cluster", "elasticsearch.node", "elasticsearch.index"]
    assert told[0].fields["elasticsearch.cluster.left_out"] == 5


def test_logstash_and_its_pipelines_are_told(elasticsearch, ready):
    with Logstash() as server:
        settings = LogstashSettings(url=server.url, user="me", password=Secret("pw"))
        ask = Source("ls", lambda: of_logstash.samples(of_logstash.fetch(settings), settings.url, 100))
        monitor = Monitor(elasticsearch, [ask], 30, ready)
        monitor.once(ManualClock(AT))
    assert server.asked == [("/_node/stats", "Basic bWU6cHc=")]
    assert (monitor.tally.written, monitor.tally.refused) == (4, 0)
    (node,) = found(elasticsearch, ready, "logstash.node")
    assert node["logstash"]["node"]["heap"]["used"]["pct"] == 0.25
    assert node["logstash"]["node"]["events"]["in"] == 20000
    pipelines = {one["logstash"]["pipeline"]["name"]: one["logstash"]["pipeline"] for one in found(
        elasticsearch, ready, "logstash.pipeline")}  # fmt: skip
    assert pipelines.keys() == {"logs", "intake", ".monitoring-logstash"}
    assert pipelines["logs"]["queue"] == {
        "type": "persisted", "events": 1500, "bytes": 268435456, "used": {"pct": 0.25}}  # fmt: skip
    assert pipelines["logs"]["dead_letters"] == {"bytes": 4096, "dropped": 3}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"no", 401, UnavailableError),
        (b"<html>", 200, ProtocolError),
        (b"[]", 200, ProtocolError),
        (b'{"tagline": "You Know, for Search"}', 200, ProtocolError),
        (b'{"id": 1, "pipelines": 5}', 200, ProtocolError),
        (b" " * (of_logstash.LARGEST_ANSWER + 1), 200, ProtocolError),
    ],
)
def test_what_is_no_logstash_is_an_error_for_people(body, status, error):
    with Logstash(body, status) as server:
        settings = LogstashSettings(url=server.url)
        with pytest.raises(error):
            of_logstash.samples(of_logstash.fetch(settings), settings.url, 100)


def _cluster_of(answer: dict[str, Any]) -> list[Sample]:
    return [answer["cluster_uuid"]]


def test_a_source_that_is_down_is_counted_and_costs_the_others_nothing(elasticsearch, ready):
    down = LogstashSettings(url="http://127.0.0.1:1")
    sources = [Source("down", lambda: of_logstash.samples(of_logstash.fetch(down), down.url, 1))]
    sources.append(Source("junk", lambda: _cluster_of({})))  # a proxy that answers by itself, as Elasticsearch
    monitor = Monitor(elasticsearch, [*sources, own_source(elasticsearch, ready + "none*")], 30, ready)
    monitor.once(ManualClock(AT))
    assert monitor.tally.failures == {"down": 1, "junk": 1}
    assert monitor.tally.written == 2


def test_rounds_begin_at_the_same_second_whenever_the_monitor_started(elasticsearch, ready):
    clock, stop = ManualClock(AT + 7), threading.Event()
    asked = []

    def ask():
        asked.append(clock.time())
        if len(asked) == 3:
            stop.set()
        return []

    Monitor(elasticsearch, [Source("counter", ask)], 30, ready).run(clock, stop)
    assert asked == [AT + 7, AT + 30, AT + 60]


def test_its_own_account_is_enough_and_the_command_takes_one_round(endpoints, elasticsearch, tmp_path):
    Home(tmp_path / "home").publish(endpoints)
    with Logstash() as server:
        command = [sys.executable, "-m", "shipper", "stack", "monitor", "--once", "--json", "--logstash", server.url]
        environment = {**os.environ, "SHIPPER_HOME": str(tmp_path / "home")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    tally = json.loads(done.stdout)
    assert tally["written"] >= 6
    assert (tally["refused"], tally["failures"]) == (0, {})
    with connect(for_role(endpoints, "stack_monitor")) as client:
        assert client.indices.stats(index="*", metric="docs")["_all"] is not None
