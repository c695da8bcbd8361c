"""What every format must keep: the same records however the bytes come, exact offsets, exact restarts, no crash."""

from __future__ import annotations

from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.registry import FORMATS, NAMES
from shipper.config import Size
from shipper.ecs.coerce import MISFIT, coerce_field
from shipper.ecs.table import OBJECTS, TYPES
from shipper.event import iter_fields
from tests.unit.codec.samples import SAMPLES

FALLBACK = 1_767_225_600.0
AUTO = CodecSettings(timezone="Europe/Berlin", max_record_bytes=Size(4096))

RECORDS = [record for records in SAMPLES.values() for record in records]
CRI = [
    f"2026-01-01T00:00:0{n}.5Z {stream} {mark} part {n}"
    for n in range(6)
    for stream in ("stdout", "stderr")
    for mark in "PF"
]

streams = st.lists(st.sampled_from([*RECORDS, *CRI, ""]), max_size=12).map(
    lambda records: "".join(f"{r}\n" for r in records).encode()
)
cuts = st.lists(st.integers(0, 3000), max_size=12)


def decoder(config=AUTO, *, resume=b"", end=0, nested_only=False):
    return make_decoder(config, fallback_time=FALLBACK, resume=resume, end=end, nested_only=nested_only)


def pieces(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(position for position in set(at) if 0 < position < len(data)), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


def rows(*parts):
    """(offset, timestamp, document) of each record."""
    return [
        (offset, stamp, document if isinstance(document, dict) else orjson.loads(document))
        for part in parts
        for offset, stamp, document in zip(part.offsets, part.timestamps, part.each(), strict=True)
    ]


def whole(data: bytes, config=AUTO):
    one = decoder(config)
    return rows(one.feed(data), one.flush())


def test_every_format_has_samples() -> None:
    assert {*FORMATS, "plain"} <= set(SAMPLES)


@given(streams, cuts)
def test_any_chunking_gives_the_same_records(data: bytes, at: list[int]) -> None:
    other = decoder()
    parts = [other.feed(piece) for piece in pieces(data, at)]
    assert rows(*parts, other.flush()) == whole(data)


@given(st.binary(max_size=300), cuts)
def test_any_bytes_give_the_same_records_in_any_chunking(data: bytes, at: list[int]) -> None:
    other = decoder()
    parts = [other.feed(piece) for piece in pieces(data, at)]
    assert rows(*parts, other.flush()) == whole(data)


@given(streams, cuts)
def test_a_restart_from_any_resume_gives_the_same_rest(data: bytes, at: list[int]) -> None:
    first = decoder()
    before = []
    for piece in pieces(data, at):
        part = first.feed(piece)
        before += rows(part)
        again = decoder(resume=part.resume, end=part.end)
        rest = rows(again.feed(data[part.end :]), again.flush())
        assert before + rest == whole(data)


@given(streams)
def test_offsets_point_at_the_first_byte_of_a_line_and_never_repeat(data: bytes) -> None:
    offsets = [offset for offset, _, _ in whole(data)]
    starts = {0} | {index + 1 for index, byte in enumerate(data) if byte == 10}
    assert len(set(offsets)) == len(offsets)
    assert set(offsets) <= starts


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_sample_is_one_record_of_its_format_alone_and_among_its_kind(name: str) -> None:
    for config in (AUTO, CodecSettings(codec=name, timezone="UTC")):
        for record in SAMPLES[name]:
            assert len(whole(f"{record}\n".encode(), config)) == 1, record
        joined = "".join(f"{record}\n" for record in SAMPLES[name])
        assert len(whole(joined.encode(), config)) == len(SAMPLES[name]), joined


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_blank_lines_inside_and_after_a_record_stop_no_format(name: str) -> None:
    for record in SAMPLES[name]:
        for blank in ("\n\n", "\n \n\t", "\n\t\n\n \n"):
            for text in (record.replace("\n", blank), f"{record}{blank}  tail\n", f"{record}{blank}tail\n"):
                assert whole(text.encode())
                assert whole(text.encode(), CodecSettings(codec=name, timezone="UTC"))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_value_has_the_type_of_its_ecs_field_and_no_scalar_stands_at_an_object(name: str) -> None:
    for record in SAMPLES[name]:
        for _, stamp, document in whole(record.encode()):
            assert document["@timestamp"] == stamp
            for field, value in iter_fields(document):
                if field in TYPES:
                    assert coerce_field(field, value) is not MISFIT, (field, value)
                else:
                    assert field not in OBJECTS, (field, value)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_its_own_output_passes_unchanged(name: str) -> None:
    for record in SAMPLES[name]:
        one = decoder(nested_only=True)
        first = [*one.feed(record.encode()).each(), *one.flush().each()]
        other = decoder(nested_only=True)
        text = b"".join(orjson.dumps(document) + b"\n" for document in first)
        assert [*other.feed(text).each(), *other.flush().each()] == first


@pytest.mark.parametrize("codec", sorted(NAMES | {"auto"}))
@settings(max_examples=25)
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass"))))
def test_garbage_never_stops_a_codec_and_spares_its_neighbours(codec: str, data: bytes) -> None:
    config = CodecSettings(codec=codec, timezone="UTC", max_record_bytes=Size(1024))
    good = (
        b'\n{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"neighbour","ecs.version":"1.6.0"}\n'
    )
    one = decoder(config, nested_only=True)
    documents = [*one.feed(data + good).each(), *one.flush().each()]
    orjson.dumps(documents)
    assert any("neighbour" in document.get("message", "") for document in documents)


def test_a_line_without_end_costs_the_limit_and_no_more() -> None:
    one = decoder(CodecSettings(timezone="UTC", max_record_bytes=Size(4096)))
    parts = []
    for _ in range(400):
        parts.append(one.feed(b"x" * 65536))
        assert one.held <= 4096 + 65536
    parts += [one.feed(b"\nnext\n"), one.flush()]
    found = rows(*parts)
    assert [offset for offset, _, _ in found] == [0, 400 * 65536 + 1]
    assert found[0][2]["message"] == "x" * 4096
    assert found[0][2]["shipper"]["flags"] == ["truncated", "assumed_time"]
    assert found[1][2]["message"] == "next"
