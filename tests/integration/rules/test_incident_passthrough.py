"""The pass-through before a real Elasticsearch: a client that asks `GET /` accepts it, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.incidents.peer.documents import loaded, reached
from benchmarks.incidents.peer.passthrough import PassThrough, passing
from benchmarks.incidents.world import START, World
from shipper.clock import iso_utc
from shipper.elastic.client import connect, from_url
from shipper.errors import UsageError
from tests.support.rule_stream import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from shipper.home import Endpoints

pytestmark = pytest.mark.elasticsearch


@pytest.fixture
def way(endpoints: Endpoints) -> Iterator[PassThrough]:
    with passing(endpoints.elasticsearch, "8.19.3") as server:
        yield server


@pytest.fixture
def through(way: PassThrough, endpoints: Endpoints) -> Iterator[Elasticsearch]:
    admin = endpoints.account("admin")
    with connect(from_url(f"http://{admin.user}:{admin.password}@127.0.0.1:{way.port}")) as client:
        yield client


def test_get_root_answers_with_the_version_where_the_cluster_answers_405(through):
    info = through.info()
    assert info["version"]["number"] == "8.19.3"
    assert info["tagline"] == "You Know, for Search"


def test_what_is_written_through_it_is_found_through_it_and_counted(through, way, prefix):
    through.index(index=f"{prefix}a", id="ä/1", document={"message": "grüße"}, refresh=True)
    assert through.get(index=f"{prefix}a", id="ä/1")["_source"] == {"message": "grüße"}
    assert through.search(index=f"{prefix}a")["hits"]["total"]["value"] == 1
    assert through.indices.exists(index=f"{prefix}a")
    assert not through.indices.exists(index=f"{prefix}b")
    assert dict(way.counts) == {"write": 1, "search": 1, "other": 3}


def test_a_wrong_password_is_refused_by_the_cluster_itself(way):
    with connect(from_url(f"http://nobody:wrong@127.0.0.1:{way.port}")) as client:
        answer = client.options(ignore_status=401).search(index="any")
    assert answer.meta.status == 401


def test_an_address_with_tls_is_refused_with_a_reason():
    with pytest.raises(UsageError, match="plain HTTP"):
        PassThrough("https://127.0.0.1:9200", "8.19.3")


def test_the_worlds_documents_lie_in_daily_indices_until_the_block_ends(elasticsearch):
    with loaded(elasticsearch, World(0.01)) as prefix:
        day = iso_utc(START)[:10].replace("-", ".")
        assert sorted(elasticsearch.indices.get(index=f"{prefix}*")) == [
            f"{prefix}shipper-logs-{day}", f"{prefix}shipper-metrics-{day}",
        ]  # fmt: skip
        asked = [
            rule("type: threshold\nabove: 1\nname: some\nfilter: 'service.name: shop and event.duration > 0'"),
            rule("type: threshold\nabove: 1\nname: none\nfilter: 'tenant: *'"),
        ]
        assert [one.name for one in reached(elasticsearch, prefix, asked)] == ["some"]
    assert not elasticsearch.indices.get(index=f"{prefix}*")
