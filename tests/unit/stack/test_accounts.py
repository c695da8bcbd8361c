"""Accounts, roles and settings, without a server."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shipper.config import bind, parse
from shipper.errors import ConfigError, UsageError
from shipper.home import Account
from shipper.stack import accounts
from shipper.stack.retention import day_of
from shipper.stack.roles import ROLES, all_roles, roles_yml, tenant_role
from shipper.stack.settings import StackSettings
from shipper.stack.users import read_users


def test_known_passwords_stay_and_new_roles_get_one():
    known = {"shipper_writer": Account("shipper_writer", "kept")}
    complete = accounts.complete(known, ["shipper_writer", "shipper_reader"])
    assert set(complete) == {"admin", "shipper_writer", "shipper_reader"}
    assert complete["shipper_writer"].password == "kept"
    assert len(complete["shipper_reader"].password) == 32
    assert complete["shipper_reader"].password != complete["admin"].password


def test_a_users_file_holds_hashes_that_fit_their_passwords_only():
    users = accounts.complete({}, ["a", "b"])
    text = accounts.users_file(users)
    assert all(account.password not in text for account in users.values())
    assert accounts.fits(users, text)
    assert not accounts.fits(users | {"a": Account("a", "another")}, text)
    assert not accounts.fits(users, "")
    assert not accounts.fits({**users, "c": Account("c", "new")}, text)


def test_only_the_admin_is_a_superuser():
    lines = accounts.users_roles_file(accounts.complete({}, ["shipper_writer"])).splitlines()
    assert lines == ["superuser:admin", "shipper_writer:shipper_writer"]


def test_the_two_forms_of_the_roles_say_the_same():
    rendered = yaml.safe_load(roles_yml(all_roles(["acme"]), "eu-"))
    assert rendered == {role.name: role.render("eu-") for role in all_roles(["acme"])}
    assert rendered["shipper_writer"]["indices"][0]["names"] == ["eu-shipper-logs-*", "eu-shipper-metrics-*"]


def test_no_role_has_power_over_security_or_the_whole_cluster():
    granted = {privilege for role in ROLES for privilege in role.cluster}
    assert granted == {"monitor", "manage_index_templates", "create_snapshot", "monitor_snapshot"}
    everywhere = {
        privilege for role in ROLES for grant in role.grants if grant.everywhere for privilege in grant.privileges
    }
    assert everywhere == {"monitor"}, "statistics only"
    patterns = {
        pattern for role in ROLES for grant in role.grants if not grant.everywhere for pattern in grant.patterns
    }
    assert all(pattern.startswith(("shipper-", "campaign-events-", "insights-")) for pattern in patterns)


def test_a_tenant_sees_its_own_documents_only():
    (grant,) = tenant_role("acme").render()["indices"]
    assert grant["query"] == '{"term": {"tenant": "acme"}}'
    assert grant["privileges"] == ["read", "view_index_metadata"]


@pytest.mark.parametrize("name", ["", "Acme", 'a"}}', "a b", "*", "worker", "eraser", "x" * 64])
def test_a_tenant_that_could_not_stand_in_a_role_is_refused(name):
    with pytest.raises(UsageError):
        tenant_role(name)


@given(st.dates(), st.text(max_size=3))
def test_only_an_exact_day_is_a_day(day, tail):
    name = f"eu-shipper-logs-{day:%Y.%m.%d}" if day.year > 999 else f"eu-shipper-logs-{day.year:04}.{day:%m.%d}"
    assert day_of(name, "eu-shipper-logs") == day
    assert day_of(name + tail, "eu-shipper-logs") == (None if tail else day)
    assert day_of(name, "shipper-logs") is None


@pytest.mark.parametrize("name", ["shipper-logs-2026.02.30", "shipper-logs-2026.1.1", "shipper-logs", "shipper-logs-"])
def test_a_name_without_a_real_day_is_none(name):
    assert day_of(name, "shipper-logs") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stack: {keep: {logs: 0}}", "today's index is never deleted"),
        ("stack: {keep: {least_days: 0}}", "today's index is never deleted"),
        ("stack: {keep: {disk_percent: 100}}", "a percentage of 1 to 99"),
        ("stack: {keep: {snapshot_first: true}}", "needs `snapshots`"),
        ("stack: {snapshots: {schedule: daily}}", "`schedule` must be a cron expression"),
        ("stack: {snapshots: {repository: Mine}}", "`repository` must be lower-case"),
        ("stack: {snapshots: {keep_days: 0}}", "`keep_days` must be 1"),
        ("stack: {clusters: {log: {elasticsearch: {url: 'http://x'}}}}", "knows logs, metrics, campaigns, not `log`"),
        ("stack: {clusters: {logs: {elasticsearch: {url: 'http://x'}, prefix: Ä}}}", "`prefix` must be"),
        ("stack: {monitor: {every: 1s}}", "`every` must be 5s or more"),
        ("stack: {monitor: {most_documents: 0}}", "`most_documents` must be 1"),
        ("stack: {monitor: {logstash: [{url: 'host:9600'}]}}", "must look like http://host:9600"),
        ("stack: {monitor: {logstash: [{url: 'http://me:pw@h'}]}}", "must not hold a password"),
        ("stack: {prefix: Ä}", "`prefix` must be"),
        ("stack: {elasticsearch: {}}", "either `url` or `cloud_id`"),
        ("stack: {elasticsearch: {url: 'ftp://x'}}", "must look like https://host:9200"),
        ("stack: {elasticsearch: {url: 'http://x', user: me}}", "go together"),
        ("stack: {elasticsearch: {url: 'http://x', timeout: 0s}}", "must be above 0"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_their_line(text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        bind(parse(text, "f.yml"), StackSettings, ("stack",))
    assert str(caught.value.where).startswith("f.yml:1")


def test_a_whole_stack_section_is_understood():
    text = """
