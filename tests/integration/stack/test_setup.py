"""Templates and their plan, on the real Elasticsearch, under a prefix of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from elasticsearch import BadRequestError, ConflictError

from shipper.elastic.capability import probe
from shipper.errors import FindingError
from shipper.stack.settings import RepositorySettings
from shipper.stack.setup import TemplateWishes, apply, difference, plan, set_up, unmet

pytestmark = pytest.mark.elasticsearch


def actions(client, prefix):
    return {step.name.removeprefix(prefix): step.action for step in plan(client, prefix)}


def test_the_first_plan_creates_and_the_second_changes_nothing(elasticsearch, prefix, request):
    assert set(actions(elasticsearch, prefix).values()) == {"create"}
    request.getfixturevalue("ready")
    assert set(actions(elasticsearch, prefix).values()) == {"unchanged"}


def test_a_template_of_ours_that_someone_changed_is_put_right(elasticsearch, ready):
    name = f"{ready}shipper-base"
    body = elasticsearch.cluster.get_component_template(name=name)["component_templates"][0]["component_template"]
    elasticsearch.cluster.put_component_template(
        name=name, template={"settings": {"index.number_of_shards": 7}}, meta=body["_meta"]
    )
    assert actions(elasticsearch, ready)["shipper-base"] == "update"
    (changed,) = [step for step in plan(elasticsearch, ready) if step.action == "update"]
    assert difference(changed) == [
        '+ template.settings.index.number_of_replicas: "0"',
        '- template.settings.index.number_of_shards: "7"',
        '+ template.settings.index.number_of_shards: "1"',
    ]
    set_up(elasticsearch, ready)
    assert actions(elasticsearch, ready)["shipper-base"] == "unchanged"


def test_what_someone_else_made_is_not_touched_and_nothing_else_is_either(elasticsearch, prefix):
    name = f"{prefix}shipper-base"
    theirs = {"settings": {"index.number_of_shards": "3"}}
    elasticsearch.cluster.put_component_template(name=name, template=theirs)
    try:
        with pytest.raises(FindingError, match="not made by Shipper: component_template"):
            set_up(elasticsearch, prefix)
        assert not elasticsearch.cluster.exists_component_template(name=f"{prefix}shipper-ecs")
        kept = elasticsearch.cluster.get_component_template(name=name)["component_templates"][0]
        assert kept["component_template"]["template"]["settings"] == {"index": {"number_of_shards": "3"}}
    finally:
        elasticsearch.cluster.delete_component_template(name=name)


@pytest.fixture
def theirs(elasticsearch, prefix):
    """Put a template of somebody else there, composable or legacy; it is gone afterwards."""
    made: list[str] = []

    def put(pattern, priority=None):
        name, kind = f"theirs-{prefix}{len(made)}", "_template" if priority is None else "_index_template"
        body = {"index_patterns": [prefix + pattern]} | ({} if priority is None else {"priority": priority})
        headers = {"accept": "application/json", "content-type": "application/json"}
        elasticsearch.perform_request("PUT", f"/{kind}/{name}", headers=headers, body=body)
        made.append(f"/{kind}/{name}")
        return name

    yield put
    for path in made:
        elasticsearch.perform_request("DELETE", path, headers={"accept": "application/json"})


@pytest.mark.parametrize("priority", [500, 700], ids=["as high as ours", "higher"])
def test_a_template_of_others_that_would_be_used_in_place_of_ours_is_refused(elasticsearch, prefix, theirs, priority):
    name = theirs("shipper-logs-2026.*", priority)
    assert ("index_template", name, "shadows") in kinds_of(plan(elasticsearch, prefix))
    with pytest.raises(FindingError, match=rf"{name} \(priority {priority}\)"):
        set_up(elasticsearch, prefix)
    assert not elasticsearch.cluster.exists_component_template(name=f"{prefix}shipper-base"), "nothing was changed"


def kinds_of(steps):
    return [(step.kind, step.name, step.action) for step in steps]


def test_forced_templates_go_above_those_of_others_and_stay_there(elasticsearch, theirs, ready):
    name = theirs("shipper-l*", 700)
    steps = plan(elasticsearch, ready, templates=TemplateWishes(force=True))
    assert ("index_template", name, "outranked") in kinds_of(steps)
    changed = [step.name.removeprefix(ready) for step in steps if step.action == "update"]
    assert changed == ["shipper-logs"], "the others are not reached by it"
    apply(elasticsearch, steps)
    assert {step.action for step in plan(elasticsearch, ready)} == {"unchanged", "outranked"}
    elasticsearch.create(
        index=f"{ready}shipper-logs-2001.01.01", id="1", document={"@timestamp": "2001-01-01T00:00:00Z"}
    )
    codec = elasticsearch.indices.get_settings(index=f"{ready}shipper-logs-2001.01.01", flat_settings=True)
    assert codec[f"{ready}shipper-logs-2001.01.01"]["settings"]["index.codec"] == "best_compression"


@pytest.mark.filterwarnings("ignore::elasticsearch.ElasticsearchWarning")
def test_lower_and_legacy_templates_are_told_of_and_harmless(elasticsearch, prefix, theirs, request):
    legacy, lower, elsewhere = theirs("shipper-*"), theirs("*", 100), theirs("other-*", 900)
    found = kinds_of(plan(elasticsearch, prefix))
    assert ("index_template", lower, "outranked") in found
    assert ("template", legacy, "outranked") in found
    assert elsewhere not in {name for _, name, _ in found}
    request.getfixturevalue("ready")


def test_the_command_shows_what_would_be_used_in_place_of_ours_and_ends_with_1(
    elasticsearch, endpoints, prefix, theirs, tmp_path
):
    name = theirs("campaign-events-*", 900)
    (tmp_path / "admin").write_text(endpoints.account("admin").password)
    command = [
        sys.executable, "-m", "shipper", "stack", "setup", "--url", endpoints.elasticsearch, "--user", "admin",
        "--password-file", str(tmp_path / "admin"), "--prefix", prefix,
    ]  # fmt: skip
    planned = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False, timeout=60)
    assert planned.returncode == 0, planned.stderr
    assert f"note: {name} would be used for our indices in place of ours" in planned.stdout
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "--force-templates" in done.stderr
    forced = [*command, "--dry-run", "--force-templates"]
    planned = subprocess.run(forced, capture_output=True, text=True, check=False, timeout=60)
    assert f"note: {name} matches our indices too" in planned.stdout


def test_a_malformed_value_costs_its_field_and_not_the_document(elasticsearch, ready):
    index = f"{ready}shipper-logs-2001.01.01"
    document = {"@timestamp": "2001-01-01T00:00:00Z", "source": {"ip": "not-an-address"}, "message": "hello world"}
    elasticsearch.create(index=index, id="1", document=document, refresh=True)
    hit = elasticsearch.search(index=index, query={"match": {"message": "world"}})["hits"]["hits"][0]
    assert hit["_ignored"] == ["source.ip"]


def test_a_document_without_a_readable_time_is_refused(elasticsearch, ready):
    with pytest.raises(BadRequestError):
        elasticsearch.create(index=f"{ready}shipper-logs-2001.01.01", id="1", document={"@timestamp": "yesterday"})


def test_unknown_strings_become_keywords_and_dates_are_not_guessed(elasticsearch, ready):
    index = f"{ready}shipper-logs-2001.01.01"
    document = {"@timestamp": "2001-01-01T00:00:00Z", "shop": {"basket": "2001-01-01"}, "labels": {"color": "red"}}
    elasticsearch.create(index=index, id="1", document=document)
    assert kinds(elasticsearch, index, "shop.basket", "labels.color") == ["keyword", "keyword"]


def test_days_of_logs_in_logsdb_mode_take_the_same_documents_once_and_give_them_back_as_sent(elasticsearch, ready):
    before = f"{ready}shipper-logs-2001.01.01"
    document = {
        "@timestamp": "2001-01-01T00:00:00Z",
        "host": {"name": "b"},
        "message": "m",
        "labels": {"z": "1", "a": "2"},
    }
    elasticsearch.create(index=before, id="1", document=document)
    steps = plan(elasticsearch, ready, templates=TemplateWishes(logsdb=True))
    assert [step.name.removeprefix(ready) for step in steps if step.action == "update"] == ["shipper-logs-own"]
    apply(elasticsearch, steps)
    assert {step.action for step in plan(elasticsearch, ready, templates=TemplateWishes(logsdb=True))} == {"unchanged"}
    index = f"{ready}shipper-logs-2001.01.02"
    elasticsearch.create(index=index, id="1", document=document, refresh=True)
    with pytest.raises(ConflictError):
        elasticsearch.create(index=index, id="1", document=document)
    settings = elasticsearch.indices.get_settings(index=f"{ready}shipper-logs-*", flat_settings=True)
    assert [settings[name]["settings"].get("index.mode") for name in (before, index)] == [None, "logsdb"]
    (hit,) = elasticsearch.search(index=index, query={"term": {"labels.a": "2"}})["hits"]["hits"]
    assert json.dumps(hit["_source"]) == json.dumps(document), "the order of keys too"


def test_an_ecs_field_gets_its_type_on_arrival_whatever_its_value_looks_like(elasticsearch, ready):
    index = f"{ready}shipper-logs-2001.01.01"
    document = {
        "@timestamp": "2001-01-01T00:00:00Z",
        "dns": {"resolved_ip": ["10.0.0.1"], "id": 4711},
        "file": {"size": 5, "mtime": "2001-01-01T00:00:00Z"},
        "client": {"geo": {"location": {"lat": 1.0, "lon": 2.0}}},
        "system": {"cpu": {"user": {"pct": 0}}},
    }
    elasticsearch.create(index=index, id="1", document=document)
    names = ("dns.resolved_ip", "dns.id", "file.size", "file.mtime", "client.geo.location", "system.cpu.user.pct")
    assert kinds(elasticsearch, index, *names) == ["ip", "keyword", "long", "date", "geo_point", "double"]


def kinds(client, index, *names):
    fields = client.field_caps(index=index, fields=list(names))["fields"]
    return [next(iter(fields[name])) for name in names]


def test_fields_past_the_limit_are_kept_unindexed_instead_of_refusing_the_document(elasticsearch, ready):
    index = f"{ready}shipper-logs-2001.01.01"
    document = {"@timestamp": "2001-01-01T00:00:00Z", "flood": {f"f{n}": n for n in range(3100)}}
    elasticsearch.create(index=index, id="1", document=document, refresh=True)
    assert elasticsearch.search(index=index)["hits"]["hits"][0]["_source"]["flood"]["f3099"] == 3099


def test_every_family_gets_its_template(elasticsearch, ready):
    names = {
        "shipper-logs-2001.01.01": ("log.offset", "long"),
        "shipper-metrics-2001.01.01": ("system.load.1", "double"),
        "campaign-events-2001.01.01": ("value.amount_minor", "long"),
        "shipper-alerts": ("rule.name", "keyword"),
    }
    for name, (field, kind) in names.items():
        top, *rest = reversed(field.split("."))
        value: object = {top: 1 if kind != "keyword" else "x"}
        for part in rest:
            value = {part: value}
        document = {"@timestamp": "2001-01-01T00:00:00Z", **value}  # type: ignore[dict-item]  # built as a dict above
        elasticsearch.create(index=ready + name, id="1", document=document)
        assert kinds(elasticsearch, ready + name, field) == [kind], name


def test_the_probe_says_what_the_local_core_lacks(elasticsearch):
    capabilities = probe(elasticsearch)
    assert capabilities.version >= (8, 19, 0)
    assert capabilities.security
    assert capabilities.nodes == capabilities.data_nodes == 1
    assert not capabilities.field_types
    assert not any((capabilities.painless, capabilities.ilm, capabilities.transforms, capabilities.native_users))


def test_a_snapshot_repository_is_made_once_and_another_of_its_name_is_foreign(elasticsearch, ready):
    wanted = RepositorySettings(repository=ready.strip("-"), settings={"location": ready}, schedule="0 30 1 * * ?")

    def action(settings):
        return next(step.action for step in plan(elasticsearch, ready, (), settings) if step.kind == "repository")

    try:
        assert action(wanted) == "create"
        apply(elasticsearch, plan(elasticsearch, ready, (), wanted))
        assert action(wanted) == "unchanged"
        assert action(RepositorySettings(repository=wanted.name, settings={"location": "theirs"})) == "foreign"
    finally:
        elasticsearch.snapshot.delete_repository(name=wanted.name)


def test_a_schedule_that_the_cluster_cannot_run_is_said(elasticsearch):
    assert not probe(elasticsearch).slm
    assert "from cron or a timer" in unmet(elasticsearch, RepositorySettings(schedule="0 30 1 * * ?"))[0]
    assert unmet(elasticsearch, RepositorySettings()) == []


def test_keys_that_the_cluster_cannot_store_are_said(endpoints, prefix, tmp_path, request):
    request.getfixturevalue("ready")
    (tmp_path / "admin").write_text(endpoints.account("admin").password)
    command = [
        sys.executable, "-m", "shipper", "stack", "setup", "--url", endpoints.elasticsearch, "--user", "admin",
        "--password-file", str(tmp_path / "admin"), "--prefix", prefix, "--api-keys-to", str(tmp_path / "keys"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "this cluster stores no API keys" in done.stderr
    assert not (tmp_path / "keys").exists()


def test_one_command_sets_up_several_clusters_by_flow(elasticsearch, endpoints, prefix, tmp_path):
    secret = tmp_path / "admin"
    secret.write_text(endpoints.account("admin").password)
    cluster = f"{{url: {endpoints.elasticsearch}, user: admin, password: 'file:{secret}'}}"
    config = tmp_path / "cluster.yml"
    config.write_text(
        f"stack:\n  elasticsearch: {cluster}\n  prefix: {prefix}a-\n"
        f"  clusters:\n    campaigns: {{elasticsearch: {cluster}, prefix: {prefix}b-}}\n"
    )
    command = [sys.executable, "-m", "shipper", "stack", "setup", "-c", str(config), "--dry-run", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    names = {change["name"] for change in json.loads(done.stdout)}
    assert {f"{prefix}a-campaign-events", f"{prefix}b-campaign-events"} <= names
