"""Delivery through `_bulk`, against a real HTTP server that misbehaves on demand."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest

from shipper.clock import ManualClock
from shipper.config import Secret
from shipper.errors import ConfigError
from shipper.logstash_runner.output.bulk import BulkPolicy, BulkSender, Operation, StoppedError
from shipper.logstash_runner.output.nodes import NodePool, NodeSettings
from tests.support.fake_bulk import FakeBulk

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake() -> Iterator[FakeBulk]:
    with FakeBulk() as running:
        yield running


class Bench:
    def __init__(self, *hosts: str, policy: BulkPolicy | None = None, **settings: Any) -> None:
        self.clock = ManualClock()
        self.stopping = threading.Event()
        self.pool = NodePool(NodeSettings(hosts=hosts, timeout=5, **settings), clock=self.clock)
        self.sender = BulkSender(self.pool, policy or BulkPolicy(), self.clock, self.stopping, jitter=lambda: 1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.close()


def operations(count: int) -> list[Operation]:
    return [
        Operation(b'{"create":{"_index":"logs","_id":"%d"}}\n' % number, b'{"n":%d}\n' % number, number)
        for number in range(count)
    ]


def test_documents_are_stored_and_a_resend_counts_as_duplicates(fake: FakeBulk) -> None:
    with Bench(fake.url) as bench:
        assert bench.sender.send(operations(3)) == []
        assert bench.sender.send(operations(3)) == []
    assert len(fake.documents) == 3
    assert (bench.sender.counts.stored, bench.sender.counts.duplicates) == (3, 3)


def test_only_the_items_put_off_are_sent_again_with_growing_pauses(fake: FakeBulk) -> None:
    answers = [[201, 429, 201], [503], [403], [201]]
    fake.script = lambda items: (200, answers[len(fake.requests) - 1])
    with Bench(fake.url) as bench:
        assert bench.sender.send(operations(3)) == []
    assert [len(items) for items in fake.requests] == [3, 1, 1, 1]
    assert bench.clock.monotonic() == 2 + 4 + 8
    assert len(fake.documents) == 3


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_refused_request_is_sent_again_whole(fake: FakeBulk, status: int) -> None:
    fake.script = lambda items: (status, {"error": "not now"}) if len(fake.requests) < 3 else None
    with Bench(fake.url) as bench:
        assert bench.sender.send(operations(2)) == []
    assert [len(items) for items in fake.requests] == [2, 2, 2]


def test_pauses_grow_to_their_limit_only(fake: FakeBulk) -> None:
    fake.script = lambda items: (503, {}) if len(fake.requests) < 5 else None
    with Bench(fake.url, policy=BulkPolicy(retry_initial=1, retry_max=3)) as bench:
        bench.sender.send(operations(1))
    assert bench.clock.monotonic() == 1 + 2 + 3 + 3


@pytest.mark.parametrize("status", [400, 404])
def test_items_refused_for_good_are_rejections_with_the_reason(fake: FakeBulk, status: int) -> None:
    fake.script = lambda items: (200, [201, status, 201])
    with Bench(fake.url) as bench:
        (rejection,) = bench.sender.send(operations(3))
    assert rejection.operation.event == 1
    assert rejection.status == status
    assert "failed to parse field" in rejection.reason


@pytest.mark.parametrize(("refusals", "rejected"), [(1, 0), (2, 1)])
def test_one_event_is_refused_twice_before_it_is_to_blame(fake: FakeBulk, refusals: int, rejected: int) -> None:
    left = [(400, {"error": "garbled"})] * refusals

    def script(_: list[Any]) -> tuple[int, Any] | None:
        return left.pop() if left else None

    fake.script = script
    with Bench(fake.url) as bench:
        assert len(bench.sender.send(operations(1))) == rejected
    assert len(fake.documents) == 1 - rejected


def test_too_large_a_request_is_halved_down_to_the_one_event_that_does_not_fit(fake: FakeBulk) -> None:
    def script(items: list[Any]) -> tuple[int, Any] | None:
        return (413, {}) if any(document["n"] == 5 for _, document in items) else None

    fake.script = script
    with Bench(fake.url) as bench:
        (rejection,) = bench.sender.send(operations(8))
    assert rejection.operation.event == 5
    assert rejection.status == 413
    assert sorted(document["n"] for document in fake.documents.values()) == [0, 1, 2, 3, 4, 6, 7]
    assert bench.clock.monotonic() == 0


def test_bodies_are_cut_at_their_limit_in_order(fake: FakeBulk) -> None:
    with Bench(fake.url, policy=BulkPolicy(body_bytes=150)) as bench:
        bench.sender.send(operations(10))
    assert [document["n"] for items in fake.requests for _, document in items] == list(range(10))
    assert max(len(items) for items in fake.requests) == 3


def test_a_node_that_is_down_is_left_for_the_next_one(fake: FakeBulk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        down = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with Bench(down, fake.url) as bench:
        assert bench.sender.send(operations(1)) == []
        assert bench.sender.send(operations(2)) == []
    assert len(fake.requests) == 2
    assert bench.sender.counts.retried == 0, "another node took it at once"


def test_nodes_share_the_requests(fake: FakeBulk) -> None:
    with FakeBulk() as second, Bench(fake.url, second.url) as bench:
        for _ in range(10):
            bench.sender.send(operations(1))
        assert (len(fake.requests), len(second.requests)) == (5, 5)


def test_a_node_that_failed_rests_and_then_takes_its_turn_again(fake: FakeBulk) -> None:
    with FakeBulk() as second:
        address = second.url
    with Bench(address, fake.url) as bench:
        bench.sender.send(operations(1))
        assert bench.pool._awake() == [fake.url], "the one that is down is not asked again"
        bench.sender.send(operations(1))
        bench.clock.advance(5)
        assert bench.pool._awake() == [address, fake.url]


def test_while_every_node_is_down_the_requests_wait_and_none_is_lost(fake: FakeBulk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        down = f"http://127.0.0.1:{closed.getsockname()[1]}"
    seen: list[str] = []

    def moved(url: str) -> list[str]:
        seen.append(url)
        return [fake.url] if len(seen) == 3 else [url]

    with Bench(down) as bench:
        bench.pool._locate = moved
        assert bench.sender.send(operations(3)) == []
    assert len(fake.documents) == 3
    assert bench.sender.counts.retried == 6


def test_an_answer_that_is_no_bulk_answer_is_a_retry(fake: FakeBulk) -> None:
    fake.script = lambda items: (200, {"hello": "proxy"}) if len(fake.requests) < 2 else None
    with Bench(fake.url) as bench:
        assert bench.sender.send(operations(1)) == []
    assert len(fake.documents) == 1


def test_stopping_ends_the_retries_with_an_error(fake: FakeBulk) -> None:
    def script(items: list[Any]) -> tuple[int, Any]:
        bench.stopping.set()
        return 503, {}

    fake.script = script
    with Bench(fake.url) as bench, pytest.raises(StoppedError):
        bench.sender.send(operations(1))


def test_credentials_go_into_headers_and_never_into_reprs(fake: FakeBulk) -> None:
    with Bench(fake.url, user="writer", password=Secret("s3cret")) as bench:
        bench.sender.send(operations(1))
    with Bench(fake.url, api_key=Secret("id:key")) as bench:
        bench.sender.send(operations(1))
    assert fake.headers[0]["authorization"] == "Basic d3JpdGVyOnMzY3JldA=="
    assert fake.headers[1]["authorization"] == "ApiKey aWQ6a2V5"
    assert "s3cret" not in repr(NodeSettings(password=Secret("s3cret")))


@pytest.mark.parametrize("host", ["http://", "ftp://a:1", "http://a:port"])
def test_a_wrong_host_is_an_error_for_people(host: str) -> None:
    with pytest.raises(ConfigError, match="not the address"):
        NodePool(NodeSettings(hosts=(host,)))


def test_https_without_an_authority_says_what_to_name() -> None:
    with pytest.raises(ConfigError, match="bundle"):
        NodePool(NodeSettings(hosts=("https://es:9200",), authorities=("/dev/null",)))
    NodePool(NodeSettings(hosts=("http://es:9200",), authorities=("/dev/null",)))


def test_hosts_take_the_forms_that_logstash_takes() -> None:
    pool = NodePool(NodeSettings(hosts=("127.0.0.1", "es:9201", "https://es.example/prefix", "[::1]:9200")))
    assert json.dumps(list(pool.urls)) == json.dumps(
        ["http://127.0.0.1:9200", "http://es:9201", "https://es.example:9200/prefix", "http://[::1]:9200"]
    )
    pool.close()
