"""Whether patterns of index names overlap."""

from __future__ import annotations

import fnmatch
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.stack.shadows import overlap

PATTERNS = st.text(alphabet="ab*", max_size=3)
NAMES = ["".join(letters) for size in range(7) for letters in itertools.product("ab", repeat=size)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("*", "shipper-logs-*", True),
        ("shipper-*", "shipper-logs-*", True),
        ("shipper-logs-2026.*", "shipper-logs-*", True),
        ("*-2026*", "shipper-logs-*", True),
        ("logs-*-*", "shipper-logs-*", False),
        ("shipper-log", "shipper-logs-*", False),
        ("shipper-alerts", "shipper-alerts*", True),
        ("a-shipper-logs-*", "shipper-logs-*", False),
    ],
)
def test_patterns_overlap_where_one_name_matches_both(first, second, expected):
    assert overlap(first, second) is overlap(second, first) is expected


@given(PATTERNS, PATTERNS)
def test_it_agrees_with_trying_every_short_name(first, second):
    tried = any(fnmatch.fnmatchcase(name, first) and fnmatch.fnmatchcase(name, second) for name in NAMES)
    assert overlap(first, second) is tried
