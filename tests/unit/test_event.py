from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.event import MISSING, Stream, daily_index, get_field, iter_fields, set_field

names = st.lists(st.sampled_from("abc"), min_size=1, max_size=4)


def spell(parts: list[str], cuts: list[bool], value: object) -> dict[str, object]:
    """A document that holds `value` at parts, each boundary nested or dotted as `cuts` says."""
    keys, current = [], parts[0]
    for part, nested in zip(parts[1:], cuts, strict=False):
        if nested:
            keys.append(current)
            current = part
        else:
            current += "." + part
    keys.append(current)
    node: object = value
    for key in reversed(keys):
        node = {key: node}
    assert isinstance(node, dict)
    return node


@given(names, st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_field_is_found_nested_dotted_or_mixed(parts, cuts):
    assert get_field(spell(parts, cuts, 7), ".".join(parts)) == 7


@given(names)
def test_what_was_set_is_got_and_listed(parts):
    document: dict[str, object] = {}
    set_field(document, ".".join(parts), 1)
    assert get_field(document, ".".join(parts)) == 1
    assert list(iter_fields(document)) == [(".".join(parts), 1)]


@pytest.mark.parametrize("document", [{}, {"a": 1}, {"a": {"c": 1}}, {"a.c": 1}, {"a": None}])
def test_an_absent_field_is_missing_and_null_is_not(document):
    assert get_field(document, "a.b") is MISSING
    assert get_field(document, "a.b", "default") == "default"
    assert get_field({"a": {"b": None}}, "a.b") is None


def test_a_scalar_in_the_way_is_an_error():
    with pytest.raises(ValueError, match="error holds str"):
        set_field({"error": "text"}, "error.message", "x")


def test_the_day_of_the_timestamp_names_the_index():
    assert daily_index(Stream.LOGS, "2026-11-23T23:59:59.999Z") == "shipper-logs-2026.11.23"
    assert daily_index(Stream.CAMPAIGNS, "2026-01-02T00:00:00Z", prefix="eu-") == "eu-campaign-events-2026.01.02"
