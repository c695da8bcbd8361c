"""Blocks of a learned shape leave as the bytes they are, exactly as the same lines do one by one."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, fastpath, make_decoder
from shipper.agent.codec.base import Sheet
from shipper.agent.codec.shape import learn
from shipper.agent.metadata import Metadata
from shipper.config import Size

SETTINGS = CodecSettings(timezone="UTC")
STAMP = "2026-01-01T00:00:00.000Z"
BASE: dict[str, Any] = {"@timestamp": STAMP, "log.level": "info", "message": "m", "ecs": {"version": "1.6.0"}}
SAMPLES: list[dict[str, Any]] = [
    BASE,
    {**BASE, "log": {"logger": "a.b", "origin": {"file": {"line": 3, "name": "x.py"}}}, "process": {"pid": 7}},
    {**BASE, "log.level": "INFO", "labels": {"a": 1, "b": "x", "c": 1.5, "d": True}, "tags": ["a", "b"]},
    {**BASE, "log.level": "WARN", "event": {"outcome": "success", "duration": 5}, "source.ip": "10.0.0.1"},
    {"log.level": "Error", **BASE, "service.name": "shop", "event.dataset": "own", "trace.id": "abc"},
    {**BASE, "error": {"type": "T", "message": "m", "stack_trace": "a\n\tb\n", "id": "1"}, "order": "é"},
    {"@timestamp": STAMP, "log": {"level": "error"}, "ecs.version": "1", "http": {"route": "/a"}},
    {**BASE, "log.offset": 3},
    {"log.level": "info", "message": "m", "@timestamp": STAMP, "ecs.version": "1.6.0", "log": {"logger": "a"}},
]
FIELDS = {"host": {"name": "h"}, "event": {"dataset": "d", "module": "50%"}, "service": {"name": "s"}}
VALUES = st.sampled_from(
    ["", "x", "é", "\n", '"', "\\", "\ud83d\ude00", "}", '"log":{', '"log.level":"INFO"', "trace", "WARN", "1.2.3.4",
     STAMP, "2026-02-30T00:00:00Z", "2026-01-02T03:04:05.123456789Z", "@timestamp",
     '"@timestamp":"x"', 0, -1, 2**63, 1.5, 1e300, True, None, ["a"], [], {}, {"a": 1}]
)  # fmt: skip


def text(document) -> bytes:
    return orjson.dumps(document) if isinstance(document, dict) else document


def rows(data: bytes, step: int = 1 << 20):
    """(documents, offsets, times, which of them left in a sheet)."""
    decoder = make_decoder(SETTINGS, fallback_time=0)
    parts = [decoder.feed(data[begin : begin + step]) for begin in range(0, len(data), step)]
    parts.append(decoder.flush())
    given = [document for part in parts for document in part.documents]
    return (
        [text(document) for part in parts for document in part.each()],
        [offset for part in parts for offset in part.offsets],
        [stamp for part in parts for stamp in part.timestamps],
        [by for each in given for by in ([True] * len(each.lines) if isinstance(each, Sheet) else [False])],
    )


def unlearned(data: bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fastpath, "_LESSON", 1 << 30)
        return rows(data)


def dump(document, *, spaced: bool) -> bytes:
    separators = (", ", ": ") if spaced else (",", ":")
    return json.dumps(document, separators=separators, ensure_ascii=spaced).encode("utf-8", "surrogatepass")


def changed(document, path: int, value):
    """`document` with its leaf number `path` replaced."""
    leaves = [(document, key) for key in document]
    for holder, key in leaves:
        if isinstance(holder[key], dict):
            leaves += [(holder[key], inner) for inner in holder[key]]
    holder, key = leaves[path % len(leaves)]
    before, holder[key] = holder[key], value
    result = json.loads(json.dumps(document))
    holder[key] = before
    return result


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("spaced", [False, True])
def test_a_shape_is_learned_and_its_lines_mean_what_each_meant_alone(sample, spaced) -> None:
    data = (dump(sample, spaced=spaced) + b"\n") * 100
    learned, plain = rows(data, 999), unlearned(data)
    assert learned[:3] == plain[:3]
    assert sum(learned[3]) >= 60 or "log.offset" in sample


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 20), VALUES), min_size=1, max_size=8),
    st.booleans(),
    st.integers(50, 5000),
)
def test_lines_of_other_values_and_types_mean_the_same_with_a_shape_and_without(sample, edits, spaced, step) -> None:
    base = dump(sample, spaced=spaced) + b"\n"
    lines = [dump(changed(sample, path, value), spaced=spaced) + b"\n" for path, value in edits]
    data = base * 40 + b"".join(line + base for line in lines)
    assert rows(data, step)[:3] == unlearned(data)[:3]


@given(st.sampled_from(SAMPLES[:4]), st.sampled_from([b"\r\n", b" \n", b"\n", b"\t \r\n"]), st.integers(50, 5000))
def test_what_follows_the_last_brace_is_no_part_of_a_document(sample, end, step) -> None:
    line = dump(sample, spaced=False)
    data = (line + end) * 60
    learned = rows(data, step)
    assert learned[:3] == unlearned(data)[:3]
    assert any(learned[3])
    assert all(document.endswith(b"}") for document in learned[0])


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=3)), max_size=6))
def test_damaged_lines_mean_the_same_with_a_shape_and_without(sample, cuts) -> None:
    base = dump(sample, spaced=False) + b"\n"
    data = base * 40
    for place, junk in cuts:
        at = place % len(base)
        data += base[:at] + junk + base[at + len(junk) :] + base
    assert rows(data)[:3] == unlearned(data)[:3]


@given(st.sampled_from(SAMPLES), st.booleans(), st.sampled_from([None, "/var/log/50%.log"]))
def test_metadata_between_the_parts_is_the_metadata_of_the_whole(sample, spaced, path) -> None:
    shape = learn(dump(sample, spaced=spaced) + b"\n")
    assert shape is not None
    other = {**sample, **({"message": 'a "%d" \\ "log":{ %'} if "message" in sample else {})}
    taken = shape.take(b"".join(dump(each, spaced=spaced) + b"\n" for each in (sample, other)), 1 << 20)
    assert taken is not None
    metadata = Metadata(FIELDS, path)
    alone = [orjson.loads(each) for each in taken[2].each()]
    assert [each.get("message") for each in alone] == [sample.get("message"), other.get("message")]
    *sheet, one, two = metadata.apply([taken[2], *alone], [17, 18, 17, 18])
    assert [json.loads(each, object_pairs_hook=once) for each in sheet] == [orjson.loads(one), orjson.loads(two)]


def once(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
    return dict(pairs)


@pytest.mark.parametrize(
    "line",
    [
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","tags":[]}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","x":null}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","x":1,"x":2}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","log":{}}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","log":{"logger":"a"},"a":{"log":{"b":1}}}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","labels":{"@timestamp":"a"}}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","log.level":"INFO","ecs.version":"1","labels":{"log.level":"INFO"}}\n',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1"}',
        b'{"@timestamp":"2026-01-01T00:00:00Z","ecs.version":"1","message":"%b"}\n' % (b"x" * 20_000),
    ],
)
def test_a_line_that_is_no_pattern_for_others_teaches_nothing(line) -> None:
    assert learn(line) is None


def test_a_hostile_line_costs_one_pass() -> None:
    line = dump({**SAMPLES[1], "message": "\\" * 1000}, spaced=False) + b"\n"
    shape = learn(line)
    assert shape is not None
    hostile = line[:-3] + b"\n"
    assert shape.run(hostile * 50, 0) == 0


def test_a_secret_in_a_learned_shape_is_masked_and_its_neighbours_leave_as_they_are() -> None:
    base = dump(SAMPLES[1], spaced=False) + b"\n"
    secret = dump({**SAMPLES[1], "message": "password=hunter2"}, spaced=False) + b"\n"
    found = rows(base * 60 + secret + base * 3)
    assert b"hunter2" not in b"".join(found[0])
    assert found[3][-5:] == [True, False, True, True, True]
    assert found[1] == [
        *range(0, len(base) * 61, len(base)),
        *(len(base) * 60 + len(secret) + n * len(base) for n in range(3)),
    ]


def test_a_line_longer_than_the_limit_is_cut_although_its_shape_is_known() -> None:
    settings = CodecSettings(timezone="UTC", max_record_bytes=Size(4096))
    base = dump(SAMPLES[1], spaced=False) + b"\n"
    long = dump({**SAMPLES[1], "message": "y" * 5000}, spaced=False) + b"\n"
    decoder = make_decoder(settings, fallback_time=0)
    documents = [*decoder.feed(base * 60).each(), *decoder.feed(long + base).each(), *decoder.flush().each()]
    assert isinstance(documents[60], dict)
    assert "truncated" in documents[60]["shipper"]["flags"]
    assert text(documents[61]) + b"\n" == base
