"""Wildcards on plain documents: the answer of a regular expression, without its explosions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.kql import matches, parse


@given(st.lists(st.text("ab.", max_size=3), min_size=2, max_size=5), st.text("ab.", max_size=12))
def test_a_wildcard_finds_what_the_regular_expression_finds(parts, text):
    if not any(parts):
        return  # only stars: the field exists
    wanted = re.fullmatch(".*".join(map(re.escape, parts)), text) is not None
    assert matches(parse(f"host.name: {'*'.join(parts)}"), {"host": {"name": text}}, {"host.name": "keyword"}) is wanted


@pytest.mark.parametrize("kind", ["keyword", "match_only_text"])
def test_a_wildcard_of_many_stars_ends_at_once_where_a_regular_expression_explodes(kind):
    query = parse(f"message: {'a*' * 60}b")
    assert not matches(query, {"message": "a" * 5000}, {"message": kind})
    assert matches(query, {"message": "a" * 5000 + "b"}, {"message": kind})
