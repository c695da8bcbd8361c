from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from shipper.cli.rules import command
from shipper.clock import ManualClock, iso_utc
from shipper.errors import FindingError, UsageError
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.routing.matcher import parse_matcher
from shipper.rules.routing.mute import KEPT, Mutes, MuteStore
from tests.support import stack
from tests.support.rule_receiver import Receiver
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from pathlib import Path

    from elasticsearch import Elasticsearch


pytestmark = pytest.mark.elasticsearch

WATCHED = (
    "name: watched\ntype: threshold\nabove: 3\nwindow: 10s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 20s\n"
    "remind: 20s\nrecover: 10s\ngroup_by: [service.name]\n"
)


def evaluator(client: Elasticsearch, prefix: str, clock: ManualClock, receiver: Receiver) -> Evaluator:
    around = Surroundings(client, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix)
    return Evaluator([rule(WATCHED)], around)


def burst(client: Elasticsearch, index: str, at: int) -> None:
    lines: list[Any] = []
    for number in range(5):
        lines += [{"create": {}}, {"@timestamp": iso_utc(at + number), "service": {"name": "shop"}}]
    assert not client.bulk(index=index, operations=lines)["errors"]


@pytest.fixture
def evaluator_yml(prefix: str, tmp_path: Path) -> Path:
    parts = urlsplit(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())
    path = tmp_path / "evaluator.yml"
    path.write_text(
        f'elasticsearch: {{url: "{parts.scheme}://{parts.hostname}:{parts.port}", '
        f'user: "{unquote(parts.username or "")}", password: "{unquote(parts.password or "")}"}}\n'
        f'index_prefix: "{prefix}"\n'
    )
    return path


def call(*arguments: str, config: Path) -> Any:
    result = CliRunner().invoke(command, [*arguments, "-c", str(config), "--json"])
    if result.exception is not None:
        raise result.exception
    return json.loads(result.stdout)


def test_a_silence_is_heeded_by_a_running_evaluator_and_what_it_held_is_told_when_it_is_expired(
    elasticsearch, prefix, logs
):
    store, clock, receiver = MuteStore(elasticsearch, prefix), ManualClock(START), Receiver()
    running = evaluator(elasticsearch, prefix, clock, receiver)
    running.evaluate("watched")
    silence = store.add([parse_matcher("service.name=sh*")], (START, START + 3600), "ann", "move")
    burst(elasticsearch, logs, START)
    clock.advance(10)
    running.evaluate("watched")
    assert receiver.seen == []
    second = evaluator(elasticsearch, prefix, clock, receiver)  # what is held is in Elasticsearch, not in memory
    running.release()
    store.expire(silence.id, clock.time())
    clock.advance(6)
    second.evaluate("watched")
    assert [seen.kind for seen in receiver.seen] == ["firing"]
    assert receiver.seen[0].reason == f"held back until now by silence {silence.id} of ann: move"


def test_what_is_held_back_is_seen_in_status_and_in_the_metrics(elasticsearch, prefix, logs, evaluator_yml):
    store, clock, receiver = MuteStore(elasticsearch, prefix), ManualClock(START), Receiver()
    store.add([parse_matcher("service.name=sh*")], (START, START + 3600), "ann", "move")
    running = evaluator(elasticsearch, prefix, clock, receiver)
    before = call("status", config=evaluator_yml)
    assert (before["receivers"], before["rules"]) == ({}, {})
    running.evaluate("watched")
    burst(elasticsearch, logs, START)
    clock.advance(10)
    running.evaluate("watched")
    held = call("status", config=evaluator_yml)["receivers"]["hook"]
    assert held["waiting"] == {"silence": 1, "maintenance": 0, "group": 0, "retry": 0, "due": 0}
    clock.advance(60)
    running.evaluate("watched")
    status = call("status", config=evaluator_yml)
    hook = status["receivers"]["hook"]
    assert {name: number for name, number in hook["counts"].items() if number} == {"held_by_silence": 1, "left_out": 2}
    assert sum(hook["waiting"].values()) == 0
    assert hook["oldest_seconds"] is None
    assert status["rules"]["watched"]["not_handed_over"] == 0
    assert status["rules"]["watched"]["forgotten"] == 0
    elasticsearch.indices.refresh(index=f"{prefix}shipper-metrics-*")
    found = elasticsearch.search(
        index=f"{prefix}shipper-metrics-*", query={"term": {"event.dataset": "shipper.notify"}}, sort=["@timestamp"]
    )
    told = [hit["_source"]["shipper"]["notify"] for hit in found["hits"]["hits"]]
    assert [(one["receiver"], one["held_by_silence"], one["left_out"]) for one in told] == [
        ("hook", 1, 0), ("hook", 1, 2),
    ]  # fmt: skip
    assert [one["waiting"]["silence"] for one in told] == [1, 0]


