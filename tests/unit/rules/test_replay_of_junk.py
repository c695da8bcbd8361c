"""Recorded events may hold anything: what cannot be replayed is named, and nothing runs for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shipper.errors import UsageError
from shipper.rules.replay import Timeline, changes, read_events
from tests.support.rule_stream import rule

if TYPE_CHECKING:
    from pathlib import Path

WATCHED = "name: r\ntype: threshold\nabove: 0\n"
GOOD = '{"@timestamp": "2026-01-01T00:00:00Z"}'


def replayed(path: Path, text: str) -> list[str]:
    path.write_text(text)
    timeline = Timeline()
    for document in read_events(path):
        timeline.add(document)
    return [change.after.value for change in changes(rule(WATCHED), timeline)]


@pytest.mark.parametrize("value", ['"junk"', "[]", "{}", "true"])
def test_an_arrival_that_is_no_date_is_named_with_its_line(tmp_path, value):
    with pytest.raises(UsageError, match=r"`event\.ingested` is not a date") as refused:
        replayed(tmp_path / "e", f'{GOOD}\n{{"@timestamp": "2026-01-01T00:00:00Z", "event": {{"ingested": {value}}}}}')
    assert refused.value.where == f"{tmp_path / 'e'}:2"


@pytest.mark.parametrize("year", ["1970", "9999"])
def test_a_document_years_from_the_others_is_refused_instead_of_counted_through(tmp_path, year):
    with pytest.raises(UsageError, match="times") as refused:
        replayed(tmp_path / "e", f'{GOOD}\n{{"@timestamp": "{year}-01-01T00:00:00Z"}}')
    assert refused.value.where is not None
    assert year in refused.value.where


def test_a_document_that_only_claims_to_be_old_does_not_stop_a_replay(tmp_path):
    old = '{"@timestamp": "1970-01-01T00:00:00Z", "event": {"ingested": "2026-01-01T00:00:00Z"}}'
    assert replayed(tmp_path / "e", f"{GOOD}\n{old}") == replayed(tmp_path / "f", GOOD) != []
