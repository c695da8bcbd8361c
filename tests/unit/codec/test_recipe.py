"""JSON lines that leave by a recipe mean, byte for byte, what the ordinary way makes of them."""

import json
from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.base import Sheet
from shipper.agent.codec.recipe import path
from shipper.agent.codec.recipe.compile import compile_recipe
from shipper.agent.codec.structured import common
from shipper.agent.metadata import Metadata
from shipper.agent.processor.redact import RedactSettings
from shipper.event import iter_fields

SETTINGS = CodecSettings(timezone="UTC")
STAMP = "2026-01-01T00:00:00.000Z"
BASE: dict[str, Any] = {"ts": STAMP, "level": "info", "msg": "m"}
SAMPLES: list[dict[str, Any]] = [
    BASE,
    {**BASE, "user": {"id": 7}, "order": 1.5, "ok": True, "tags": ["a"], "none": None},
    {**BASE, "caller": "shop/place.go:12", "logger": "a.b", "trace_id": "ab" * 16, "error": "no stock"},
    {"level": 30, "time": 1767225600123, "pid": 7, "hostname": "db1", "msg": "m", "v": 0, "name": "shop"},
    {"asctime": "2026-01-01 00:00:00,123", "levelname": "INFO", "message": "m", "name": "a.b", "lineno": 3},
    {"@timestamp": STAMP, "log.level": "info", "message": "m", "service.name": "shop", "http.response.status_code": 2},
    {"timestamp": 1767225600.25, "severity": "INFO", "event": "m", "source.ip": "10.0.0.1", "event.outcome": "success"},
    {"@timestamp": STAMP, "@version": "1", "message": "m", "logger_name": "a", "thread_name": "t", "level": "INFO",
     "level_value": 20000},
    {**BASE, "service": "shop", "user": "ann", "a": {"b": {"c": False}, "d": True}, "host": "db1", "exc_info": None},
]  # fmt: skip
TEXTS = [
    "", "x", "é", "two\nlines", '"', "\\", "50%", "%b", "\U0001f600", "}", '"log":{', "trace", "WARN", "SEVERE",
    "1.2.3.4", STAMP, "2026-02-30T00:00:00Z", "2026-01-02T03:04:05.123456789Z", "2026-01-02 03:04:05,123",
    "2026-01-02T03:04:05.123400Z", "2026-01-02T03:04:05+02:00", "12:00:00", "1767225600", "a.py:12", "a.py:0", "12",
    "ab" * 16, "success", "GET", "/a?b=1", "zqm0001mqz", "true", "Traceback (most recent call last):",
    "2026-03-29T02:30:00",
]  # fmt: skip
NUMBERS = [0, 1, -1, 12, 30, 200, 2**31, 2**63 - 1, 2**63, 2**64 - 1, 1767225600, 1767225600123, 4611686018427000001]
FLOATS = [0.0, -0.0, 0.1, 1.0, 1e-7, 1e16, 1e300, 1.7e308, 1767225600.25, 46116860001.5]
VALUES: dict[type, st.SearchStrategy[Any]] = {
    str: st.sampled_from(TEXTS) | st.text(max_size=4).filter(lambda text: text.isprintable()),
    int: st.sampled_from(NUMBERS) | st.integers(-(2**63), 2**64 - 1),
    float: st.sampled_from(FLOATS) | st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    list: st.lists(st.sampled_from(["a", "", "é", 1, None]), max_size=2) | st.just([{"a": 1}]),
}
OTHERS = """
service user username url method path status uri req res duration_ms latency line function v source src log labels
labels.a ecs ecs.version shipper.flags shipper http host event error.message error.stack_trace tags a a.b a.b.c b
resourceLogs timeUnixNano @t @m logName record fields target instant timeMillis _id @metadata 50% source.ip host.ip
event.outcome event.category event.start process.thread.id user.id user.roles http.response.status_code url.path
client.geo.location gen_ai.request.seed short_message version host.name log.origin.file.line
"""
KNOWN = sorted(
    {key for keys in common.KEYS.values() for key in keys}
    | {*common.STACKS, *common.ERRORS, *common.PLACES, *common.PERHAPS_LEVEL, *common.NO_FIELD, *OTHERS.split()}
)
kinds = st.sampled_from([str, str, str, int, float, bool, type(None), list])
shapes = st.recursive(
    kinds, lambda inner: st.dictionaries(st.sampled_from(KNOWN), inner, max_size=3), max_leaves=6
)  # fmt: skip
outlines = st.dictionaries(st.sampled_from(KNOWN), shapes, max_size=5)


