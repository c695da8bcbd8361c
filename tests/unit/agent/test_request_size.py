"""How an output learns what size of a request its peer takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.size import RequestSize
from shipper.config import Size
from tests.support.agent_process import until
from tests.support.fake_bulk import FakeBulk
from tests.support.pipe import Pipe, batch


def test_each_refusal_halves_and_each_large_request_that_is_taken_grows_it_back():
    size = RequestSize(4_000_000, 4000)
    size.refused(4_000_000)
    size.refused(2_000_000)
    assert size.limit == 1_000_000
    size.taken(100)
    assert size.limit == 1_000_000, "a small request proves nothing"
    size.taken(900_000)
    assert size.limit == 1_100_000
    for _ in range(100):
        size.taken(size.limit)
    assert size.limit == 4_000_000


@given(st.lists(st.binary(max_size=40_000), max_size=30), st.integers(1, 100_000), st.integers(1, 40))
def test_the_pieces_are_the_whole_in_order_and_none_is_too_large_but_by_one_record(documents, limit, records):
    size = RequestSize(limit, records)
    pieces = [documents[begin:end] for begin, end in size.cut(documents)]
    assert [each for piece in pieces for each in piece] == documents
    assert all(piece for piece in pieces)
    assert all(len(piece) == 1 or sum(map(len, piece)) <= limit for piece in pieces)
    assert all(len(piece) <= records for piece in pieces)


def test_t34_a_limit_below_the_configured_size_is_learned_and_rarely_met_again(tmp_path):
    refused = []

    def script(items):
        size = sum(len(str(item)) for item in items)
        if size > 100_000:
            refused.append(size)
            return 413, {}
        return None

    with FakeBulk() as fake:
        fake.script = script
        settings = ElasticsearchSettings(hosts=[fake.url], batch=20_000, batch_size=Size(2 << 20))
        with Pipe(tmp_path, settings) as pipe:
            for start in range(0, 20_000, 500):
                pipe.delivery.offer(batch(start, 500, "x" * 100))
            assert until(pipe.delivery.is_idle)
        assert len(fake.documents) == 20_000
        assert pipe.delivery.counts["dead_lettered"] == 0
        assert len(refused) * 3 < len(fake.requests)


def test_t34_one_record_that_is_too_large_does_not_make_all_requests_small_for_long(tmp_path):
    def script(items):
        return (413, {}) if any("monster" in document["message"] for _, document in items) else None

    with FakeBulk() as fake:
        fake.script = script
        with Pipe(tmp_path, ElasticsearchSettings(hosts=[fake.url])) as pipe:
            pipe.delivery.offer(batch(0, 1000, "x" * 100))
            pipe.delivery.offer(batch(1000, 1, "monster"))
            assert until(pipe.delivery.is_idle)
            before = len(fake.requests)
            pipe.delivery.offer(batch(2000, 1000, "x" * 100))
            assert until(pipe.delivery.is_idle)
            assert len(fake.requests) - before <= 8
        assert len(fake.documents) == 2000


def test_a_request_holds_no_more_records_than_batch_however_many_were_read_at_once(tmp_path):
    with FakeBulk() as fake:
        with Pipe(tmp_path, ElasticsearchSettings(hosts=[fake.url], batch=100)) as pipe:
            pipe.delivery.offer(batch(0, 950))
            assert until(pipe.delivery.is_idle)
        assert len(fake.documents) == 950
        assert [len(items) for items in fake.requests] == [100] * 9 + [50]
