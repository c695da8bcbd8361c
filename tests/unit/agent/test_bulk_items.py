"""A request's body in pieces is the body, and each record is found again in its batch."""

import gzip

import pytest

from shipper.agent.batch import Batch
from shipper.agent.output.bulk_items import BulkItems

STAMP = "2026-01-01T00:00:00.000Z"


def items(*sizes: int) -> BulkItems:
    parcel = [
        Batch([f"{name}-{n}" for n in range(size)], [b'{"n":%d}' % n for n in range(size)], [STAMP] * size)
        for name, size in enumerate(sizes)
    ]
    total = sum(sizes)
    ids = [each for batch in parcel for each in batch.ids]
    documents = [each for batch in parcel for each in batch.documents]
    return BulkItems(parcel, range(total), ["logs"] * total, ids, documents)


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1700])
def test_a_packed_body_is_the_body(count: int) -> None:
    some = items(count)
    assert gzip.decompress(some.packed(1)) == some.body()
    assert some.body().count(b"\n") == 2 * count


def test_a_rejected_record_is_found_in_its_batch_after_requests_were_divided() -> None:
    some = items(3, 1, 5).pick([0, 2, 3, 8]).pick([1, 2, 3])
    rejects = [some.reject(position, "why", 400) for position in range(3)]
    assert [each.batch.ids[each.position] for each in rejects] == some.ids == ["0-2", "1-0", "2-4"]
