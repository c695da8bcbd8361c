"""Matchers on labels and values that no rule has: a slip is refused, what may be elsewhere is warned of."""

from __future__ import annotations

import logging

import pytest

from shipper import config
from shipper.cli.rules_labels import check_ack, check_settings, check_silence
from shipper.errors import UsageError
from shipper.rules.routing.matcher import parse_matcher
from shipper.rules.routing.vocabulary import Vocabulary
from shipper.rules.settings import EvaluatorSettings
from tests.support.rule_stream import rule

RULES = [
    rule("name: latency-p95\ntype: threshold\nabove: 1\ngroup_by: [service.name]\nlabels: {team: shop, rule: x}\n"),
    rule("name: host-cpu\ntype: threshold\nabove: 1\ngroup_by: [host.name, owner]\nseverity: critical\n"),
]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ruel=latency-p95", "no rule has the label `ruel`", "did you mean `rule`?"),
        ("serivce.name=shop", "no rule has the label `serivce.name`", "did you mean `service.name`?"),
        ("host=web-1", "no rule has the label `host`", "did you mean `host.name`?"),
        ("serverity!=info", "no rule has the label `serverity`", "did you mean `severity`?"),
        ("http.rute=/x", "no rule has the label `http.rute`", "did you mean `http.route`?"),
        ("rule=latency-p59", "no rule has `rule=latency-p59`", "did you mean `latency-p95`?"),
        ("rule=host-cpu|latency-p59", "no rule has `rule=latency-p59`", "did you mean `latency-p95`?"),
        ("severity!=critcal", "no rule has `severity=critcal`", "did you mean `critical`?"),
        ("team=shpo", "no rule has `team=shpo`", "did you mean `shop`?"),
        ("datacenter=ber", "no rule has the label `datacenter`", None),
        ("url.domain=x", "no rule groups by `url.domain`: an alert has no such label", None),
        ("rule=zzz*", "no rule has `rule=zzz*`", None),
        ("rule=x", "no rule has `rule=x`", None),
    ],
)
def test_a_label_or_value_that_no_rule_has_is_doubted_with_the_near_one(text, message, hint):
    (doubt,) = Vocabulary(RULES).doubts([parse_matcher(text)])
    assert (doubt.message, doubt.hint) == (message, hint)


@pytest.mark.parametrize(
    "text",
    ["rule=*", "rule=latency*", "service.name=anything", "host.name=", "team=shop", "severity=warning|critical",
     "owner=o", "rule!=host-cpu", "team="],
)  # fmt: skip
def test_what_a_rule_has_or_documents_decide_is_not_doubted(text):
    assert list(Vocabulary(RULES).doubts([parse_matcher(text)])) == []


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "r.yml").write_text(
        "name: latency-p95\ntype: threshold\nabove: 1\ngroup_by: [service.name]\nsummary: s\nowner: o\nrunbook: r\n"
    )
    return EvaluatorSettings(rules=(tmp_path / "r.yml",))


def test_a_silence_on_a_slip_is_refused_and_on_an_unknown_label_warned_of(settings, capsys):
    with pytest.raises(UsageError, match=r"no rule has the label `ruel` \(did you mean `rule`\?"):
        check_silence([parse_matcher("ruel=latency-p95")], settings)
    check_silence([parse_matcher("service.name=x"), parse_matcher("rule=latency*")], settings)
    assert capsys.readouterr().err == ""
    check_silence([parse_matcher("datacenter=ber")], settings)
    told = "warning: no rule has the label `datacenter`; `datacenter=ber` holds for none until a rule has it"
    assert told in capsys.readouterr().err
    check_silence([parse_matcher("datacenter!=ber")], settings)
    assert "`datacenter!=ber` holds for every alert" in capsys.readouterr().err


def test_a_rule_that_cannot_be_read_keeps_nobody_from_a_silence(settings, capsys):
    settings.rules[0].write_text("name: [")
    check_silence([parse_matcher("ruel=latency-p95")], settings)
    assert "warning: whether a rule has these labels is not known" in capsys.readouterr().err


def test_an_acknowledgement_by_a_label_that_the_rule_lacks_is_refused():
    check_ack([parse_matcher("service.name=x"), parse_matcher("team=shop")], RULES[0])
    with pytest.raises(
        UsageError, match=r"alerts of latency-p95 have no label `host.name` \(they have: owner, rule, s"
    ):
        check_ack([parse_matcher("host.name=x")], RULES[0])


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ('routing:\n  - {to: [console], match: ["team=shop", "ruel=x"]}\n', "evaluator.yml:2", "`rule`"),
        ("routing:\n  - {to: [console], group_by: [service.name,\n    hots.name]}\n", "evaluator.yml:3", "`host.name`"),
        ('maintenance:\n  - {name: n, zone: UTC, start: "01:00", end: "02:00",\n     match: [rule=host-cpux]}\n',
         "evaluator.yml:3", "`host-cpu`"),
    ],
)  # fmt: skip
def test_a_slip_in_the_config_is_told_with_its_place_and_stops_no_alert(text, where, hint, caplog):
    file = config.parse(text, "evaluator.yml")
    check_settings(config.bind(file, EvaluatorSettings), RULES, file)
    (told,) = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert told.startswith(where)
    assert f"(did you mean {hint}?)" in told


def test_a_route_for_rules_elsewhere_is_warned_of_and_sound_ones_are_not(caplog):
    text = "routing: [{to: [console], match: [datacenter=ber]}, {to: [console], match: [team=shop], group_by: [rule]}]"
    file = config.parse(text, "evaluator.yml")
    with caplog.at_level(logging.WARNING):
        check_settings(config.bind(file, EvaluatorSettings), RULES, file)
    assert [record.message for record in caplog.records] == [
        "evaluator.yml:1: routing[0].match[0]: no rule has the label `datacenter`"
    ]
