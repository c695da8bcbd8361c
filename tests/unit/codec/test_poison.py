"""A line that nobody thought of costs itself its fields at most; never the file it stands in."""

import sys
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder, trace
from shipper.agent.codec.structured import json_line
from tests.unit.codec.support import convert

TIME = "2026-01-01T00:00:00.000Z"
POISON = [
    {"msg": "x", "shipper.flags": [{"a": 1}]},
    {"@timestamp": "bad", "ecs.version": "1", "message": "m", "shipper": {"flags": [{"a": 1}]}},
    {"@timestamp": "bad", "ecs.version": "1", "message": "m", "shipper": "x"},
    {"@timestamp": "bad", "ecs.version": "1", "message": "m", "shipper": [{"a": 1}]},
    {"error_severity": "LOG", "pid": 1, "timestamp": TIME},
    {"RequestMethod": None, "RouterName": "r"},
    {"RequestMethod": "", "RouterName": "r"},
    {"RayID": "1", "ClientRequestMethod": "GET", "EdgeStartTimestamp": None},
    {"timeUnixNano": "1767225600123000000", "body": {"stringValue": "x"}, "resourceLogs": True},
    {"msg": "x", "error.type": 7, "stack_trace": "a\n  at b"},
]


@pytest.mark.parametrize("entry", POISON, ids=lambda entry: orjson.dumps(entry).decode()[:60])
def test_a_line_of_odd_types_is_kept_with_its_fields(entry: dict[str, Any]) -> None:
    document, after = convert(orjson.dumps(entry) + b"\n" + orjson.dumps({"ts": TIME, "msg": "after"}))
    assert "unparsed" not in document.get("shipper", {}).get("flags", [])
    assert after["message"] == "after"


def test_flags_and_a_name_that_is_ours_are_kept_as_text() -> None:
    flagged, named = convert(b"".join(orjson.dumps(entry) + b"\n" for entry in (POISON[0], POISON[2])))
    assert flagged["shipper"]["flags"] == ["{'a': 1}", "assumed_time"]
    assert (named["labels"]["shipper"], named["shipper"]["flags"]) == ("x", ["assumed_time"])


@pytest.mark.parametrize("defect", [KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError])
def test_a_defect_of_a_format_costs_a_line_its_fields_only(defect: type, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise defect

    monkeypatch.setattr(json_line.JsonLine, "parse", broken)
    assert [document["message"] for document in convert(b'{"msg":"x"}\nplain\n')] == ['{"msg":"x"}', "plain"]


def test_a_defect_of_the_builder_costs_a_record_its_fields_only(monkeypatch: pytest.MonkeyPatch) -> None:
    real = trace.take

    def broken(fields: dict[str, Any]) -> None:
        if fields["message"] == "x":
            raise KeyError("x")
        real(fields)

    monkeypatch.setattr(trace, "take", broken)
    found, after = convert(b'{"msg":"x","password":"hunter2"}\n{"msg":"y"}\n')
    assert found["message"] == '{"msg":"x","password":"hunter2"}'
    assert found["shipper"]["flags"] == ["unparsed", "assumed_time"]
    assert after["message"] == "y"
    decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=0)
    (masked,) = decoder.feed(b'{"msg":"x","password":"hunter2"}\n').each()
    assert "hunter2" not in str(masked)


def _names() -> list[str]:
    """What the code for JSON loggers calls by name."""
    found: set[str] = set()
    pending: list[Any] = [
        value
        for name, module in sys.modules.items()
        if name.startswith("shipper.agent.codec.structured.")
        for value in vars(module).values()
        if getattr(value, "__module__", name) == name
    ]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.update([value] if len(value) < 32 and " " not in value else [])
        elif isinstance(value, tuple | frozenset | set | list):
            pending += value
        elif isinstance(value, dict):
            pending += [*value.keys(), *value.values()]
        elif isinstance(value, type):
            pending += vars(value).values()
        elif hasattr(value, "__code__"):
            pending.append(value.__code__)
        elif hasattr(value, "co_consts"):
            pending += value.co_consts
    return sorted(found)


NAMES = _names()
scalars = st.sampled_from(["", "x", "GET", TIME, "a.py:7", "-1", "two\nlines", 0, 30, 200, -1, 2**63, 1.5, True, None])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)
entries = st.builds(
    lambda known, more: {**known, **more},
    st.sampled_from([{}, *POISON]),
    st.dictionaries(st.sampled_from([*NAMES, "shipper", "shipper.flags", "ecs.version"]), values, max_size=6),
)


def test_the_names_are_those_of_all_loggers() -> None:
    assert {"resourceLogs", "EdgeStartTimestamp", "RequestMethod", "short_message", "levelname", "shipper.flags"} <= {
        *NAMES
    }


@given(st.lists(entries, min_size=1, max_size=4))
def test_no_object_ends_the_reading_of_its_file(lines: list[dict[str, Any]]) -> None:
    """Each line, and the one after it, becomes a document; none for want of code that expects its types."""
    found = convert(b"".join(orjson.dumps(line) + b"\n" for line in [*lines, {"ts": TIME, "msg": "after"}]))
    assert len(found) >= len([line for line in lines if line and "resourceLogs" not in line]) + 1
    assert found[-1]["message"] == "after"
