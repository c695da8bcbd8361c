"""Who is told when: stories on a clock of their own, in minutes."""

from __future__ import annotations

from collections import Counter

import pytest

from shipper.rules.notifier import Failed, Retry
from tests.support.alert_story import Story, between

HOOK = "notifiers: {hook: {type: console}}\nroutes: {default: [hook]}\n"
TWO = "notifiers: {hook: {type: console}, mail: {type: console}}\nroutes: {default: [hook]}\n"
GROUPED = HOOK + "routing: [{to: [hook], group_by: [rule], group_wait: 30s, group_interval: 5m}]\n"
LIMITED = "notifiers: {hook: {type: console, limit: {messages: 2, every: 10m}}}\nroutes: {default: [hook]}\n"


def test_without_routing_each_alert_is_told_at_once():
    story = Story(HOOK)
    story.at(1).fires("shop", "mail")
    story.at(3).resolves("shop")
    story.want(between(1, 1), "hook", "firing shop")
    story.want(between(1, 1), "hook", "firing mail")
    story.want(between(3, 3), "hook", "resolved shop")
    story.play(5)


def test_the_first_route_that_matches_takes_an_alert_and_continue_lets_others_have_it_too():
    story = Story(
        TWO + "routing:\n"
        "  - {match: ['service.name=shop'], to: [mail], continue: true}\n"
        "  - {match: ['team=a', 'service.name!=pay*|bank'], to: [hook]}\n"
        "  - {match: ['service.name=*pay*'], to: [mail]}\n"
    )  # fmt: skip
    story.at(1).fires("shop", "payments", "bank")
    story.want(between(1, 1), "mail", "firing shop")
    story.want(between(1, 1), "hook", "firing shop")
    story.want(between(1, 1), "mail", "firing payments")
    story.want(between(1, 1), "hook", "firing bank")  # no route: the rule's own `notify`
    story.play(2)


def test_a_group_waits_for_its_members_and_then_keeps_its_interval():
    story = Story(GROUPED)
    story.at(1).fires("shop")
    story.at(1.25).fires("mail")
    story.at(2).fires("pay")
    story.at(3).resolves("shop")
    story.at(20).fires("late")
    story.want(between(1.5, 1.6), "hook", "firing shop", "firing mail")
    story.want(between(6.5, 6.6), "hook", "firing pay", "resolved shop")
    story.want(between(20.5, 20.6), "hook", "firing late")
    story.play(25)


def test_groups_with_other_values_are_told_apart():
    story = Story(GROUPED.replace("[rule]", "[service.name]"))
    story.at(1).fires("shop", "mail")
    story.want(between(1.5, 1.6), "hook", "firing shop")
    story.want(between(1.5, 1.6), "hook", "firing mail")
    story.play(3)


def test_alerts_of_several_rules_with_equal_labels_are_told_as_one_message():
    story = Story(GROUPED.replace("[rule]", "[team]"))
    story.at(1).fires("shop", rule="errors")
    story.at(1.1).fires("shop2", rule="latency")
    story.at(1.2).fires("shop3", rule="disk")
    story.at(2).resolves("shop", rule="errors")
    story.want(between(1.5, 1.6), "hook", "firing shop", "firing shop2", "firing shop3")
    story.want(between(6.5, 6.6), "hook", "resolved shop")
    story.play(10)
    told = story.told[0].notification
    assert told.rule == "errors, latency, disk"
    assert told.text.startswith("3 alerts of 3 rules (3 firing): errors shop: t; latency shop2: t; disk shop3: t")
    assert (told.labels, told.index, told.severity) == ({"team": "a"}, "", "critical")


def test_two_routes_to_one_receiver_keep_their_own_times():
    story = Story(
        HOOK + "routing:\n"
        "  - {match: ['service.name=now'], to: [hook], group_by: [team], group_wait: 0s}\n"
        "  - {to: [hook], group_by: [team], group_wait: 5m}\n"
    )
    story.at(1).fires("later")
    story.at(2).fires("now")
    story.want(between(2, 2.1), "hook", "firing now")
    story.want(between(6, 6.1), "hook", "firing later")
    story.play(8)


def test_a_message_has_a_thousand_alerts_at_most_and_more_make_more_messages():
    story = Story(GROUPED)
    story.at(1).fires(*(f"s{number:04}" for number in range(2500)))
    story.run(3)
    assert [len(one.notification.members) for one in story.told] == [1000, 1000, 500]
    assert len({one.at for one in story.told}) == 1


def test_a_silence_holds_an_alert_back_and_tells_it_afterwards_if_it_still_fires():
    story = Story(HOOK)
    story.at(0).silenced("service.name=shop", until=10)
    story.at(1).fires("shop", "mail")
    story.at(2).fires("pay")
    story.at(12).resolves("shop")
    story.want(between(1, 1), "hook", "firing mail")
    story.want(between(2, 2), "hook", "firing pay")
    story.want(between(10, 10.2), "hook", "firing shop")
    story.want(between(12, 12), "hook", "resolved shop")
    story.play(15)
    late = next(one.notification for one in story.told if one.at >= 10)
    assert late.reason == "held back until now by silence s1 of ann: work"


