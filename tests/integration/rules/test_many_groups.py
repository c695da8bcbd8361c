"""What many groups and many rules cost, and what is kept of them where."""

from __future__ import annotations

import json
import resource
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper.clock import ManualClock, iso_utc
from shipper.rules.broom import EVERY, KEPT
from shipper.rules.bundle import bundle
from shipper.rules.change import Kind, episode_id
from shipper.rules.delivery import GIVE_UP
from shipper.rules.entry import Entry, parcels
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.notification import Notification
from shipper.rules.notifier import Outcome, Retry, Sent
from shipper.rules.routing.route import RouteSettings
from shipper.rules.state import GroupState, RuleState, Status
from shipper.rules.statestore import A_PAGE, A_SAY, A_SPILL, Held, StateStore
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.elasticsearch

WATCHED = (
    "name: watched\ntype: threshold\nabove: 0\nwindow: 10s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 20s\n"
    "group_by: [host.name]\n"
)
TOGETHER = RouteSettings(to=("hook",), group_by=("team",), group_wait=0, group_interval=0)  # type: ignore[arg-type]  # seconds


class Receiver:
    def __init__(self) -> None:
        self.seen: list[Notification] = []
        self.down = False

    def notify(self, notification: Notification) -> Outcome:
        if self.down:
            return Retry("down")
        self.seen.append(notification)
        return Sent()

    def close(self) -> None:
        pass


def around(client: Elasticsearch, prefix: str, clock: ManualClock, receiver: Receiver, **more: Any) -> Surroundings:
    return Surroundings(client, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix, **more)


def fill(client: Elasticsearch, index: str, hosts: int, at: int) -> None:
    for first in range(0, hosts, 10_000):
        lines: list[Any] = []
        for host in range(first, min(first + 10_000, hosts)):
            lines += [{"create": {}}, {"@timestamp": iso_utc(at), "host": {"name": f"h{host}"}}]
        assert not client.bulk(index=index, operations=lines)["errors"]


