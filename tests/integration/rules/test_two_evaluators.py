from __future__ import annotations

import json
import logging
import threading
import time
from typing import TYPE_CHECKING

import pytest
from elasticsearch import Elasticsearch

from shipper.clock import ManualClock, iso_utc
from shipper.rules.clusterclock import ClusterClock
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.explain import explain
from shipper.rules.fields import field_types
from shipper.rules.notifier import Failed, Outcome, Retry, Sent
from shipper.rules.overview import overview
from shipper.rules.query import CellReader
from shipper.rules.state import RuleState
from shipper.rules.statestore import LostLeaseError, StateStore
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.rules.notification import Notification

pytestmark = pytest.mark.elasticsearch

WATCHED = "name: watched\ntype: threshold\nabove: 3\nwindow: 10s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 20s\n"


class Receiver:
    """Answers with the outcomes it was given, then takes everything."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.seen: list[Notification] = []

    def notify(self, notification: Notification) -> Outcome:
        self.seen.append(notification)
        return self._outcomes.pop(0) if self._outcomes else Sent()

    def close(self) -> None:
        pass

    @property
    def kinds(self) -> list[str]:
        return [told.kind for told in self.seen]


def evaluator(
    client: Elasticsearch,
    prefix: str,
    clock: ManualClock,
    receiver: Receiver,
    text: str = WATCHED,
    files: dict[str, Path] | None = None,
) -> Evaluator:
    around = Surroundings(
        client, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix, lease=15.0, files=files or {}
    )
    return Evaluator([rule(text)], around)


def burst(client: Elasticsearch, index: str, at: int = START) -> None:
    for number in range(5):
        client.index(index=index, document={"@timestamp": iso_utc(at + number), "message": f"failed {number}"})


def test_f16_f17_f19_two_evaluators_notify_once(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver()
    pair = [evaluator(elasticsearch, prefix, clock, receiver) for _ in range(2)]
    for _ in range(4):
        for each in pair:
            each.evaluate("watched")
        clock.advance(10)
    assert [seen.kind for seen in receiver.seen] == ["firing", "resolved"]


def test_a_second_evaluator_takes_over_when_the_lease_ends(elasticsearch, prefix, logs):
    clock, first, second = ManualClock(START), Receiver(), Receiver()
    evaluator(elasticsearch, prefix, clock, first).evaluate("watched")
    burst(elasticsearch, logs)
    other = evaluator(elasticsearch, prefix, clock, second)
    clock.advance(10)
    assert other.evaluate("watched") == []
    clock.advance(10)
    other.evaluate("watched")
    assert [seen.kind for seen in second.seen] == ["firing"]
    assert first.seen == []


def test_one_that_has_no_rule_yet_runs_on_and_takes_over(elasticsearch, prefix, logs, monkeypatch):
    clock, first, second = ManualClock(START), Receiver(), Receiver()
    evaluator(elasticsearch, prefix, clock, first).evaluate("watched")
    burst(elasticsearch, logs)
    other, stop = evaluator(elasticsearch, prefix, clock, second), threading.Event()

    def end() -> None:
        if clock.time() > START + 25:
            stop.set()

    monkeypatch.setattr(other, "look", end)
    other.run(stop)
    assert [seen.kind for seen in second.seen] == ["firing", "resolved"]


def test_one_that_begins_again_while_something_burns_looks_as_the_one_before_it_did(elasticsearch, prefix, logs):
    clock, receiver = ManualClock(START), Receiver()
    evaluator(elasticsearch, prefix, clock, receiver).once()
    burst(elasticsearch, logs)
    clock.advance(11)
    evaluator(elasticsearch, prefix, clock, receiver).once()
    assert evaluator(elasticsearch, prefix, clock, receiver).once() == [], "it was looked at"
    assert [seen.kind for seen in receiver.seen] == ["firing"]
    clock.advance(15)
    evaluator(elasticsearch, prefix, clock, receiver).once()
    assert [(seen.kind, seen.at) for seen in receiver.seen[1:]] == [("resolved", iso_utc(START + 25))]


def test_a_writer_that_read_an_older_version_is_told_so(elasticsearch, prefix):
    store = StateStore(elasticsearch, prefix)
    watched = rule(WATCHED)
    one, two = store.load(watched), store.load(watched)
    store.save(one, START)
    with pytest.raises(LostLeaseError):
        store.save(two, START)
    again = store.load(watched)
    store.save(again, START)
    with pytest.raises(LostLeaseError):
        store.save(one, START)


def test_f34_a_receiver_that_cannot_take_it_now_gets_it_later_with_the_same_key(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver(Retry("answered 503"), Retry("answered 429", after=3))
    running = evaluator(elasticsearch, prefix, clock, receiver)
    for _ in range(10):
        running.evaluate("watched")
        clock.advance(1)
    assert [seen.kind for seen in receiver.seen] == ["firing"] * 3
    assert len({seen.key for seen in receiver.seen}) == 1


def test_a_refused_notification_is_not_tried_again(elasticsearch, prefix, logs, caplog):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver(Failed("answered 400"))
    running = evaluator(elasticsearch, prefix, clock, receiver)
    for _ in range(5):
        running.evaluate("watched")
        clock.advance(1)
    assert len(receiver.seen) == 1
    assert "not delivered to hook: answered 400" in caplog.text


def test_a_notification_carries_examples_and_all_that_the_person_on_call_needs(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver()
    evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched")
    (told,) = receiver.seen
    assert [example.message for example in told.examples] == ["failed 4", "failed 3", "failed 2"]
    assert told.value == 5
    assert (told.owner, told.runbook, told.summary) == ("o", "r", "s")
    assert told.since == iso_utc(START + 10)
    assert "5 documents in 10s" in told.title


def test_a_notification_says_what_differs_where_to_look_and_how_to_ask(elasticsearch, prefix, logs):
    text = (
        "name: watched\ntype: ratio\nof: 'event.outcome: failure'\nabove_percent: 10\nmin_count: 20\nwindow: 60s\n"
        "every: 60s\ngrace: 5s\nlate: 60s\nfilter: 'service.name: *'\ngroup_by: [service.name]\n"
    )
    operations: list[dict[str, object]] = []
    for number in range(200):
        host = f"h{number % 4}"
        document: dict[str, object] = {
            "@timestamp": iso_utc(START + number / 4),
            "service": {"name": "shop", "version": "2.0" if host == "h3" else "1.9"},
            "host": {"name": host},
            "event": {"outcome": "failure" if host == "h3" else "success"},
            "error": {"id": "e1"} if host == "h3" else {},
            "trace": {"id": f"t{number}"},
        }
        operations += [{"create": {}}, document]
    assert not elasticsearch.bulk(index=logs, operations=operations)["errors"]
    clock, receiver = ManualClock(START + 60), Receiver()
    around = Surroundings(
        elasticsearch, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix, "https://kibana:5601/"
    )
    Evaluator([rule(text)], around).evaluate("watched")
    (told,) = receiver.seen
    assert [difference.text for difference in told.differs] == [
        "host.name=h3 in 100% of them, 0% of the others",
        "service.version=2.0 in 100% of them, 0% of the others",
        "error.id=e1 in 100% of them, 0% of the others",
    ]
    assert [example.error_id for example in told.examples] == ["e1"] * 3
    assert [example.trace_id for example in told.examples] == ["t199", "t195", "t191"]
    assert told.query == '(service.name: *) and (event.outcome: failure) and service.name: "shop"'
    assert told.links["kibana"].startswith("https://kibana:5601/app/discover#/?_g=(time:(from:'2026-01-05T09:59:00")


def test_f31_f32_a_missing_index_is_incomplete_and_is_reported_not_taken_for_silence(elasticsearch, prefix):
    clock, receiver = ManualClock(START), Receiver()
    running = evaluator(elasticsearch, prefix, clock, receiver, WATCHED + "index: no-such-index-*\n")
    changes = []
    for _ in range(64):
        changes += running.evaluate("watched")
        clock.advance(10)
    assert [(change.before, change.after, change.complete) for change in changes] == [("ok", "incomplete", False)]
    assert [seen.kind for seen in receiver.seen] == ["incomplete"]


def test_the_agents_watermark_closes_windows_and_a_lagging_agent_holds_them_open(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    metrics = logs.replace("logs", "metrics")

    def beat(at: float, watermark: float) -> None:
        document = {
            "@timestamp": iso_utc(at), "event": {"dataset": "shipper.heartbeat"},
            "agent": {"id": "a"}, "shipper": {"watermark": iso_utc(watermark)},
        }  # fmt: skip
        elasticsearch.index(index=metrics, document=document)

    clock, receiver = ManualClock(START + 10), Receiver()
    running = evaluator(elasticsearch, prefix, clock, receiver)
    beat(START + 9, START + 5)
    for _ in range(6):
        running.evaluate("watched")
        clock.advance(10)
    assert [seen.kind for seen in receiver.seen] == ["firing"], "an open window may fire, it may never resolve"
    assert receiver.seen[0].complete is False
    beat(START + 69, START + 69)
    running.evaluate("watched")
    assert [seen.kind for seen in receiver.seen] == ["firing", "resolved"]


def test_f2_what_was_acknowledged_is_seen_without_waiting_for_a_refresh(elasticsearch, prefix, logs):
    elasticsearch.indices.put_settings(index=logs, settings={"refresh_interval": "-1"})
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver()
    evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched")
    assert [seen.value for seen in receiver.seen] == [5]


def test_f33_a_receiver_that_fails_for_ever_holds_up_no_other(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    clock, broken, sound = ManualClock(START + 10), Receiver(*[Retry("down")] * 99), Receiver()
    around = Surroundings(
        elasticsearch,
        clock,
        field_types(),
        {"broken": broken, "sound": sound},
        {"default": ("broken", "sound")},
        prefix,
    )
    running = Evaluator([rule(WATCHED)], around)
    for _ in range(4):
        running.evaluate("watched")
        clock.advance(10)
    assert [seen.kind for seen in sound.seen] == ["firing", "resolved"]


@pytest.mark.parametrize(
    "damage",
    [{"state": "{"}, {"state": 7}, {"state": '{"last": "x"}'}, {"alerts": "[3]"}, {"owner": None}, {"until": []}],
)
def test_state_that_cannot_be_read_is_set_aside_said_and_judged_afresh(elasticsearch, prefix, logs, damage):
    clock, receiver = ManualClock(START), Receiver()
    evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched")
    index = f"{prefix}shipper-rule-state"
    source = {**elasticsearch.get(index=index, id="watched")["_source"], **damage}
    elasticsearch.index(index=index, id="watched", document=source)
    burst(elasticsearch, logs)
    clock.advance(20)
    running = evaluator(elasticsearch, prefix, clock, receiver)
    for _ in range(3):
        running.evaluate("watched")
        clock.advance(10)
    assert [seen.kind for seen in receiver.seen][:2] == ["incomplete", "complete"]
    assert "set aside as" in receiver.seen[0].text
    elasticsearch.indices.refresh(index=index)
    kept = elasticsearch.search(index=index)["hits"]["hits"]
    (copy,) = [hit for hit in kept if hit["_id"].startswith("watched.damaged-")]
    assert json.loads(copy["_source"]["damaged"]) == source


GROUPED = WATCHED + "group_by: [service.name]\n"


def test_a_rule_that_groups_by_other_fields_ends_the_alerts_it_had(elasticsearch, prefix, logs, caplog):
    for number in range(5):
        document = {"@timestamp": iso_utc(START + number), "service": {"name": "shop"}, "host": {"name": "h"}}
        elasticsearch.index(index=logs, document=document)
    clock, receiver = ManualClock(START + 10), Receiver()
    before = evaluator(elasticsearch, prefix, clock, receiver, GROUPED)
    before.evaluate("watched")
    before.release()
    clock.advance(10)
    after = evaluator(elasticsearch, prefix, clock, receiver, WATCHED + "group_by: [host.name]\n")
    for _ in range(2):
        after.evaluate("watched")
        clock.advance(10)
    told = [(str(seen.kind), seen.group.get("service.name")) for seen in receiver.seen]
    assert told[:2] == [("firing", "shop"), ("resolved", "shop")]
    assert told.count(("resolved", "shop")) == 1
    assert "it groups by host.name, no longer by service.name" in receiver.seen[1].text
    assert "groups by other fields now" in caplog.text


def test_state_of_a_newer_version_is_left_alone_and_the_rule_said_to_lag(elasticsearch, prefix, logs, caplog):
    clock, receiver = ManualClock(START), Receiver()
    first = evaluator(elasticsearch, prefix, clock, receiver)
    first.evaluate("watched")
    first.release()
    index = f"{prefix}shipper-rule-state"
    source = elasticsearch.get(index=index, id="watched")["_source"]
    source["state"] = json.dumps(json.loads(source["state"]) | {"version": 99})
    elasticsearch.index(index=index, id="watched", document=source)
    burst(elasticsearch, logs)
    clock.advance(10)
    assert evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched") == []
    assert "stored by a newer version of Shipper" in caplog.text
    assert elasticsearch.get(index=index, id="watched")["_source"] == source


def test_an_alert_of_a_rule_that_nobody_evaluates_is_named_in_the_log_and_in_the_status(
    elasticsearch, prefix, logs, caplog
):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver()
    removed = evaluator(elasticsearch, prefix, clock, receiver)
    removed.evaluate("watched")
    removed.release()
    other = evaluator(elasticsearch, prefix, clock, receiver, WATCHED.replace("watched", "other"))
    clock.advance(1300)
    other.evaluate("other")
    other._broom.sweep()
    assert "rule watched is evaluated by nobody since" in caplog.text
    assert "rule other is evaluated by nobody" not in caplog.text
    found = overview(elasticsearch, prefix, clock.time())["rules"]["watched"]
    assert (found["firing"], found["unattended_seconds"]) == (1, 1300)
    assert receiver.kinds == ["firing"]


@pytest.mark.parametrize("how", ["its file was removed", "nobody has it for a day"])
def test_the_alerts_of_a_removed_rule_are_ended_and_say_so(elasticsearch, prefix, logs, tmp_path, how):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver()
    file = tmp_path / "watched.yml"
    file.touch()
    removed = evaluator(elasticsearch, prefix, clock, receiver, files={"watched": file})
    removed.evaluate("watched")
    removed.release()
    other = evaluator(elasticsearch, prefix, clock, receiver, WATCHED.replace("watched", "other"))
    clock.advance(1300)
    other._broom.look_for_removed()
    other.evaluate("other")
    assert receiver.kinds == ["firing"]
    if how == "its file was removed":
        file.unlink()
    else:
        clock.advance(86_400)
    for _ in range(2):
        other._broom.look_for_removed()
        other.evaluate("other")
    assert receiver.kinds == ["firing", "resolved"]
    assert receiver.seen[0].episode == receiver.seen[1].episode
    assert receiver.seen[1].text.startswith("the rule is gone: ")
    assert overview(elasticsearch, prefix, clock.time())["rules"]["watched"]["firing"] == 0


def test_what_waits_in_the_outbox_of_a_damaged_document_is_still_sent(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver(Retry("down"))
    evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched")
    index = f"{prefix}shipper-rule-state"
    source = {**elasticsearch.get(index=index, id="watched")["_source"], "state": "{"}
    elasticsearch.index(index=index, id="watched", document=source)
    clock.advance(30)
    evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched")
    assert [seen.kind for seen in receiver.seen] == ["firing", "firing", "incomplete", "complete"]
    assert receiver.seen[0].key == receiver.seen[1].key


def test_a_clock_that_is_far_off_holds_the_rules_and_one_a_little_off_is_named(elasticsearch, prefix, logs, caplog):
    clock, receiver = ManualClock(time.time()), Receiver()
    clocks = ClusterClock(elasticsearch, clock, limit=10)
    around = Surroundings(
        elasticsearch, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix, cluster_clock=clocks
    )
    running = Evaluator([rule(WATCHED)], around)
    assert clocks.hold() is None
    assert caplog.text == ""
    clock.jump(-7200)
    running.evaluate("watched")
    assert not elasticsearch.indices.exists(index=f"{prefix}shipper-rule-state"), "nothing was evaluated"
    assert "s behind the cluster's, more than 10 s: no rule is evaluated" in caplog.text
    clock.jump(time.time() + 9 - clock.time())
    assert clocks.hold() is None
    assert "s ahead of the cluster's: windows close that much too early" in caplog.text


def test_a_clock_that_jumps_an_hour_ahead_resolves_nothing(elasticsearch, prefix, logs):
    clock, receiver = ManualClock(time.time() // 10 * 10), Receiver()
    burst(elasticsearch, logs, int(clock.time()) - 5)
    around = Surroundings(
        elasticsearch, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix,
        cluster_clock=ClusterClock(elasticsearch, clock, limit=300),
    )  # fmt: skip
    running = Evaluator([rule(WATCHED.replace("window: 10s", "window: 10m"))], around)
    running.evaluate("watched")
    assert receiver.kinds == ["firing"]
    clock.advance(5)
    clock.jump(3600)
    running.evaluate("watched")
    assert receiver.kinds == ["firing"]
    clock.jump(-3600)
    running.evaluate("watched")
    assert running.hold() is None


def test_a_cluster_that_does_not_say_its_time_holds_nothing():
    with Elasticsearch("http://127.0.0.1:1", max_retries=0) as client:
        assert ClusterClock(client, ManualClock(0), limit=1).hold() is None


def test_f29_explain_shows_the_query_the_last_cells_and_why_of_every_group(elasticsearch, prefix, logs):
    for number in range(60):
        document = {"@timestamp": iso_utc(START + number % 20), "host": {"name": f"h{number % 30}"}}
        elasticsearch.index(index=logs, document=document)
    watched = rule(WATCHED.replace("above: 3", "above: 0") + "group_by: [host.name]\n")
    told = explain(watched, CellReader(elasticsearch, field_types(), prefix), RuleState(), START + 20)
    assert len(told["groups"]) == 30
    first = told["groups"][0]
    assert first["last_cells"] == [{"from": iso_utc(START + 10), "count": first["value"]}]
    assert (first["outcome"], first["why"]) == ("breach", "it breaches now, and is judged at the next evaluation")
    (asked,) = told["requests"]
    assert asked["path"] == f"/{told['index']}/_search"
    assert len(elasticsearch.search(index=told["index"], **asked["body"])["aggregations"]["cells"]["buckets"]) == 30


def test_an_incident_of_many_groups_is_alarmed_without_a_search_for_each(elasticsearch, prefix, logs, caplog):
    operations: list[dict[str, object]] = []
    for host in range(1500):
        operations += [{"create": {}}, {"@timestamp": iso_utc(START + 1), "host": {"name": f"h{host}"}}]
    assert not elasticsearch.bulk(index=logs, operations=operations)["errors"]
    clock = ManualClock(START + 10)
    text = WATCHED.replace("above: 3", "above: 0") + "group_by: [host.name]\n"
    around = Surroundings(elasticsearch, clock, field_types(), {}, {"default": ()}, prefix)
    caplog.set_level(logging.INFO, "elastic_transport.transport")
    changes = Evaluator([rule(text)], around).evaluate("watched")
    asked = [record for record in caplog.records if record.name == "elastic_transport.transport"]
    assert len(changes) == 1500
    assert 5 < len(asked) < 100, "twenty are searched for examples, the alerts go in bulks"
    elasticsearch.indices.refresh(index=f"{prefix}shipper-alerts")
    assert elasticsearch.count(index=f"{prefix}shipper-alerts")["count"] == 1500


def test_an_alert_document_that_is_refused_is_logged_and_holds_up_nothing(elasticsearch, prefix, logs, caplog):
    elasticsearch.indices.put_mapping(
        index=f"{prefix}shipper-alerts", properties={"rule": {"properties": {"name": {"type": "long"}}}}
    )
    burst(elasticsearch, logs)
    clock, receiver = ManualClock(START + 10), Receiver()
    evaluator(elasticsearch, prefix, clock, receiver).evaluate("watched")
    assert [seen.kind for seen in receiver.seen] == ["firing"]
    assert "is refused and dropped" in caplog.text
