# ruff: noqa: E501 - log lines are as long as they are
"""Damaged lines of every format: no crash, valid ECS, no secret lost to the damage, the same again from its own output.

`CORPUS` holds what fuzzing found.
"""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.ecs.coerce import MISFIT, coerce_field
from shipper.ecs.table import OBJECTS, TYPES
from shipper.event import iter_fields
from tests.unit.codec.samples import SAMPLES
from tests.unit.codec.structured.test_loggers import LINES
from tests.unit.codec.test_redact import SECRET_TEXTS

SETTINGS = CodecSettings(timezone="Europe/Berlin")
POOL = [record.encode() for records in SAMPLES.values() for record in records]
POOL += [json.dumps(entry).encode() for _, entry, _ in LINES]
POOL += [text.encode() for text in SECRET_TEXTS]

CORPUS = [
    b'{"@timestamp":"2026-01-01T00:00:00.00\xc40Z","log.level":"info","ecs.version":"1.6.0"}',
    b'{"mess\x9eage": "m", "level": "verbose"}',
    b'{"time": "1026-01-03T10:21:15+01:00", "level": "warning", "msg": "m"}',
    b'{"@timestamp":"9999-12-31T23:59:59.999Z","log.level":"info","message":"m","ecs.version":"1.6.0"}',
    b"postgres://bob:cAn\xffrY42xyz@db/shop",
    b'at 14:15pass:"cAnArY42xyz"',
    b"pass\x1b[1mword=cAnArY42xyz",
    b"[31-Jan-2026 12:00:00 Europe" + b"/Berlin" * 9000 + b"] PHP Warning:  x",
    b"2026-01-01 00:00:00,125 ERROR a.b boom\nTraceback (most recent call last):\n-----BEGIN RSA PRIVATE KEY-----\ncAnArY42xyz\n",
    b'{"log":{"level":"WARN"},"message":"x","@timestamp":"2026-01-01T00:00:01Z"}',
    b'Jul 30 09:03:52 h haproxy[1]: 1.2.3.4:5 [30/Jul/2018:09:03:52.726] in~ d/d 0/0/1/0/2 304 168 - -NaN ---- 6/6/0/0/0 0/0 "GET / HTTP/1.1"',
]  # fmt: skip

edits = st.tuples(
    st.sampled_from(["cut", "insert", "copy", "repeat", "number"]),
    st.integers(0, 400),
    st.integers(1, 12),
    st.binary(max_size=4),
    st.sampled_from(POOL),
)
NUMBERS = (b"1" + b"0" * 30, b"-1", b"1e400", b"NaN", b"null", b"99999999999")


def damage(line: bytes, changes) -> bytes:
    for kind, at, length, raw, other in changes:
        begin = at % (len(line) + 1)
        end = min(len(line), begin + length)
        middle = {
            "cut": b"",
            "insert": raw + line[begin:end],
            "copy": other[at : at + 3 * length] + line[begin:end],
            "repeat": line[begin:end] * (length + 1),
            "number": NUMBERS[length % len(NUMBERS)],
        }[kind]
        line = line[:begin] + middle + line[end:]
    return line


def documents(data: bytes, *, nested_only: bool):
    decoder = make_decoder(SETTINGS, fallback_time=1_767_225_600.0, nested_only=nested_only)
    return [document for part in (decoder.feed(data), decoder.flush()) for document in part.each()]


def check(data: bytes) -> None:
    for document in documents(data, nested_only=False):
        for field, value in iter_fields(document if isinstance(document, dict) else orjson.loads(document)):
            if field in TYPES:
                assert coerce_field(field, value) is not MISFIT, (field, value)
            else:
                assert field not in OBJECTS or value == {}, (field, value)
    once = documents(data, nested_only=True)
    assert documents(b"".join(orjson.dumps(document) + b"\n" for document in once), nested_only=True) == once


@settings(max_examples=200)
@given(st.lists(st.builds(damage, st.sampled_from(POOL), st.lists(edits, max_size=4)), min_size=1, max_size=3))
def test_damaged_lines_never_break_a_document(lines: list[bytes]) -> None:
    check(b"\n".join(lines))


@pytest.mark.parametrize("data", CORPUS)
def test_what_fuzzing_found_stays_mended(data: bytes) -> None:
    check(data)
    assert b"rY42xyz" not in b"".join(orjson.dumps(document) for document in documents(data, nested_only=True))
