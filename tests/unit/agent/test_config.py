"""Every mistake has one message that says what, where and how to mend it."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.agent.codec import make_decoder
from shipper.agent.config import AgentSettings
from shipper.agent.input.file import FileInputSettings
from shipper.agent.launch import load_settings, parse_output, settings_of_run
from shipper.agent.output.logstash import LogstashSettings
from shipper.config import bind, parse
from shipper.errors import ConfigError, UsageError
from shipper.home import Account, Endpoints, Home

ROOT = Path(__file__).parents[3]
BAD = sorted((ROOT / "tests/data/bad_config").glob("*.yml"))


def test_the_example_is_sound_and_shows_the_defaults():
    settings = load_settings(ROOT / "shipper.example.yml")
    shown = settings.inputs[1]
    assert isinstance(shown, FileInputSettings)
    assert shown == FileInputSettings(paths=shown.paths)
    plain = AgentSettings(inputs=settings.inputs, output=LogstashSettings(hosts=["127.0.0.1:5044"]))
    assert settings == plain


def keys_of(kind: Any, found: set[str]) -> set[str]:
    """The names of all keys that a model and those inside it take."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            found.add(field.encode_name)
            keys_of(field.type, found)
    for part in typing.get_args(kind):
        keys_of(part, found)
    return found


def test_every_key_stands_in_the_example():
    text = (ROOT / "shipper.example.yml").read_text()
    shown = set(re.findall(r"(?:^|[#{,\s-])(\w+):(?=\s)", text, re.MULTILINE))
    assert keys_of(AgentSettings, set()) - shown == set()


def test_the_commented_pattern_of_the_example_reads_its_lines(tmp_path):
    text = (ROOT / "shipper.example.yml").read_text()
    commented = re.compile(r"^( +)# (?=(?:pattern|patterns|time_format|continuation): )", re.MULTILINE)
    (tmp_path / "shipper.yml").write_text(commented.sub(r"\1", text))
    codec = load_settings(tmp_path / "shipper.yml").inputs[0].codec
    (document,) = (
        make_decoder(codec, fallback_time=0.0, nested_only=True)
        .feed(b"31/01/2026 12:00:00 WARN disk is full\n01/02/2026 12:00:00 INFO next\n")
        .documents
    )
    assert isinstance(document, dict), "nested_only"
    assert (document["message"], document["log"]["level"]) == ("disk is full", "warning")
    assert document["@timestamp"].startswith("2026-01-31T")


def test_the_commented_elasticsearch_output_of_the_example_is_sound_too(tmp_path):
    text = (ROOT / "shipper.example.yml").read_text()
    block = text.partition("# Straight to Elasticsearch instead:\n")[2].partition("\n\n")[0]
    (tmp_path / "password").write_text("p\n")
    lines = [line.removeprefix("# ") for line in block.splitlines()]
    output = "\n".join(lines).replace("/etc/shipper/password", str(tmp_path / "password"))
    settings = bind(parse(f"inputs: [{{type: file, paths: [a]}}]\n{output}\n"), AgentSettings)
    assert settings.output.password.reveal() == "p"  # type: ignore[union-attr]  # the block is an elasticsearch output