stack:
  elasticsearch: {url: [https://a:9200, https://b:9200], api_key: k, ca_file: /ca.pem}
  prefix: eu-
  tenants: [acme]
  keep: {logs: 30, campaigns: 400}
"""
    settings = bind(parse(text), StackSettings, ("stack",))
    assert settings.elasticsearch is not None
    assert settings.elasticsearch.place == "https://a:9200, https://b:9200"
    assert (settings.keep.logs, settings.keep.metrics) == (30, None)


def test_each_flow_has_its_place_and_each_place_is_visited_once():
    text = """
stack:
  elasticsearch: {url: https://a:9200}
  clusters:
    metrics: {elasticsearch: {url: https://a:9200}}
    campaigns: {elasticsearch: {url: https://b:9200}, prefix: eu-}
"""
    settings = bind(parse(text), StackSettings, ("stack",))
    assert settings.place_of("logs") == settings.place_of("metrics")
    assert [(cluster.place, prefix) for cluster, prefix in settings.places() if cluster] == [
        ("https://a:9200", ""),
        ("https://b:9200", "eu-"),
    ]


def test_a_user_is_made_for_each_secret_file_and_other_files_are_left_alone(tmp_path):
    for name in ("shipper_writer_password", "kibana_system_password", "webhook_password"):
        (tmp_path / name).write_text("s3cret-enough\n")
    users = {user.name: user for user in read_users(tmp_path, "eu-")}
    assert {name: user.role for name, user in users.items()} == {
        "shipper_writer": "eu-shipper_writer",
        "kibana_system": None,
    }
    assert users["shipper_writer"].password.reveal() == "s3cret-enough"


@pytest.mark.parametrize(("content", "message"), [(None, "no file"), ("short", "shorter than 6")])
def test_a_folder_without_usable_passwords_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "shipper_writer_password").write_text(content)
    with pytest.raises(UsageError, match=message):
        read_users(tmp_path)