def test_an_acknowledgement_given_by_command_stops_reminders_and_is_gone_after_the_end(
    elasticsearch, prefix, logs, evaluator_yml, tmp_path
):
    (tmp_path / "watched.yml").write_text("summary: s\nowner: o\nrunbook: r\n" + WATCHED)
    clock, receiver = ManualClock(START), Receiver()
    running = evaluator(elasticsearch, prefix, clock, receiver)
    running.evaluate("watched")
    with pytest.raises(FindingError, match="nothing that matches fires"):
        call("ack", str(tmp_path / "watched.yml"), config=evaluator_yml)
    for at in range(0, 60, 10):
        burst(elasticsearch, logs, START + at)
        clock.advance(10)
        running.evaluate("watched")
        if at == 0:
            (done,) = call("ack", str(tmp_path / "watched.yml"), "service.name=shop", config=evaluator_yml)
            assert done["group"] == {"service.name": "shop"}
            assert (done["new"], done["episode"]) == (True, receiver.seen[0].episode)
            (again,) = call("ack", str(tmp_path / "watched.yml"), config=evaluator_yml)
            assert again["new"] is False
    assert [seen.kind for seen in receiver.seen] == ["firing"]
    for _ in range(5):
        clock.advance(10)
        running.evaluate("watched")
    assert [seen.kind for seen in receiver.seen] == ["firing", "resolved"]
    elasticsearch.indices.refresh(index=f"{prefix}shipper-rule-state-mutes")
    assert MuteStore(elasticsearch, prefix).acks() == []


def test_silences_are_added_listed_and_expired_by_command(elasticsearch, prefix, evaluator_yml):
    words = ("silence", "add", "service.name=shop|mail", "severity!=info", "--for", "2h", "--comment", "move")
    added = call(*words, "--author", "ann", config=evaluator_yml)
    assert added["matchers"] == ["service.name=shop|mail", "severity!=info"]
    assert call("silence", "list", config=evaluator_yml) == [added]
    assert call("silence", "expire", added["id"], config=evaluator_yml)["until"] < added["until"]
    assert call("silence", "list", config=evaluator_yml) == []
    assert [item["author"] for item in call("silence", "list", "--all", config=evaluator_yml)] == ["ann"]
    with pytest.raises(UsageError, match="ended at"):
        call("silence", "expire", added["id"], config=evaluator_yml)
    with pytest.raises(UsageError, match="there is no silence `nope`"):
        call("silence", "expire", "nope", config=evaluator_yml)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x", "--for", "1h"), "`x` is no matcher"),
        (("x=1",), "a silence needs an end"),
        (("x=1", "--for", "1h", "--until", "2027-01-01T00:00:00Z"), "a silence needs an end"),
        (("x=1", "--until", "2027-01-01T00:00:00"), "is not a time with a zone"),
        (("x=1", "--until", "2020-01-01T00:00:00Z"), "ends before it begins"),
        (("x=1", "--for", "2"), "`2` is not a duration"),
    ],
)
def test_a_wrong_silence_is_refused(elasticsearch, evaluator_yml, words, message):
    with pytest.raises(UsageError, match=message):
        call("silence", "add", *words, "--comment", "c", config=evaluator_yml)


def test_a_document_that_cannot_be_read_holds_nothing_back_and_old_silences_go(elasticsearch, prefix, caplog):
    store, clock = MuteStore(elasticsearch, prefix), ManualClock(START)
    store.add([parse_matcher("a=b")], (START - KEPT - 100, START - KEPT - 1), "ann", "old")
    kept = store.add([parse_matcher("a=b")], (START - 100, START - 1), "ann", "ended")
    for number, source in enumerate(({"body": "{"}, {"body": 7}, {})):
        elasticsearch.index(
            index=f"{prefix}shipper-rule-state-mutes", id=f"silence:bad{number}", document=source, refresh=True
        )
    Mutes(store, (), clock).refresh()
    elasticsearch.indices.refresh(index=f"{prefix}shipper-rule-state-mutes")
    assert [silence.id for silence in store.silences()] == [kept.id]
    assert "silence:bad0 cannot be read and is ignored" in caplog.text