def test_there_are_at_least_25_bad_configurations():
    assert len(BAD) >= 25


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place_and_the_way_out(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(ConfigError) as caught:
        load_settings(path.relative_to(ROOT))
    assert str(caught.value) + "\n" == path.with_suffix(".expected").read_text()


HOME = Endpoints("http://127.0.0.1:9200", {"shipper_writer": Account("shipper_writer", "secret")})


def published(tmp_path, **changes):
    home = Home(tmp_path / "home")
    home.publish(Endpoints(HOME.elasticsearch, HOME.accounts, **changes))
    return home


def test_without_a_config_logstash_of_the_local_stack_is_used(tmp_path):
    home = published(tmp_path, logstash_beats="127.0.0.1:5044")
    settings = settings_of_run(home, None, ["/var/log/*.log"], None, None)
    assert settings.output == LogstashSettings(hosts=["127.0.0.1:5044"])
    assert settings.state == home.path / "agent"


def test_without_logstash_the_local_elasticsearch_is_used_with_the_writer_account(tmp_path):
    settings = settings_of_run(published(tmp_path), None, ["/var/log/*.log"], None, None)
    assert settings.output.hosts == ["http://127.0.0.1:9200"]  # type: ignore[union-attr]  # it is an elasticsearch output
    assert settings.output.user == "shipper_writer"  # type: ignore[union-attr]  # as above


def test_without_a_local_stack_the_error_names_the_next_command(tmp_path):
    with pytest.raises(UsageError, match="shipper stack up"):
        settings_of_run(Home(tmp_path), None, ["/var/log/*.log"], None, None)


def test_without_anything_to_read_the_error_names_the_flag(tmp_path):
    with pytest.raises(UsageError, match="--path"):
        settings_of_run(Home(tmp_path), None, [], None, None)


@pytest.mark.parametrize(
    "url", ["kafka://x", "logstash://", "elasticsearch+http://", "logstash://h:notaport", "127.0.0.1:5044", "file://"]
)
def test_a_wrong_output_url_is_a_usage_error_that_shows_the_right_forms(url):
    with pytest.raises(UsageError, match="logstash://host:port"):
        parse_output(url)


def test_the_password_of_a_url_is_a_secret():
    settings = parse_output("elasticsearch+https://dev:p%40ss@127.0.0.1:9200")
    assert settings.password.reveal() == "p@ss"  # type: ignore[union-attr]  # it is an elasticsearch output
    assert "p@ss" not in repr(settings)


def test_a_wrong_url_is_shown_without_its_password():
    with pytest.raises(UsageError) as caught:
        parse_output("elastic://dev:hunter2@127.0.0.1:9200")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"a": 1, "a.b": 2}, "beside a value of the same name"),
        ({"a.b": 2, "a": 1}, "beside a value of the same name"),
        ({"a..b": 1}, "an empty part"),
        ({"": 1}, "an empty part"),
        ({"service": "shop"}, "`service` is an object in ECS"),
        ({"event": "login"}, "`event` is an object in ECS"),
        ({"@metadata._id": "mine"}, "each record's own"),
        ({"n": 2**70}, "cannot be sent as JSON"),
    ],
)
def test_fields_that_every_record_would_fail_with_are_refused_at_start(fields, message):
    with pytest.raises(ValueError, match=message):
        FileInputSettings(paths=["/var/log/a.log"], fields=fields)


@pytest.mark.parametrize(
    "output",
    [
        "{type: elasticsearch, hosts: ['ftp://user:s3cret@h:1']}",
        "{type: elasticsearch, hosts: ['user:s3cret@h']}",
        "{type: elasticsearch, hosts: ['http://user:s3cret@h:9200']}",
        "{type: elasticsearch, hosts: ['http://user:s3cret@h:99999']}",
        "{type: logstash, hosts: ['user:s3cret@h']}",
        "{type: elasticsearch, hosts: ['http://h:9200'], api_key: \"s3cret\\nX-Other: 1\"}",
        "{type: elasticsearch, hosts: ['http://h:9200'], api_key: 's3cret s3cret'}",
        "{type: elasticsearch, hosts: ['http://h:9200'], api_key: 's3crét'}",
    ],
)
def test_a_mistake_beside_a_secret_does_not_show_it(tmp_path, output):
    file = tmp_path / "shipper.yml"
    file.write_text(f"inputs: [{{type: stdin}}]\noutput: {output}\n")
    with pytest.raises(ConfigError) as refused:
        load_settings(file)
    assert "s3c" not in str(refused.value)
    assert f"{file}:2" in str(refused.value)
