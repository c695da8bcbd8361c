"""What a real Elasticsearch, or the proxy before it, refuses: every record arrives once, or is a dead letter."""

from __future__ import annotations

import json

import pytest

from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.config import Duration, Secret, Size
from shipper.elastic.client import connect, for_role
from shipper.home import Home
from shipper.stack.local import LocalStack
from tests.support.agent_process import until
from tests.support.http_proxy import HttpProxy
from tests.support.pipe import Pipe, batch

pytestmark = pytest.mark.elasticsearch

DAY = "shipper-logs-2026.03.01"
"""Of the pipe's records."""


@pytest.fixture
def settings(endpoints, prefix):
    """Of an output with a small request size, to the real cluster or a proxy before it."""
    admin = endpoints.account("admin")

    def make(hosts=endpoints.hosts, **more):
        return ElasticsearchSettings(
            hosts=hosts,
            user=admin.user,
            password=Secret(admin.password),
            prefix=prefix,
            backoff_max=Duration(1),
            **more,
        )

    return make


def numbers(client, prefix):
    """The numbers in the messages of the index, sorted; a double would be there twice."""
    index = f"{prefix}{DAY}"
    client.indices.refresh(index=index)
    found = client.search(index=index, size=10_000, source=["message"])["hits"]["hits"]
    return sorted(int(str(hit["_source"]["message"]).split()[-1]) for hit in found)


def ship(pipe, count=1000):
    for start in range(0, count, 100):
        pipe.delivery.offer(batch(start, 100))


@pytest.mark.parametrize("status", [429, 503])
def test_t36_a_proxy_that_refuses_some_requests_doubles_and_loses_nothing(
    elasticsearch, endpoints, prefix, settings, tmp_path, status
):
    def before(number, _):
        return status if number in (1, 2, 4) else None

    def after(number, _):  # Elasticsearch took it, and we are told that it did not
        return status if number in (3, 6) else None

    with HttpProxy(endpoints.elasticsearch, before, after) as proxy:
        with Pipe(tmp_path, settings([proxy.url], batch=200)) as pipe:
            ship(pipe)
            assert until(pipe.delivery.is_idle)
        assert numbers(elasticsearch, prefix) == list(range(1000))
        assert pipe.senders[0].health.duplicates > 0
        assert pipe.delivery.counts["dead_lettered"] == 0


@pytest.mark.parametrize(("block", "status"), [("read_only_allow_delete", 429), ("write", 403), ("read_only", 403)])
def test_t35_a_blocked_index_is_waited_for_and_status_names_the_block(
    elasticsearch, settings, tmp_path, caplog, block, status
):
    prefix = settings().prefix
    index = f"{prefix}{DAY}"
    elasticsearch.indices.create(index=index)
    elasticsearch.indices.put_settings(index=index, settings={f"index.blocks.{block}": True})
    with Pipe(tmp_path, settings()) as pipe:
        ship(pipe)
        try:
            assert until(lambda: f"status {status}" in "".join(pipe.output.pool.errors()))
            assert "block" in pipe.output.pool.errors()[0]
            assert pipe.delivery.counts["delivered"] == 0
        finally:
            elasticsearch.indices.put_settings(index=index, settings={f"index.blocks.{block}": None})
        assert until(pipe.delivery.is_idle)
        assert pipe.output.pool.errors() == []
        assert len([line for line in caplog.records if "takes it later" in line.message]) == 1, "no flood of lines"
    assert numbers(elasticsearch, prefix) == list(range(1000))
    assert pipe.delivery.counts["dead_lettered"] == 0


def test_t34_a_limit_of_the_proxy_splits_requests_and_buries_the_one_record_above_it(
    elasticsearch, endpoints, prefix, settings, tmp_path
):
    def before(_, body):
        return 413 if len(body) > 20_000 else None

    with HttpProxy(endpoints.elasticsearch, before) as proxy, Pipe(tmp_path, settings([proxy.url])) as pipe:
        ship(pipe)
        pipe.delivery.offer(batch(5000, 1, "x" * 20_000))
        assert until(pipe.delivery.is_idle)
        (letter,) = pipe.letters.list()
        assert (letter.id, letter.status) == ("id-0-5000", 413)
    assert numbers(elasticsearch, prefix) == list(range(1000))


def test_a_request_that_the_network_garbled_is_no_dead_letter(elasticsearch, endpoints, prefix, settings, tmp_path):
    requests = []

    def before(_, body):
        requests.append(body)
        return 400 if len(requests) == 1 else None

    with HttpProxy(endpoints.elasticsearch, before) as proxy, Pipe(tmp_path, settings([proxy.url])) as pipe:
        pipe.delivery.offer(batch(5000, 1))
        assert until(pipe.delivery.is_idle)
        assert list(pipe.letters.list()) == []
    assert numbers(elasticsearch, prefix) == [5000]


def test_t37_a_mapping_conflict_is_a_dead_letter_with_the_reason_and_its_neighbours_are_in(
    elasticsearch, prefix, settings, tmp_path
):
    fields = {"n": {"type": "long"}, "message": {"type": "text"}}
    elasticsearch.indices.create(index=f"{prefix}{DAY}", mappings={"properties": fields})
    wrong = batch(5000, 3)
    wrong.documents[1] = json.dumps({**json.loads(wrong.documents[1]), "n": "not a number"}).encode()
    with Pipe(tmp_path, settings()) as pipe:
        ship(pipe)
        pipe.delivery.offer(wrong)
        assert until(pipe.delivery.is_idle)
        (letter,) = pipe.letters.list()
        assert (letter.id, letter.status) == ("id-0-5001", 400)
        assert "not a number" in letter.reason
    assert numbers(elasticsearch, prefix) == [*range(1000), 5000, 5002]
    assert pipe.delivery.counts["dead_lettered"] == 1


def test_a_closed_index_is_waited_for(elasticsearch, prefix, settings, tmp_path):
    index = f"{prefix}{DAY}"
    elasticsearch.indices.create(index=index)
    elasticsearch.indices.close(index=index)
    with Pipe(tmp_path, settings()) as pipe:
        ship(pipe)
        assert until(lambda: "closed" in "".join(pipe.output.pool.errors()))
        elasticsearch.indices.open(index=index)
        assert until(pipe.delivery.is_idle)
    assert numbers(elasticsearch, prefix) == list(range(1000))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_t38_elasticsearch_is_restarted_in_the_middle(tmp_path):
    stack = LocalStack(Home(tmp_path / "home"))
    endpoints = stack.up()
    try:
        writer = endpoints.account("shipper_writer")
        settings = ElasticsearchSettings(
            hosts=endpoints.hosts,
            user=writer.user,
            password=Secret(writer.password),
            batch_size=Size(100_000),
            backoff_max=Duration(2),
            connect_timeout=Duration(2),
        )
        with Pipe(tmp_path / "state", settings) as pipe:
            ship(pipe, 5000)
            assert until(lambda: pipe.delivery.counts["delivered"] > 0)
            stack.down()
            for start in range(5000, 10_000, 100):
                pipe.delivery.offer(batch(start, 100))
            assert until(lambda: pipe.output.pool.report()[0]["failures"] > 0)
            assert stack.up().elasticsearch == endpoints.elasticsearch
            assert until(pipe.delivery.is_idle, 120)
        with connect(for_role(endpoints, "admin")) as client:
            assert numbers(client, "") == list(range(10_000))
    finally:
        stack.down(delete=True)
