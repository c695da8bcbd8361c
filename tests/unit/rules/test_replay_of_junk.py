"""Recorded events may hold anything: what cannot be replayed is named, and nothing runs for ever."""

from __future__ import annotations

import gzip
import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from shipper.errors import UsageError
from shipper.rules.eventfile import EventFile
from shipper.rules.replay import changes, replay_all
from shipper.rules.timeline import Timeline
from tests.support.rule_stream import rule, rules, stream

if TYPE_CHECKING:
    from pathlib import Path

WATCHED = "name: r\ntype: threshold\nabove: 0\n"
GOOD = '{"@timestamp": "2026-01-01T00:00:00Z"}'


def replayed(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with EventFile(path) as history:
        assert sum(history.scan()) == path.stat().st_size
        return [change.after.value for change in replay_all([rule(WATCHED)], history) if change is not None]


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


def test_lines_in_any_order_twice_or_from_a_pipe_are_replayed_in_the_order_they_arrived(tmp_path):
    documents = stream(5, 160)
    lines = [json.dumps(document) for document in documents]
    plain, mixed, pipe = tmp_path / "plain", tmp_path / "mixed", tmp_path / "pipe"
    plain.write_text("\n".join(sorted(lines, key=lambda line: json.loads(line)["event"]["ingested"])) + "\n")
    mixed.write_text("\n\n".join(lines))
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(mixed.read_bytes()))
    writer.start()

    def told(path: Path) -> list[dict[str, Any]]:
        with EventFile(path) as history:
            assert sum(history.scan()) > 0
            assert len(history) < len(lines), "duplicates are left out"
            return [change.as_json(()) for change in replay_all(rules(), history) if change is not None]

    expected = told(plain)
    assert len(expected) > 10
    by_rule = sorted(expected, key=lambda change: change["rule"])
    assert told(mixed) == told(pipe) == expected
    writer.join()
    alone = Timeline()
    for document in {document["_id"]: document for document in documents}.values():
        alone.add({key: value for key, value in document.items() if key != "_id"})
    each = [
        change.as_json(()) for rule in sorted(rules(), key=lambda rule: rule.name) for change in changes(rule, alone)
    ]
    assert by_rule == each, "many rules in one pass give what each gives alone"


def test_a_file_that_gzip_packed_is_replayed_like_the_plain_one_also_from_a_pipe(tmp_path):
    text = "\n".join([GOOD] * 3)
    (tmp_path / "e.gz").write_bytes(gzip.compress(text.encode()))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes((tmp_path / "e.gz").read_bytes()))
    writer.start()
    plain = replayed(tmp_path / "e", text)
    for packed in (tmp_path / "e.gz", pipe):
        with EventFile(packed) as history:
            assert sum(history.scan()) == len(text) == history.size
            assert [one.after.value for one in replay_all([rule(WATCHED)], history) if one is not None] == plain != []
    writer.join()


@pytest.mark.parametrize("cut", [lambda packed: packed[:-9], lambda packed: packed[:20] + b"junk" + packed[24:]])
def test_a_damaged_archive_is_refused_whole(tmp_path, cut):
    (tmp_path / "e.gz").write_bytes(cut(gzip.compress(os.urandom(500).hex().encode())))
    with pytest.raises(UsageError, match="the gzip archive is damaged"):
        EventFile(tmp_path / "e.gz")


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (b'{"@timestamp": ', "not JSON: unexpected end of data, at column 16", "one JSON document a line"),
        (b'[{"a": 1},', "not JSON", "jq -c '.[]' FILE"),
        (b'{"_source": {"@timestamp": "2026-01-01"}}', "`@timestamp` is missing", "jq -c '._source + {_id}' FILE"),
        (b'{"message": "m\xfcn"}', "not UTF-8", "one JSON document a line"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_the_way_out(tmp_path, line, message, hint):
    (tmp_path / "e").write_bytes(GOOD.encode() + b"\n" + line)
    with EventFile(tmp_path / "e") as history, pytest.raises(UsageError) as refused:
        list(history.scan())
    assert message in refused.value.message
    assert hint in str(refused.value.hint)
    assert refused.value.where == f"{tmp_path / 'e'}:2"
