"""Metadata is spliced where it can be and merged where it must be; both ways say the same."""

from __future__ import annotations

import json
import subprocess
import sys

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.metadata import Metadata
from shipper.event import get_field

FIELDS = {"host": {"name": "h", "os": {"type": "linux"}}, "agent": {"id": "a"}, "event": {"dataset": "d"}}
NAMES = [
    "log",
    "host",
    "event",
    "file",
    "offset",
    "path",
    "name",
    "dataset",
    "log.level",
    "host.name",
    "log.file.path",
    "x",
]
TEXT = st.sampled_from(["}", "{", '"log":{', "plain", 'a"b', "\\"])
VALUES = st.recursive(
    TEXT | st.integers(-(2**53), 2**53),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=5)


def both(document, path="/var/log/a.log", offset=17):
    metadata = Metadata(FIELDS, path)
    raw = orjson.dumps(document)
    return metadata.apply([raw], [offset])[0], metadata.apply([document], [offset])[0]


def pairs_once(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), "Elasticsearch refuses a key that stands twice"
    return dict(pairs)


@given(DOCUMENTS)
def test_spliced_and_merged_documents_are_equal_and_no_key_stands_twice(document):
    spliced, merged = both(document)
    assert json.loads(spliced, object_pairs_hook=pairs_once) == json.loads(merged, object_pairs_hook=pairs_once)


@given(DOCUMENTS)
def test_a_documents_own_words_win(document):
    result = orjson.loads(both(document)[0])
    for name in ("host.name", "event.dataset", "log.file.path"):
        own = get_field(document, name, None)
        if own is not None and not isinstance(own, dict):
            assert get_field(result, name) == own


def test_path_and_offset_go_into_the_log_object_of_ecs_logging():
    document = {"log.level": "info", "log": {"logger": "x", "origin": {"file": {"line": 3}}}, "message": "{"}
    result = orjson.loads(both(document)[0])
    assert result["log"] == {
        "file": {"path": "/var/log/a.log"}, "offset": 17, "logger": "x", "origin": {"file": {"line": 3}},
    }  # fmt: skip
    assert result["host"]["name"] == "h"


def test_what_the_document_lacks_of_an_object_is_added():
    result = orjson.loads(both({"host": {"ip": "1.2.3.4"}})[0])
    assert result["host"] == {"ip": "1.2.3.4", "name": "h", "os": {"type": "linux"}}


def test_a_number_beyond_64_bits_and_half_a_surrogate_pair_are_no_crash():
    result = json.loads(Metadata(FIELDS, None).apply([{"n": 2**70, "s": "\ud800"}], [0])[0])
    assert (result["n"], result["s"]) == (2**70, "\ud800")


def test_without_a_path_there_is_neither_path_nor_offset():
    result = orjson.loads(both({"message": "m"}, path=None)[0])
    assert "log" not in result
    assert result["event"] == {"dataset": "d"}


_KEPT = """
import psutil
from shipper.agent.metadata import Metadata
apply, process = Metadata({"host": {"name": "h"}}, "/var/log/a.log").apply, psutil.Process()
apply([{"message": "m"}], [0])
before = process.memory_info().rss
kept = [apply([{"message": f"order {number} " + "x" * 200}], [number])[0] for number in range(40_000)]
print((process.memory_info().rss - before) / sum(map(len, kept)))
"""


def test_a_document_that_waits_takes_the_room_of_its_bytes():
    """The encoder's own buffers are of 1 KiB at least: a full queue took three times what it was allowed."""
    told = subprocess.run([sys.executable, "-c", _KEPT], check=True, capture_output=True, text=True).stdout
    assert float(told) < 2