def test_a_silence_made_just_before_a_send_holds_it_back():
    story = Story(GROUPED)
    story.at(1).fires("mail")
    story.at(1.25).fires("shop")
    story.at(1.5).silenced("service.name=shop", until=10)  # the group's wait ends in this very pass
    story.want(between(1.5, 1.6), "hook", "firing mail")
    story.want(between(10, 10.6), "hook", "firing shop")
    story.play(15)


def test_silences_are_read_only_where_something_waits():
    story = Story(HOOK)
    story.at(30).fires("shop")
    story.at(30).fires("mail")
    story.run(60)
    assert len(story.told) == 2
    assert story.memory.reads == 1


def test_what_comes_and_goes_under_a_silence_is_told_to_nobody_and_logged(caplog):
    caplog.set_level("INFO")
    story = Story(HOOK)
    story.at(0).silenced("service.name=shop", until=10)
    story.at(1).fires("shop")
    story.at(2).reminds("shop")
    story.at(3).resolves("shop")
    story.play(15)
    assert caplog.text.count("it came and went under silence s1") == 2
    assert "reminder notification shop-reminder-2 is not told" in caplog.text


def test_the_end_of_what_was_told_is_told_under_a_silence_too():
    story = Story(HOOK)
    story.at(1).fires("shop")
    story.at(2).silenced("service.name=shop", until=60)
    story.at(3).reminds("shop")
    story.at(5).resolves("shop")
    story.want(between(1, 1), "hook", "firing shop")
    story.want(between(5, 5), "hook", "resolved shop")
    story.play(8)


def test_an_acknowledgement_stops_reminders_and_ends_with_the_episode():
    story = Story(HOOK)
    story.at(1).fires("shop")
    story.at(2).reminds("shop")
    story.at(3).acknowledged("shop")
    story.at(4).reminds("shop")
    story.at(5).resolves("shop")
    story.at(6).fires("shop")
    story.at(7).reminds("shop")
    for minute, line in ((1, "firing"), (2, "reminder"), (5, "resolved"), (6, "firing"), (7, "reminder")):
        story.want(between(minute, minute), "hook", f"{line} shop")
    story.play(8)
    assert story.memory.known == []


WINDOW = HOOK + "maintenance: [{name: patching, zone: %s, start: '%s', end: '%s', match: ['team=a']}]\n"


def test_f40_an_alert_born_in_a_maintenance_window_is_told_when_it_ends():
    story = Story(WINDOW % ("UTC", "00:00", "00:30"))
    story.at(10).fires("shop", "mail")
    story.at(20).resolves("mail")
    story.at(29).reminds("shop")
    story.want(between(30, 30.1), "hook", "firing shop")
    story.play(40)
    assert story.told[0].notification.reason == "held back until now by maintenance window patching"


@pytest.mark.parametrize(
    ("start", "end", "opens", "closes"),
    [
        ("01:30", "03:30", 30, 90),  # 01:30 CET to 03:30 CEST: an hour of it does not exist
        ("03:00", "04:00", 60, 120),
        ("02:00", "03:00", None, None),  # skipped as a whole
    ],
)
def test_f43_a_window_follows_the_wall_clock_over_the_change_of_the_hour(start, end, opens, closes):
    story = Story(WINDOW % ("Europe/Berlin", start, end))
    for minute in range(0, 150, 10):
        story.at(minute + 1).fires(f"s{minute}")
        inside = opens is not None and opens <= minute + 1 < closes
        told = closes if inside else minute + 1
        story.want(between(told, told + 0.1), "hook", f"firing s{minute}")
    story.play(155)


def test_a_limit_makes_one_message_of_what_is_too_much_and_loses_nothing():
    story = Story(LIMITED)
    names = [f"s{number}" for number in range(40)]
    story.at(1).fires(*names)
    story.at(2).fires("late1")
    story.at(3).fires("late2")
    story.at(4).resolves("s3")
    story.want(between(1, 1), "hook", *(f"firing {name}" for name in names))
    story.want(between(2, 2), "hook", "firing late1")
    story.want(between(11, 11.2), "hook", "firing late2", "resolved s3")
    story.play(20)


def test_a_resolution_never_overtakes_its_firing():
    story = Story(HOOK)
    story.answers("hook", Retry("down", after=90))
    story.at(1).fires("shop")
    story.at(1.5).reminds("shop")
    story.at(2).resolves("shop")
    story.want(between(2.5, 2.6), "hook", "firing shop")
    story.want(between(2.5, 2.6), "hook", "resolved shop")
    story.play(5)


FALLBACK = TWO.replace("console}, mail", "console, fallback: mail, fallback_after: 2m}, mail")


def test_what_a_receiver_refuses_goes_to_its_fallback_at_once():
    story = Story(FALLBACK)
    story.answers("hook", Failed("answered 400"))
    story.at(1).fires("shop")
    story.want(between(1, 1.1), "mail", "firing shop")
    story.play(5)
    assert story.told[0].notification.reason == "hook was not reached: answered 400"


