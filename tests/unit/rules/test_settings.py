from __future__ import annotations

import pytest
from click.testing import CliRunner

from shipper import config
from shipper.cli.rules import command
from shipper.errors import ConfigError, UnavailableError
from shipper.rules.notifier.webhook import WebhookSettings
from shipper.rules.settings import EvaluatorSettings

RULE = "name: r\ntype: threshold\nsummary: s\nowner: o\nrunbook: r\nabove: 1\nnotify: [oncall]\n"


def bind(text: str) -> EvaluatorSettings:
    return config.bind(config.parse(text, "evaluator.yml"), EvaluatorSettings)


def test_without_a_word_the_console_is_told():
    settings = bind("{}")
    assert settings.routes == {"default": ("console",)}
    assert list(settings.notifiers) == ["console"]


def test_a_webhook_never_shows_its_secret():
    settings = bind(
        "notifiers:\n  hook: {type: webhook, url: 'https://h/x', secret: s3cret}\nroutes: {default: [hook]}\n"
    )
    assert isinstance(settings.notifiers["hook"], WebhookSettings)
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("routes: {default: [pager]}\n", "the route `default` names `pager`, which is not in `notifiers`"),
        ("notifiers: {x: {type: webhok, url: 'https://h'}}\n", "invalid value 'webhok'"),
        ("notifiers: {x: {type: webhook, url: h}}\n", "`url` must look like"),
        ("kibana: kibana:5601\n", "`kibana` must look like"),
        ("lese: 3s\n", "unknown key `lese`"),
    ],
)
def test_a_wrong_config_is_refused(text, message):
    with pytest.raises(ConfigError) as caught:
        bind(text)
    assert message in str(caught.value)


def test_a_route_that_the_config_lacks_is_named_before_anything_runs(tmp_path):
    (tmp_path / "r.yml").write_text(RULE)
    result = CliRunner().invoke(command, ["run", "--rules", str(tmp_path / "r.yml")])
    assert isinstance(result.exception, ConfigError)
    assert "notifies the route `oncall`" in result.exception.message


def test_without_a_local_stack_the_next_step_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SHIPPER_HOME", str(tmp_path))
    (tmp_path / "r.yml").write_text(RULE.replace("notify: [oncall]\n", ""))
    result = CliRunner().invoke(command, ["run", "--once", "--rules", str(tmp_path / "r.yml")])
    assert isinstance(result.exception, UnavailableError)
    assert "shipper stack up" in (result.exception.hint or "")
