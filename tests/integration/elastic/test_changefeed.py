"""The change feed on a real Elasticsearch: whatever the schedule, the last version of each document arrives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec
import pytest
from elasticsearch import helpers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.elastic.changefeed import ChangeFeed, Cursor

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.elasticsearch


def create(client: Elasticsearch, index: str, shards: int = 1) -> str:
    # never refreshed by itself: what the feed sees, the feed made visible
    client.indices.create(
        index=index, settings={"number_of_shards": shards, "number_of_replicas": 0, "refresh_interval": "-1"}
    )
    return index


def put(client: Elasticsearch, index: str, documents: dict[str, int]) -> None:
    operations = [{"_index": index, "_id": name, "value": value} for name, value in documents.items()]
    helpers.bulk(client, operations)


def drain(feed: ChangeFeed, cursor: Cursor, into: dict[str, int]) -> Cursor:
    for batch in feed.read(cursor):
        into.update({change.id: change.source["value"] for change in batch.changes})
        cursor = batch.cursor
    return cursor


def stored(cursor: Cursor) -> Cursor:
    """As if the cursor had been written down and read by another process."""
    return msgspec.json.decode(msgspec.json.encode(cursor), type=Cursor)


def test_every_document_of_every_shard_and_index_arrives_in_batches(elasticsearch, prefix):
    for day in (1, 2):
        create(elasticsearch, f"{prefix}e-{day}", shards=3)
        put(elasticsearch, f"{prefix}e-{day}", {f"{day}-{n}": n for n in range(25)})
    batches = list(ChangeFeed(elasticsearch, f"{prefix}e-*", batch_size=4).read(Cursor()))
    seen = [change.id for batch in batches for change in batch.changes]
    assert sorted(seen) == sorted(f"{day}-{n}" for day in (1, 2) for n in range(25))
    assert max(len(batch.changes) for batch in batches) == 4


def test_a_cursor_at_the_end_yields_nothing_until_something_is_written(elasticsearch, prefix):
    index = create(elasticsearch, f"{prefix}e")
    put(elasticsearch, index, {"a": 1})
    feed = ChangeFeed(elasticsearch, index)
    end = stored(feed.end())
    assert list(feed.read(end)) == []
    put(elasticsearch, index, {"b": 2})
    assert [change.id for batch in feed.read(end) for change in batch.changes] == ["b"]


def test_an_update_is_met_again_and_a_deletion_only_moves_the_cursor(elasticsearch, prefix):
    index = create(elasticsearch, f"{prefix}e")
    put(elasticsearch, index, {"a": 1, "b": 1})
    feed = ChangeFeed(elasticsearch, index)
    cursor = drain(feed, Cursor(), {})
    put(elasticsearch, index, {"a": 2})
    elasticsearch.delete(index=index, id="b")
    batches = list(feed.read(cursor))
    assert [(c.id, c.source["value"]) for batch in batches for c in batch.changes] == [("a", 2)]
    assert list(feed.read(batches[-1].cursor)) == []


def test_an_index_made_again_under_its_name_is_read_from_its_start(elasticsearch, prefix):
    index = create(elasticsearch, f"{prefix}e")
    put(elasticsearch, index, {"old": 1})
    feed = ChangeFeed(elasticsearch, index)
    cursor = drain(feed, Cursor(), {})
    elasticsearch.indices.delete(index=index)
    create(elasticsearch, index)
    put(elasticsearch, index, {"new": 2})
    seen: dict[str, int] = {}
    cursor = drain(feed, cursor, seen)
    assert seen == {"new": 2}
    assert len(cursor.shards) == 1  # the old index is forgotten


def test_a_pattern_without_indices_is_empty(elasticsearch, prefix):
    assert list(ChangeFeed(elasticsearch, f"{prefix}none-*").read(Cursor())) == []


def test_a_reader_beside_writers_misses_nothing_though_it_forgets_all_but_its_cursor(elasticsearch, prefix):
    index = create(elasticsearch, f"{prefix}e", shards=2)
    done = threading.Event()

    def write(writer: int) -> None:
        for start in range(0, 1000, 50):
            put(elasticsearch, index, {f"{writer}-{n}": n for n in range(start, start + 50)})

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]

    def watch() -> None:
        for writer in writers:
            writer.join()
        done.set()

    for thread in (*writers, watcher := threading.Thread(target=watch)):
        thread.start()
    seen: dict[str, int] = {}
    cursor = Cursor()
    while not done.is_set():
        cursor = stored(drain(ChangeFeed(elasticsearch, index, batch_size=37), cursor, seen))
    watcher.join()
    drain(ChangeFeed(elasticsearch, index, batch_size=37), cursor, seen)
    assert seen == {f"{writer}-{n}": n for writer in range(4) for n in range(1000)}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9), min_size=1)),
        st.tuples(st.just("delete"), st.sampled_from("abcdefgh")),
        st.tuples(st.just("read"), st.integers(0, 3)),  # batches taken before the reader dies
    ),
    max_size=12,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_writes_and_deaths_of_the_reader_it_knows_the_latest_of_each_living_document(
    elasticsearch, prefix, steps
):
    index = f"{prefix}e"
    elasticsearch.indices.delete(index=index, ignore_unavailable=True)
    create(elasticsearch, index)
    feed = ChangeFeed(elasticsearch, index, batch_size=2)
    truth: dict[str, int] = {}
    seen: dict[str, int] = {}
    cursor = Cursor()
    for action, argument in steps:
        if action == "put":
            put(elasticsearch, index, argument)
            truth.update(argument)
        elif action == "delete":
            elasticsearch.options(ignore_status=404).delete(index=index, id=argument)
            truth.pop(argument, None)
        else:
            for _, batch in zip(range(argument), feed.read(cursor), strict=False):
                seen.update({change.id: change.source["value"] for change in batch.changes})
                cursor = stored(batch.cursor)
    drain(feed, cursor, seen)
    assert {name: seen.get(name) for name in truth} == truth