def test_a_receiver_that_stays_down_is_replaced_after_a_while_once_and_still_tried():
    story = Story(FALLBACK)
    story.answers("hook", *[Retry("answered 503")] * 9)
    story.at(1).fires("shop")
    story.want(between(3, 4), "mail", "firing shop")
    story.want(between(8, 14), "hook", "firing shop")
    story.play(20)


EVERYTHING = (
    "notifiers:\n"
    "  hook: {type: console, limit: {messages: 3, every: 5m}}\n"
    "  pager: {type: console, fallback: mail, fallback_after: 1m}\n"
    "  mail: {type: console}\n"
    "routes: {default: [hook, pager]}\n"
    "routing:\n"
    "  - {match: ['service.name=g*'], to: [mail, hook], group_by: [rule], group_wait: 20s, group_interval: 2m}\n"
)


def eventful() -> Story:
    story = Story(EVERYTHING)
    story.answers("pager", Retry("x"), Retry("y"), Failed("refused"))
    story.at(0).silenced("service.name=quiet", until=4)
    story.at(1).fires("a", "b", "g1", "quiet")
    story.at(1.2).fires("g2")
    story.at(2).fires("c", "d", "g3")
    story.at(3).resolves("a", "g1", "b")
    story.at(6).resolves("quiet", "c", "d", "g2", "g3")
    return story


def members(story: Story) -> Counter[tuple[str, str]]:
    return Counter((one.to, alert.key) for one in story.told for alert in one.notification.alerts)


def test_killed_at_any_point_nothing_is_lost_and_at_most_one_message_comes_again_with_its_key():
    calm = eventful()
    calm.run(30)
    expected, point = members(calm), 0
    assert set(expected.values()) == {1}
    while True:
        story, point = eventful(), point + 1
        story.kill_at = point
        story.run(30)
        if not story.killed:
            break
        got = members(story)
        lost = {spot for spot in expected if not got[spot]}
        assert all(to == "mail" and got["pager", key] for to, key in lost), (point, lost)  # no fallback was needed
        keys = Counter((one.to, one.notification.key) for one in story.told)
        twice = [spot for spot, number in keys.items() if number > 1]
        assert len(twice) <= 1, (point, twice)
        assert all(number <= 2 for number in keys.values())
        again = {spot for spot, number in got.items() if number > 1}
        assert again <= {
            (to, alert.key) for to, key in twice for one in story.told
            if (one.to, one.notification.key) == (to, key) for alert in one.notification.alerts
        }  # fmt: skip
    assert point > 60


def forgetful() -> Story:
    story = Story(HOOK + "routing: [{to: [hook], group_by: [team], group_wait: 15s, group_interval: 1m}]\n")
    story.forgetful = {"hook"}
    story.at(0).silenced("service.name=quiet", until=9)
    story.at(1).fires("a", rule="x")
    story.at(1.1).fires("b", "quiet", rule="y")
    story.at(2).reminds("a")
    story.at(2.1).resolves("quiet", rule="y")
    story.at(3).fires("c")
    story.at(4).resolves("b", rule="y")
    return story


def test_killed_at_any_point_a_receiver_that_forgets_hears_of_just_what_still_fires():
    point, names = 0, ("a", "b", "c", "quiet")
    while True:
        story, point = forgetful(), point + 1
        story.kill_at = point
        story.run(10)
        assert story.believed["hook"] == {"a", "c"}, point
        assert not {
            one for told in story.told for one in told.notification.alerts if one.group["service.name"] == "quiet"
        }
        keys = Counter(one.notification.key for one in story.told)
        assert sum(keys.values()) <= len(keys) + 1, point
        assert {alert.group["service.name"] for one in story.told for alert in one.notification.alerts} == {*names[:3]}
        if not story.killed:
            break
    assert point > 40


def test_every_way_a_notification_is_held_back_joined_or_dropped_is_counted():
    window = "maintenance: [{name: p, zone: UTC, start: '00:05', end: '00:06', match: ['service.name=m*']}]\n"
    story = Story(EVERYTHING + window)
    story.answers("pager", Retry("x"), Failed("refused"))
    story.at(0).silenced("service.name=quiet", until=20)
    story.at(1).fires("a", "quiet")
    story.at(2).fires("g1", "g2", "g3")
    story.at(4).resolves("quiet")
    story.at(5.2).fires("m")
    story.at(10).fires("b", "c", "d", "e")
    story.run(15)
    boxes = {name: story.outbox.box(name).counts for name in ("hook", "pager", "mail")}
    counts = {name: {key: number for key, number in box.items() if number} for name, box in boxes.items()}
    assert counts["pager"] == {
        "retries": 1, "failed": 1, "fallbacks": 1, "held_by_silence": 1, "left_out": 2, "held_by_maintenance": 1,
        "messages": 5, "alerts": 5,
    }  # fmt: skip
    assert counts["mail"] == {"messages": 2, "alerts": 4, "grouped": 3}
    assert counts["hook"] == {
        "messages": 4, "alerts": 9, "grouped": 3, "limited": 4, "held_by_silence": 1, "left_out": 2,
        "held_by_maintenance": 1,
    }  # fmt: skip
