"""From text to a plan: options of inputs and outputs, decorations, and when events must be copied."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import ManualClock
from shipper.errors import ConfigError
from shipper.logstash_runner.assemble import Assembler
from shipper.logstash_runner.settings import PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.runner import PipelinePlan


def nobody(_: str) -> Callable[[list[Event]], None]:
    return lambda _: None


def plan(text: str, find: Callable[[str], Any] | None = None, **environment: str) -> PipelinePlan:
    build = Assembler(environment, None, ManualClock())
    return build(PipelineSettings("main", text=text), find or nobody, threading.Event())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('input { beats { port => 1 enrich => ["nope"] } }', "enrich takes all, none, or some of"),
        ('input { beats { port => 1 enrich => ["all", "source_metadata"] } }', "enrich takes all, none"),
        ("input { beats { port => 1 ssl_enabled => true } }", "ssl_certificate and ssl_key are needed"),
        ('input { beats { port => 1 ssl_certificate => "/not/there" } }', "cannot be opened /not/there"),
        (
            (
                'input { beats { port => 1 ssl_enabled => true ssl_certificate => "/dev/null" ssl_key => "/dev/null" '
                'ssl_client_authentication => "required" } }'
            ),
            "needs ssl_certificate_authorities",
        ),
        ('input { http { user => "u" } }', "user and password belong together"),
        ('input { http { additional_codecs => { "text/csv" => "csv" } } }', "csv"),
        ('input { tcp { port => 1 mode => "client" } }', 'Expected one of ["server"]'),
        ("input { generator { threads => 2 } }", "one thread"),
        ("input { if [a] { stdin { } } }", "no conditions"),
        (
            'input { dead_letter_queue { path => "/" clean_consumed => true commit_offsets => false } }',
            "clean_consumed needs commit_offsets",
        ),
        ('output { elasticsearch { index => "a" manage_template => true } }', "templates are not managed"),
        ('output { elasticsearch { index => "a" action => "update" } }', 'Expected one of ["create", "index"]'),
        ('output { elasticsearch { index => "a" user => "u" password => "p" api_key => "k" } }', "exclude each other"),
        ('output { elasticsearch { index => "a" hosts => ["ftp://x"] } }', "not the address"),
        ('output { elasticsearch { index => "a" api_key => "k" hosts => ["http://h:9200"] } }', "requires SSL/TLS"),
        (
            'output { elasticsearch { index => "a" api_key => "k" hosts => ["https://h http://h"] } }',
            "requires SSL/TLS",
        ),
        ('output { pipeline { send_to => "a" ensure_delivery => false } }', "always ensured"),
    ],
)
def test_options_that_do_not_fit_are_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(text)
    assert message in caught.value.message
    assert caught.value.where is not None


def test_a_password_never_shows_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as caught:
        plan('output { elasticsearch { index => "a" user => "u" password => "s3cret" hosts => ["ftp://x"] } }')
    assert "s3cret" not in str(caught.value)


def test_an_input_decorates_its_events() -> None:
    made = plan('input { stdin { id => "in" type => "t" tags => ["one"] add_field => { "a" => "%{b}" "c" => "2" } } }')
    event = made.inputs[0].to_event({"b": "x", "c": "1", "type": "mine"})
    assert event.data["a"] == "x"
    assert event.data["c"] == ["1", "2"]
    assert event.data["type"] == "mine"
    assert event.data["tags"] == ["one"]
    assert made.inputs[0].id == "in"
    assert made.ordered


def test_a_pipeline_input_has_an_address_and_decorates_what_arrives() -> None:
    made = plan('input { pipeline { address => "logs" add_field => { "via" => "logs" } } }')
    (event,) = made.addresses["logs"]([plan("input { stdin { } }").inputs[0].to_event({})])
    assert event.data["via"] == "logs"
    assert made.inputs == []


@pytest.mark.parametrize(
    ("output", "copied"),
    [
        ('if [a] { pipeline { send_to => "x" } } else { pipeline { send_to => "y" } }', False),
        ('pipeline { send_to => ["x", "y"] }', True),
        ('pipeline { send_to => "x" } null { }', True),
        ('if [a] { null { } } pipeline { send_to => "x" }', True),
    ],
)
def test_events_are_copied_only_where_two_may_see_the_same_one(output: str, copied: bool) -> None:
    seen: list[Event] = []
    made = plan(f"input {{ stdin {{ }} }} output {{ {output} }}", lambda _: seen.extend)
    event = made.inputs[0].to_event({"a": 1})
    made.flow.process([event])
    assert all((found is not event) == copied for found in seen)
    assert len(seen) == (2 if '["x"' in output else 1)


def test_several_files_are_one_pipeline_and_keep_their_names_in_errors(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("input { stdin { } }")
    (tmp_path / "b.conf").write_text("filter {\n  nope { } }")
    build = Assembler({}, None, ManualClock())
    files = (tmp_path / "a.conf", tmp_path / "b.conf")
    with pytest.raises(ConfigError) as caught:
        build(PipelineSettings("main", files), nobody, threading.Event())
    assert str(caught.value.where) == f"{tmp_path}/b.conf:2:3"