def drawn(shape: Any, like: Any = None) -> st.SearchStrategy[Any]:
    """Values of the shape; those of `like` mostly stay."""
    if isinstance(shape, dict):
        below = like if isinstance(like, dict) else {}
        return st.fixed_dictionaries({key: drawn(value, below.get(key)) for key, value in shape.items()})
    return VALUES[shape] if like is None else st.one_of(st.just(like), st.just(like), VALUES[shape])


def shape_of(value: Any) -> Any:
    return {key: shape_of(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value)


@st.composite
def blocks(draw: st.DrawFn) -> bytes:
    """Lines of a few outlines, most like a logger's, in any order."""
    pools = []
    for _ in range(draw(st.integers(1, 3))):
        sample, added = draw(st.sampled_from(SAMPLES)), draw(outlines)
        pools.append(drawn({**shape_of(sample), **added}, sample))
    lines = draw(st.lists(st.one_of(pools), min_size=1, max_size=12))
    extra = draw(st.sampled_from(["", "Traceback (most recent call last):\n", "plain\n", '{"a":1}\n', "\n"]))
    text = [orjson.dumps(line).decode() + "\n" for line in lines]
    return (orjson.dumps(BASE).decode() + "\n" + "".join([*text, extra, *text])).encode()


FIELDS = {
    "host": {"name": "h", "os": {"type": "linux"}},
    "event": {"dataset": "d"},
    "service": {"name": "s", "v": "5%"},
}


def rows(data: bytes, settings: CodecSettings = SETTINGS, *, step: int = 1 << 20, nested_only: bool = False):
    """(offset, time, JSON) of each record, what was counted, and how many left in sheets."""
    decoder = make_decoder(settings, fallback_time=0, nested_only=nested_only)
    parts = [decoder.feed(data[begin : begin + step]) for begin in range(0, len(data), step)]
    parts.append(decoder.flush())
    found = [
        (offset, stamp, dumped(document))
        for part in parts
        for offset, stamp, document in zip(part.offsets, part.timestamps, part.each(), strict=True)
    ]
    counts = sum((Counter(part.counts) for part in parts), Counter())
    sheets = sum(len(each.lines) for part in parts for each in part.documents if isinstance(each, Sheet))
    return found, counts, sheets, parts[-1].resume


def shipped(data: bytes, *, nested_only: bool):
    """Documents with metadata, by dotted name."""
    decoder = make_decoder(SETTINGS, fallback_time=0, nested_only=nested_only)
    metadata = Metadata(FIELDS, "/var/log/a.log")
    parts = [decoder.feed(data), decoder.flush()]
    texts = [text for part in parts for text in metadata.apply(part.documents, part.offsets)]
    return [sorted(iter_fields(json.loads(text)), key=str) for text in texts]


def dumped(document) -> bytes:
    try:
        return document if isinstance(document, bytes) else orjson.dumps(document)
    except TypeError:  # a number that the ordinary way leaves to another encoder
        return repr(document).encode()


@pytest.fixture(autouse=True)
def fresh() -> None:
    path.book_of.cache_clear()


@given(blocks(), st.integers(20, 600), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_documents_are_those_of_the_ordinary_way(data: bytes, step: int, zone: str) -> None:
    path.book_of.cache_clear()
    settings = CodecSettings(timezone=zone)
    ordinary = rows(data, settings, nested_only=True)
    for size in (step, 1 << 20):
        found = rows(data, settings, step=size)
        assert comparable(found[0], data) == comparable(ordinary[0], data)
        assert found[1] == ordinary[1]


@given(blocks())
def test_metadata_is_added_as_to_documents_of_the_ordinary_way(data: bytes) -> None:
    path.book_of.cache_clear()
    assert shipped(data, nested_only=False) == shipped(data, nested_only=True)


def comparable(found, data: bytes):
    """Of lines that are ECS already, which leave as they were written, the fields; of others every byte."""
    lines = [data[offset : data.index(b"\n", offset)] for offset, _, _ in found]
    return [
        (offset, stamp, sorted(iter_fields(orjson.loads(text)), key=str) if b'"ecs' in line else text)
        for line, (offset, stamp, text) in zip(lines, found, strict=True)
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: ",".join(sample)[:40])
def test_lines_of_usual_loggers_leave_in_sheets(sample) -> None:
    data = b"".join(orjson.dumps(sample) + b"\n" for _ in range(20))
    found, counts, sheets, resume = rows(data)
    ordinary = rows(data, nested_only=True)
    assert (found, counts, resume) == (ordinary[0], ordinary[1], ordinary[3])
    assert sheets >= 18


def test_objects_that_metadata_adds_to_leave_in_sheets() -> None:
    """A host's name beside the `hostname` of a logger."""
    data = orjson.dumps(SAMPLES[3]) + b"\n"
    decoder = make_decoder(SETTINGS, fallback_time=0)
    part = decoder.feed(data * 9)
    text = Metadata(FIELDS, "/var/log/a.log").apply(part.documents[-1:], part.offsets[-7:])[-1]
    assert isinstance(part.documents[-1], Sheet)
    assert text.count(b'"host":{') == 1
    assert orjson.loads(text)["host"] == {"name": "h", "os": {"type": "linux"}, "hostname": "db1"}


def test_secrets_and_what_precedes_a_recipe_are_masked_as_before() -> None:
    lines = [orjson.dumps({**BASE, "msg": text}) for text in ("m", "m", "m", "password=hunter2", "m")]
    found, counts, sheets, _ = rows(b"\n".join([*lines, b""]))
    assert b"hunter2" not in b"".join(text for _, _, text in found)
    assert counts["redacted"] == 1
    assert sheets


def test_a_field_that_a_format_calls_a_secret_is_masked_in_each_line() -> None:
    settings = CodecSettings(timezone="UTC", redact=RedactSettings(names=("user.name",)))
    data = orjson.dumps({**BASE, "user": "ann"}) + b"\n"
    assert b'"user":{"name":"[REDACTED]"}' in rows(data * 5, settings)[0][-1][2]


def test_the_order_of_lines_that_need_their_predecessor_is_kept() -> None:
    """A line without a time takes that of the line before it, which left by a recipe."""
    stamped = [orjson.dumps({**BASE, "ts": f"2026-01-01T00:00:0{second}Z"}) for second in range(6)]
    untimed = orjson.dumps({"level": "info", "msg": "later"})
    times = [time for _, time, _ in rows(b"\n".join([*stamped, untimed, *stamped[:2], b""]))[0]]
    assert times[5:8] == ["2026-01-01T00:00:05.000Z", "2026-01-01T00:00:05.000Z", "2026-01-01T00:00:00.000Z"]


def test_what_is_learned_of_endless_outlines_is_bounded_in_room_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lessons: list[int] = []

    def compiled(*args):
        lessons.append(1)
        return compile_recipe(*args)

    monkeypatch.setattr(path, "compile_recipe", compiled)
    count = 4000
    each_twice = (orjson.dumps({**BASE, f"key{number // 2}": 1}) for number in range(count))
    decoder = make_decoder(SETTINGS, fallback_time=0)
    decoder.feed(b"\n".join([*each_twice, b""]))
    assert len(lessons) <= 16 + count // 128 + 1


def test_room_for_recipes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path, "_CREDIT", 10_000)
    books: list[path.Book] = []

    def book_of(conditions):
        books.append(path.Book(conditions))
        return books[-1]

    monkeypatch.setattr(path, "book_of", book_of)
    data = b"".join(orjson.dumps({**BASE, f"key{number // 3}": 1}) + b"\n" for number in range(900))
    assert rows(data)[0] == rows(data, nested_only=True)[0]
    assert books[0].size == 128


def test_a_line_too_long_to_learn_from_takes_the_ordinary_way() -> None:
    data = orjson.dumps({**BASE, "msg": "x" * 9000}) + b"\n"
    assert rows(data * 4)[2] == 0
