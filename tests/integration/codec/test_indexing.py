# ruff: noqa: E501 - log lines are as long as they are
"""What the codecs make of every format is accepted by a real Elasticsearch with our templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.elastic.capability import probe
from shipper.event import Stream, daily_index
from shipper.stack.setup import set_up
from shipper.stack.templates import component_templates, index_templates
from tests.support.cases import load_cases
from tests.unit.codec.samples import SAMPLES
from tests.unit.codec.structured.test_loggers import LINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.elasticsearch

ODD = [
    '{"level":"info","msg":"clash","event":"x","host":"db1","url":"/a","user":5,"service":true,"error":"x","log":"y"}',
    '{"level":"info","msg":"clash","event":{"a":1},"host":{"b":2},"url":{"c":3},"user":{"d":4},"service":{"e":5}}',
    '{"level":"info","msg":"types","process":{"pid":"x"},"source":{"ip":"db1"},"tags":{"a":1},"labels":"x","@metadata":{"_id":"e"}}',
    '{"level":"info","msg":"names","":1,".":2,"a..b":3,"_id":"x","_source":{"a":1},"a.b":1,"a":2,"x\\u0000y":1}',
    '{"level":"info","msg":"numbers","big":99999999999999999999999,"nan":NaN,"mixed":[1,"a",{"b":1}],"order":1}',
    '{"level":"info","msg":"numbers","big":1,"mixed":{"b":1},"order":{"id":1}}',
    '{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"dup","ecs.version":"1","my_ip":"no address","x.start":"soon"}',
    "nul \0 inside, caf\udce9 and \x1b[1mcolour\x1b[0m",
    '{"level":"info","msg":"deep",' + '"' + "a." * 40 + 'b":1}',
    '{"level":"info","msg":"deep","d":' + '{"a":' * 60 + "1" + "}" * 61,
    '{"level":"info","msg":"wide",' + ",".join(f'"w{n}":{n}' for n in range(1500)) + "}",
    '{"level":"info","msg":"long","text":"' + "x" * 40_000 + '"}',
]


def lines() -> list[str]:
    return [
        *ODD,
        *(record for records in SAMPLES.values() for record in records),
        *(json.dumps(entry) for _, entry, _ in LINES),
        *(case.data["input"] for case in load_cases()),
    ]


@pytest.fixture
def ready(elasticsearch: Elasticsearch, prefix: str) -> Iterator[str]:
    """A prefix with our templates; they are gone afterwards."""
    set_up(elasticsearch, prefix)
    yield prefix
    for index in elasticsearch.indices.get(index=f"{prefix}*", features="aliases"):
        elasticsearch.indices.delete(index=index)
    capabilities = probe(elasticsearch)
    for name in index_templates(capabilities, prefix):
        elasticsearch.indices.delete_index_template(name=name)
    for name in component_templates(capabilities, prefix):
        elasticsearch.cluster.delete_component_template(name=name)


def test_no_document_of_any_format_is_refused(elasticsearch: Elasticsearch, ready: str) -> None:
    operations: list[dict[str, Any]] = []
    for number, text in enumerate(lines()):
        for nested in (True, False):
            decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=1_767_225_600.0, nested_only=nested)
            data = text.encode("utf-8", "surrogateescape") + b"\n"
            for part in (decoder.feed(data), decoder.flush()):
                for offset, stamp, document in zip(part.offsets, part.timestamps, part.each(), strict=True):
                    index = daily_index(Stream.LOGS, stamp, ready)
                    operations.append({"create": {"_index": index, "_id": f"{number}-{offset}-{nested}"}})
                    operations.append(document if isinstance(document, dict) else orjson.loads(document))
    answer = elasticsearch.bulk(operations=operations, refresh=True)
    refused = [item["create"]["error"] for item in answer["items"] if "error" in item["create"]]
    assert refused == []
    assert len(answer["items"]) >= 2 * len(ODD)