def stored(client: Elasticsearch, prefix: str, query: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    client.indices.refresh(index=f"{prefix}shipper-rule-state*")
    found = client.search(index=f"{prefix}shipper-rule-state", size=1000, query=query or {"match_all": {}})
    return {hit["_id"]: hit["_source"] for hit in found["hits"]["hits"]}


@pytest.mark.parametrize(
    "hosts",
    [
        pytest.param(10_000, id="ten thousand"),
        pytest.param(100_000, id="a hundred thousand", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
def test_an_incident_of_very_many_groups_is_told_in_messages_of_a_thousand_and_kept_in_pages(
    elasticsearch, prefix, logs, hosts
):
    fill(elasticsearch, logs, hosts, START + 1)
    clock, receiver = ManualClock(START + 10), Receiver()
    running = Evaluator([rule(WATCHED)], around(elasticsearch, prefix, clock, receiver, routing=(TOGETHER,)))
    began, cpu = time.perf_counter(), time.process_time()
    changes = running.evaluate("watched")
    while sum(len(one.alerts) for one in receiver.seen) < hosts and len(receiver.seen) < hosts:
        running.evaluate("watched")  # not due: only what waits is told
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{hosts} groups fire: told after {seconds:.1f} s wall, {cpu:.1f} s CPU here; peak {peak} MB")  # noqa: T201 - seen with pytest -s
    assert len(changes) == hosts
    assert [len(one.members) for one in receiver.seen] == [1000] * (hosts // 1000)
    assert len({alert.key for one in receiver.seen for alert in one.alerts}) == hosts
    documents = stored(elasticsearch, prefix)
    assert len(json.dumps(documents["watched"])) < 20_000
    assert max(len(json.dumps(source)) for source in documents.values()) < 500_000
    other = Evaluator([rule(WATCHED)], around(elasticsearch, prefix, clock, receiver, routing=(TOGETHER,)))
    running.release()
    clock.advance(10)
    resolved = other.evaluate("watched")
    assert len(resolved) == 0, "its window is still open: another evaluator knows all that fires"
    if hosts > 10_000:
        clock.advance(10)
        assert [change.after for change in other.evaluate("watched")] == ["resolved"] * hosts


def test_two_evaluators_with_rules_of_their_own_tell_one_message(elasticsearch, prefix, logs):
    fill(elasticsearch, logs, 2, START + 1)
    clock, receivers = ManualClock(START + 10), (Receiver(), Receiver())
    route = RouteSettings(to=("hook",), group_by=("team",), group_wait=8)  # type: ignore[arg-type]  # seconds
    one, two = (
        Evaluator(
            [rule(WATCHED.replace("watched", name))], around(elasticsearch, prefix, clock, receiver, routing=(route,))
        )
        for name, receiver in zip(("first", "second"), receivers, strict=True)
    )
    one.evaluate("first")
    two.evaluate("second")
    clock.advance(9)
    two.evaluate("second")
    one.evaluate("first")
    (told,) = receivers[0].seen
    assert receivers[1].seen == [], "the first has the lease of the receiver"
    assert [(alert.rule, alert.group["host.name"]) for alert in told.members] == [
        ("first", "h0"), ("first", "h1"), ("second", "h0"), ("second", "h1"),
    ]  # fmt: skip
    assert told.rule == "first, second"


def test_who_tells_dies_and_the_other_evaluator_tells_what_waited(elasticsearch, prefix, logs):
    fill(elasticsearch, logs, 3, START + 1)
    clock, first, second = ManualClock(START + 10), Receiver(), Receiver()
    first.down = True
    Evaluator([rule(WATCHED)], around(elasticsearch, prefix, clock, first)).evaluate("watched")
    other = Evaluator([rule(WATCHED)], around(elasticsearch, prefix, clock, second))
    other.evaluate("watched")
    assert second.seen == []
    clock.advance(21)
    other.evaluate("watched")
    assert [one.kind for one in second.seen] == ["firing"] * 3 + ["resolved"] * 3


def groups(number: int) -> RuleState:
    found = [GroupState(group=(f"h{n}",), status=Status.FIRING, since=START) for n in range(number)]
    found.sort(key=lambda group: group.group)
    return RuleState(shape=["host.name"], groups=found)


def test_what_very_many_groups_say_is_put_into_pages_as_it_is_said_and_comes_back_in_order(elasticsearch, prefix):
    store = StateStore(elasticsearch, prefix)
    store.prepare()
    held = Held("many", RuleState(shape=["host.name"]), owner="me")
    said = [
        Entry(notification=told(f"h{number}"), receivers=["hook", "mail"], created=START)
        for number in range(A_SPILL + 3 * A_SAY + 7)
    ]
    for number, one in enumerate(said):
        held.outbox.append(one)
        held.alerts.append(msgspec.Raw(msgspec.json.encode({"number": number})))
        store.spill(held, START)
        assert len(held.outbox) < A_SPILL, "more is not held in memory"
    assert StateStore(elasticsearch, prefix).load(rule(WATCHED.replace("watched", "many"))).outbox == []
    store.save(held, START)
    again = StateStore(elasticsearch, prefix).load(rule(WATCHED.replace("watched", "many")))
    for stored in (held, again):
        pages = list(store.said(stored))
        assert [told for _, _, entries in pages for told in entries] == said
        assert [json.loads(bytes(raw))["number"] for _, raws, _ in pages for raw in raws] == list(range(len(said)))
    in_pages = [parcel.place for first, _, entries in store.said(held) for parcel in parcels(entries, first)]
    assert in_pages == [parcel.place for parcel in parcels(said)], "the same places, however they are portioned"


def test_only_pages_whose_groups_changed_are_written_again(elasticsearch, prefix):
    store, watched = StateStore(elasticsearch, prefix), rule(WATCHED)
    held = Held("watched", groups(5 * A_PAGE))
    store.save(held, START)
    before = set(held.pages)
    assert len(before) == 8
    held.state.groups[7].status = Status.RECOVERING
    store.save(held, START)
    assert len(before & set(held.pages)) == 7
    assert set(stored(elasticsearch, prefix)) == {"watched", *held.pages}
    assert StateStore(elasticsearch, prefix).load(watched).state == held.state
    held.state.groups = held.state.groups[:10]
    store.save(held, START)
    assert StateStore(elasticsearch, prefix).load(watched).state == held.state
    assert set(stored(elasticsearch, prefix)) == {"watched"}


def test_an_evaluator_that_takes_a_rule_back_trusts_no_page_of_its_own_that_is_gone(elasticsearch, prefix):
    one, two, watched = StateStore(elasticsearch, prefix), StateStore(elasticsearch, prefix), rule(WATCHED)
    one.save(Held("watched", groups(2 * A_PAGE)), START)
    held = two.load(watched)
    for group in held.state.groups:
        group.last_data = 1
    two.save(held, START)
    again = one.load(watched)
    for group in again.state.groups:
        group.last_data = 0
    one.save(again, START)  # the same text as at first
    assert two.load(watched).state == groups(2 * A_PAGE)


def test_pages_that_nobody_names_are_swept_and_a_lost_page_is_damage(elasticsearch, prefix):
    store, watched = StateStore(elasticsearch, prefix), rule(WATCHED)
    store.prepare()
    held, dead = Held("watched", groups(2 * A_PAGE)), Held("watched", groups(3 * A_PAGE))
    store.save(held, START)
    with pytest.raises(Exception, match="watched"):
        StateStore(elasticsearch, prefix).save(dead, START)  # its pages were written, its document was not
    assert len(stored(elasticsearch, prefix)) > 1 + len(held.pages)
    store.sweep(START + 60)
    assert len(stored(elasticsearch, prefix)) > 1 + len(held.pages), "it may still live"
    store.sweep(START + 3700)
    assert set(stored(elasticsearch, prefix)) == {"watched", *held.pages}
    elasticsearch.delete(index=f"{prefix}shipper-rule-state", id=held.pages[0])
    found = StateStore(elasticsearch, prefix).load(watched)
    assert found.damage is not None
    assert found.state.groups == []


def told(host: str, kind: Kind = Kind.FIRING) -> Notification:
    return Notification(
        key=f"{kind}-{host}", episode=episode_id("watched", ("host.name",), (host,), START), kind=kind, rule="watched",
        summary="s", severity="warning", owner="o", runbook="r", labels={}, group={"host.name": host},
        at=iso_utc(START), since=iso_utc(START), value=1.0, text="t", facts={}, complete=True, correction=False,
        stale=False, reason=None, index="i", query="", window_seconds=10,
    )  # fmt: skip


class Forgetful(Receiver):
    keep_alive_every = 5.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def keep_alive(self, firing: Any) -> Outcome:
        self.kept = sorted(one.group["host.name"] for one in firing)
        return Sent()


def test_a_document_of_the_version_before_is_read_and_what_it_had_to_say_is_said(elasticsearch, prefix, logs):
    """As commit 9ebe774 wrote it: outbox, `told` and `live` in the rule's document, messages already joined."""
    whole = bundle([told("a"), told("b")])
    state = RuleState(shape=["host.name"], begun=START - 10, last=START, learned=True, groups=[
        GroupState(group=(host,), status=Status.FIRING, since=START - 10, breached=[START], announced=True,
                   last_data=START, next_reminder=START + 9999)
        for host in ("a", "b", "c", "old")
    ])  # fmt: skip
    outbox = [
        Entry(notification=whole, receivers=["hook"], created=START, batch="x", sealed=True, attempts=2),
        Entry(notification=told("c"), receivers=["hook", "mail"], created=START),
    ]
    document = {
        "@timestamp": iso_utc(START), "rule": {"name": "watched"}, "owner": "dead", "until": START + 5.0,
        "state": msgspec.json.encode(state).decode(), "alerts": "[]", "told": '{"hook\\nx": 1.0}',
        "outbox": msgspec.json.encode(outbox).decode(),
        "live": msgspec.json.encode({"hook": {told("old").episode: told("old")}}).decode(),
    }  # fmt: skip
    elasticsearch.index(index=f"{prefix}shipper-rule-state", id="watched", document=document)
    clock, hook, mail = ManualClock(START + 10), Forgetful(), Receiver()
    surroundings = Surroundings(
        elasticsearch, clock, field_types(), {"hook": hook, "mail": mail}, {"default": ("hook",)}, prefix
    )
    running = Evaluator([rule(WATCHED)], surroundings)
    running.evaluate("watched")
    assert [(one.key, len(one.alerts)) for one in hook.seen] == [(whole.key, 2), ("firing-c", 1)]
    assert [one.key for one in mail.seen] == ["firing-c"]
    assert hook.kept == ["a", "b", "c", "old"]
    clock.advance(20)
    running.evaluate("watched")
    assert sorted(one.group["host.name"] for one in hook.seen[2:]) == ["a", "b", "c", "old"], "they are over"
    assert {one.kind for one in hook.seen[2:]} == {"resolved"}


def test_what_waits_for_a_receiver_that_nobody_knows_is_dropped_loudly_after_a_day_and_what_is_done_goes(
    elasticsearch, prefix, logs, caplog
):
    clock, receiver = ManualClock(START), Receiver()
    running = Evaluator([rule(WATCHED)], around(elasticsearch, prefix, clock, receiver))
    entries = [Entry(notification=told("a"), receivers=["hook", "gone"], created=START)]
    running._outbox.add(parcels(entries), START)
    running._delivery.run()
    assert [one.key for one in receiver.seen] == ["firing-a"]
    index = f"{prefix}shipper-rule-state-outbox"
    done = parcels(entries)[0].id
    running._broom.sweep()
    assert elasticsearch.exists(index=index, id=done), "whoever makes it again must find it"
    clock.advance(KEPT + EVERY)
    running._outbox.refresh()
    running._broom.sweep()
    assert not elasticsearch.exists(index=index, id=done)
    assert "no evaluator knows gone" not in caplog.text
    clock.advance(GIVE_UP)
    running._outbox.refresh()
    running._broom.sweep()
    assert "notification firing-a is dropped: no evaluator knows gone" in caplog.text
