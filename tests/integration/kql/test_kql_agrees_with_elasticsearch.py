"""One text, two readers: Elasticsearch's answer to `to_dsl` is `matcher`'s answer on the same documents."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.kql import matcher, parse, to_dsl

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.elasticsearch

TYPES = {
    "service.name": "keyword",
    "url.path": "keyword",
    "message": "text",
    "http.response.status_code": "long",
    "event.duration": "double",
    "system.cpu": "float",
    "@timestamp": "date",
    "error.fatal": "boolean",
    "source.ip": "ip",
    "error": "object",
    "tags": "keyword",
}
WORDS = [
    "checkout",
    "Checkout",
    "a",
    "a b",
    "",
    "404",
    "can't",
    "x_y",
    "10.5",
    "time-out",
    "naïve",
    "日本語",
    "e.g.",
    "*",
    "a?b",
    "\\",
    '"q"',
]
PATHS = ["/", "/a", "/a/b", "/A", "/a*b", "/a?b", "/users/1", "/users/22", "or", "not"]
NUMBERS: list[Any] = [0, 1, -1, 200, 404, 500, 1.5, 2.5, "200", "7", "nan", True, 10**12, 0.1]
DATES: list[Any] = [
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456Z", "2026-01-01T23:59:59.999Z", "2026-02-01T00:00:00+02:00",
    "2026-01-31", "2025-12-31T23:59:59.9999Z", 1_767_225_600_000, "1767225600000", "soon",
]  # fmt: skip
POOLS: dict[str, list[Any]] = {
    "service.name": [*WORDS[:6], 5, 1.0, False],
    "url.path": PATHS,
    "message": WORDS + [f"{a} {b}" for a in WORDS for b in WORDS],
    "http.response.status_code": NUMBERS,
    "event.duration": NUMBERS,
    "system.cpu": NUMBERS,
    "@timestamp": DATES,
    "error.fatal": [True, False, "true", "false", "", "yes", 1],
    "source.ip": ["10.0.0.1", "10.0.0.9", "10.0.1.1", "::1", "2001:db8::1", "::ffff:10.0.0.1", "no"],
    "tags": ["a", "b", "a b"],
}
LITERALS: dict[str, list[str]] = {
    "service.name": ["checkout", "Checkout", "5", "1.0", "false", "404", "check", "a b"],
    "url.path": PATHS,
    "message": [*WORDS[:-3], "a checkout", "checkout a", "quote", "time", "can", "CAN'T"],
    "http.response.status_code": ["0", "1", "200", "404", "1.5", "-1", "1e3", "1000000000000"],
    "event.duration": ["0", "1.5", "200", "0.1", "1e12"],
    "system.cpu": ["0", "0.1", "1.5", "2.5", "200"],
    "@timestamp": [
        "2026",
        "2026-01",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.123Z",
        "2026-01-31T22",
        "2026-02-01T00:00+02:00",
    ],
    "error.fatal": ["true", "false"],
    "source.ip": ["10.0.0.1", "10.0.0.0/24", "::1", "2001:db8::/32", "0.0.0.0/0"],
    "tags": ["a", "b", "a b"],
}
PATTERNS = ["check*", "*out", "*", "/a*", "/users/*", "*a*b*", "/a\\*b", "c*k*t", "/a?*", "C*"]
ORDERED = ["service.name", "http.response.status_code", "event.duration", "system.cpu", "@timestamp"]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(text: str) -> str:
    escaped = "".join("\\" + character if character in '\\():<>"*{}' else character for character in text)
    return "\\" + text if text in ("or", "and", "not") else escaped


def value_of(name: str) -> st.SearchStrategy[str]:
    plain = st.sampled_from([literal for literal in LITERALS[name] if literal.strip()]).map(unquoted)
    forms = [plain, st.sampled_from(LITERALS[name]).map(quoted)]
    if TYPES[name] in ("keyword", "text"):
        forms.append(st.sampled_from(PATTERNS))
    return st.one_of(forms)


def orders(name: str) -> st.SearchStrategy[str]:
    literals = st.sampled_from([literal for literal in LITERALS[name] if literal])
    return st.builds(
        lambda order, text: f"{name} {order} {quoted(text)}", st.sampled_from(["<", "<=", ">", ">="]), literals
    )


def conditions(name: str) -> st.SearchStrategy[str]:
    value = value_of(name)
    return st.one_of(
        value.map(lambda text: f"{name}: {text}"),
        st.lists(value, min_size=2, max_size=3).map(lambda texts: f"{name}: ({' or '.join(texts)})"),
        st.builds(lambda one, two: f"{name}: ({one} and not {two})", value, value),
        st.just(f"{name}: *"),
    )


LEAVES = st.one_of(
    st.sampled_from(sorted(LITERALS)).flatmap(conditions), st.sampled_from(ORDERED).flatmap(orders), st.just("error: *")
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.builds(lambda a, b: f"({a}) and {b}", inner, inner),
        st.builds(lambda a, b: f"{a} or ({b})", inner, inner),
    ),
    max_leaves=5,
)


def documents() -> list[dict[str, Any]]:
    """Seeded documents: every pool value alone, then random mixes with arrays, nulls and both spellings."""
    made: list[dict[str, Any]] = [{name: value} for name, pool in POOLS.items() for value in pool]
    source = random.Random(7)
    made += [random_document(source) for _ in range(150)]
    made += [{"error": {}}, {"error": {"fatal": None}}, {"error": {"fatal": []}}, {"error": {"fatal": [None, True]}}]
    made += [{"http.response": {"status_code": 200}}, {"http": {"response.status_code": [404, 500]}}]
    return made


def random_document(source: random.Random) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name in source.sample(sorted(POOLS), 4):
        value = source.choice(POOLS[name])
        if source.random() < 0.3:
            value = [value, source.choice(POOLS[name])]
        parent, _, child = name.rpartition(".")
        if parent and source.random() < 0.5:
            document[parent] = {child: value}
        else:
            document[name] = value
    return document


@pytest.fixture
def index(elasticsearch: Elasticsearch, prefix: str) -> str:
    name = f"{prefix}kql"
    properties = {field: {"type": kind} for field, kind in TYPES.items() if field != "error"}
    elasticsearch.indices.create(
        index=name,
        settings={"number_of_replicas": 0, "mapping.ignore_malformed": True},
        mappings={"dynamic": False, "properties": properties},
    )
    operations: list[dict[str, Any]] = []
    for number, document in enumerate(documents()):
        operations += [{"create": {"_id": str(number)}}, document]
    answer = elasticsearch.bulk(index=name, operations=operations, refresh=True)
    assert not answer["errors"], [item for item in answer["items"] if item["create"]["status"] >= 300][:3]
    return name


def test_elasticsearch_and_plain_documents_give_the_same_answer(elasticsearch, index):
    corpus = documents()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(QUERIES, min_size=20, max_size=20))
    def agree(texts: list[str]) -> None:
        searches: list[dict[str, Any]] = []
        nodes = [parse(text) for text in texts]
        for node in nodes:
            searches += [{}, {"query": to_dsl(node, TYPES), "size": 1000, "_source": False}]
        answers = elasticsearch.msearch(index=index, searches=searches)["responses"]
        for text, node, answer in zip(texts, nodes, answers, strict=True):
            assert "error" not in answer, (text, answer)
            found = {int(hit["_id"]) for hit in answer["hits"]["hits"]}
            test = matcher(node, TYPES)
            expected = {number for number, document in enumerate(corpus) if test(document)}
            assert found == expected, (text, [corpus[number] for number in sorted(found ^ expected)][:5])

    agree()
