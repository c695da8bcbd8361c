"""What every processor promises: documents stay JSON, a second pass changes nothing, and nothing crashes."""

from __future__ import annotations

import copy

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.processor.redact import Redactor, RedactSettings

WORDS = st.sampled_from(["password", "token", "user", "message", "url", "secret", "Bearer abc.def.ghi", "plain"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(WORDS, VALUES, max_size=5)


@given(DOCUMENTS)
def test_redaction_counts_what_it_changes_and_a_second_pass_changes_nothing(document):
    redactor = Redactor(RedactSettings())
    before = copy.deepcopy(document)
    count = redactor.clean(document)
    orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    assert (count > 0) == (document != before)
    after = copy.deepcopy(document)
    redactor.clean(document)
    assert document == after


@given(DOCUMENTS)
def test_redaction_keeps_every_field_in_its_place(document):
    keys = set(document)
    Redactor(RedactSettings()).clean(document)
    assert set(document) == keys
