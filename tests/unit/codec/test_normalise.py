# ruff: noqa: E501 - log lines are as long as they are
from collections import Counter

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec.normalise import Normaliser
from shipper.ecs.coerce import MISFIT, coerce_field
from shipper.ecs.table import OBJECTS, TYPES
from shipper.event import iter_fields


def build(fields, *, keep_root=False, max_fields=1000):
    document, flags = Normaliser(max_fields, Counter()).build("2026-01-01T00:00:00.000Z", fields, keep_root=keep_root)
    assert document.pop("@timestamp") == "2026-01-01T00:00:00.000Z"
    return document, flags


names = st.sampled_from(["event", "host", "host.name", "url", "url.path", "error", "message", "message.x", "labels", "labels.a.b", "tags", "process.pid", "log.level", "a", "a.b", "a.b.c", "", ".", "a..b", "_id", "@metadata", "user", "http.request", "source.ip", "x" * 400, "n\0l"])  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(names | st.text(max_size=6), values, max_size=8), st.booleans())
def test_any_fields_become_a_document_that_elasticsearch_can_map(fields, keep_root) -> None:
    document, _ = build(fields, keep_root=keep_root)
    orjson.dumps(document)
    for name, value in iter_fields(document):
        if name in TYPES:
            assert coerce_field(name, value) is not MISFIT, (name, value)
        elif value != {}:
            assert name not in OBJECTS, (name, value)
        assert "" not in name.split(".")
    assert "_id" not in document
    assert "@metadata" not in document


def test_a_scalar_where_ecs_has_an_object_survives_as_a_label() -> None:
    fields = dict.fromkeys(
        ("event", "host", "url", "user", "service", "error", "log", "process", "source", "http"), "x"
    )
    document, _ = build(fields)
    assert document == {"labels": fields}


def test_custom_scalars_become_labels_and_custom_objects_keep_their_name() -> None:
    document, _ = build({"order": 7, "cart": {"id": 1, "items": ["a", "b"]}, "ids": [1, 2]})
    assert document == {"labels": {"order": 7, "ids": [1, 2]}, "cart": {"id": 1, "items": ["a", "b"]}}


def test_a_document_that_is_ecs_already_keeps_its_own_root_names() -> None:
    document, _ = build({"order": 7, "event": "x"}, keep_root=True)
    assert document == {"order": 7, "labels": {"event": "x"}}


def test_values_take_their_type_or_go_aside() -> None:
    fields = {
        "process.pid": "12",
        "source.ip": "db1",
        "tags": "a",
        "http.response.status_code": [200],
        "message": {"a": 1},
    }
    assert build(fields)[0] == {
        "process": {"pid": 12},
        "labels": {"source_ip": "db1"},
        "tags": ["a"],
        "http": {"response": {"status_code": 200}},
        "custom": {"message": {"a": 1}},
    }


def test_numbers_that_no_long_holds_are_kept_as_text() -> None:
    document, _ = build({"big": 2**70, "nan": float("nan"), "inner": {"big": -(2**70)}})
    assert document == {"labels": {"big": str(2**70), "nan": "nan"}, "inner": {"big": str(-(2**70))}}


def test_lists_that_mix_objects_and_scalars_become_text() -> None:
    assert build({"a": [1, {"b": 2}], "c": [[{"d": 1}]]})[0] == {"labels": {"a": ["1", '{"b":2}'], "c": ['[{"d":1}]']}}


def test_the_number_of_fields_is_bounded_and_the_rest_kept_as_text() -> None:
    document, flags = build({f"k{n}": n for n in range(50)}, max_fields=10)
    assert len(document["labels"]) == 10
    assert orjson.loads(document["shipper"]["overflow"])["k49"] == 49
    assert flags == ["truncated"]


def test_depth_is_bounded_and_the_rest_kept_as_text() -> None:
    deep: dict[str, object] = {"end": 1}
    for _ in range(60):
        deep = {"d": deep}
    document, _ = build(deep)
    depth, node = 0, document
    while isinstance(node, dict):
        node = node["d"]
        depth += 1
    assert depth < 20
    assert '"end":1' in str(node)


def test_a_name_of_too_many_parts_is_shortened_to_what_elasticsearch_takes() -> None:
    document, _ = build(
        {".".join("abcdefghijklmnopqrstuvwxyz"): 1, "x": {".".join("abcdefghijklmnopqrstuvwxyz"): {"y": 2}}}
    )
    assert all(name.count(".") < 17 for name, _ in iter_fields(document))
    assert sorted(str(value) for _, value in iter_fields(document)) in (["1", "2"], ["1", '{"y":2}'])


def test_what_elasticsearch_keeps_for_itself_is_renamed() -> None:
    document, _ = build({"_id": {"a": 1}, "_source": "x", "@metadata": {"_id": "evil"}})
    assert document == {"custom": {"id": {"a": 1}, "metadata": {"_id": "evil"}}, "labels": {"_source": "x"}}


def test_two_spellings_of_one_field_keep_both_values() -> None:
    document, _ = build({"user.name": "bob", "user": {"name": "alice"}})
    assert document == {"user": {"name": "bob"}, "labels": {"user_name": "alice"}}
