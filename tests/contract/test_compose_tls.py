"""TLS between all parts of docker-compose.yml, least privilege, one node or three: held to what the code expects."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from shipper import config
from shipper.agent.config import AgentSettings
from shipper.rules.settings import EvaluatorSettings
from shipper.stack.roles import ROLES
from shipper.stack.settings import StackSettings
from shipper.stack.users import BUILT_IN
from tests.support.compose import ROOT, certificates_of, compose, make_certificates

NODES = ["elasticsearch", "elasticsearch-2", "elasticsearch-3"]


@pytest.fixture(scope="module")
def one():
    return compose()


@pytest.fixture(scope="module")
def three():
    return compose("three-nodes")


@pytest.fixture(scope="module")
def certificates(three, tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(three, folder)
    return folder


def names_in(certificate):
    alternatives = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions
    found = alternatives.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in found}


def of_elasticsearch(project):
    return [name for name in project["services"] if name.startswith("elasticsearch")]


def test_the_default_is_one_node_and_the_profile_makes_it_three(one, three):
    assert of_elasticsearch(one) == ["elasticsearch"]
    assert sorted(of_elasticsearch(three)) == NODES
    assert one["services"]["elasticsearch"] == three["services"]["elasticsearch"], "one becomes three as it is"


def test_nodes_find_each_other_and_only_one_may_found_the_cluster(three):
    for name in NODES:
        settings = three["services"][name]["environment"]
        assert settings["node.name"] == name
        assert settings["discovery.seed_hosts"].split(",") == NODES
        assert settings.get("cluster.initial_master_nodes") == ("elasticsearch" if name == "elasticsearch" else None)
        assert "discovery.type" not in settings
    assert len({three["services"][name]["environment"]["cluster.name"] for name in NODES}) == 1


def test_nodes_have_disks_of_their_own_and_share_the_snapshots(three):
    mounted = [{volume["target"]: volume["source"] for volume in three["services"][name]["volumes"]} for name in NODES]
    assert len({disks["/usr/share/elasticsearch/data"] for disks in mounted}) == 3
    repository = three["services"]["elasticsearch"]["environment"]["path.repo"]
    assert {disks[repository] for disks in mounted} == {"elasticsearch-snapshots"}
    (prepared,) = three["services"]["snapshots-setup"]["volumes"]
    assert prepared["source"] == "elasticsearch-snapshots"


def test_clients_need_one_name_whichever_node_lives(three, certificates):
    for name in NODES:
        aliases = (three["services"][name]["networks"]["stack"] or {}).get("aliases", [])
        assert "elasticsearch" in {name, *aliases}
        assert {"elasticsearch", name, "localhost"} <= names_in(certificates / name / "tls.crt")


def test_every_node_speaks_tls_on_both_ports_and_wants_a_certificate_of_other_nodes(three, certificates):
    for name in NODES:
        settings = three["services"][name]["environment"]
        part, folder = certificates_of(three, name)
        assert part == name, "no node has another's key"
        assert folder == "/usr/share/elasticsearch/config/certificates", "Elasticsearch reads below its config only"
        for port in ("http", "transport"):
            tls = f"xpack.security.{port}.ssl"
            assert settings[f"{tls}.enabled"] == "true"
            for key, file in (("certificate", "tls.crt"), ("key", "tls.key"), ("certificate_authorities", "ca.crt")):
                assert settings[f"{tls}.{key}"] == f"certificates/{file}"
                assert (certificates / part / file).is_file()
        assert settings["xpack.security.transport.ssl.client_authentication"] == "required"
        assert settings["xpack.security.transport.ssl.verification_mode"] in {"certificate", "full"}


def test_each_key_is_seen_by_its_part_alone_and_the_authoritys_by_none(three):
    users = {"elasticsearch": "1000:0", "logstash": "1000:1000", "kibana": "1000:1000", "ecs-shipper": "10001:10001"}
    seen: dict[str, set[str]] = {}
    for name, service in three["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "volume" and volume["source"].startswith("certificates-"):
                assert volume.get("read_only") or name == "certificates-setup"
                seen.setdefault(volume["source"].removeprefix("certificates-"), set()).add(name)
    assert seen.pop("authority") == {"certificates-setup"}
    command = three["services"]["certificates-setup"]["command"]
    owners = dict(word.removeprefix("--part=").split("=") for word in command if word.startswith("--part="))
    assert owners.keys() == seen.keys()
    for part, services in seen.items():
        images = {three["services"][name]["image"].split(":")[0] for name in services - {"certificates-setup"}}
        assert len(images) == 1, f"{part} is shared by different programs"
        assert owners[part] == users[images.pop()]
    assert f"USER {owners['shipper']}" in (ROOT / "Dockerfile").read_text()


def test_who_makes_certificates_has_no_network(three):
    assert three["services"]["certificates-setup"]["network_mode"] == "none"
    assert three["services"]["snapshots-setup"]["network_mode"] == "none"


def test_nothing_starts_before_it_has_its_certificate(three):
    def before(name):
        wanted = three["services"][name].get("depends_on", {})
        return set(wanted).union(*(before(other) for other in wanted))

    for name in three["services"]:
        if not name.endswith("-setup") or name == "stack-setup":
            assert "certificates-setup" in before(name), name
    for name, wanted in three["services"]["stack-setup"]["depends_on"].items():
        assert wanted == {"condition": "service_healthy", "required": name == "elasticsearch"}


def test_no_part_speaks_plain_http_to_another(three):
    texts = [str(service) for service in three["services"].values()]
    texts += [file.read_text() for file in (ROOT / "docker").glob("*.yml")]
    plain = {host for text in texts for host in re.findall(r"http://([\w.-]+)", text)}
    # Logstash's statistics: its API takes a key store only; no document and no password goes there
    assert plain <= {"logstash"}


@pytest.mark.parametrize(
    ("service", "peer", "authority"),
    [
        ("logstash", "elasticsearch", lambda setting: setting["SHIPPER_ES_CA"]),
        ("kibana", "elasticsearch", lambda setting: setting["ELASTICSEARCH_SSL_CERTIFICATEAUTHORITIES"]),
        ("stack-setup", "elasticsearch", lambda setting: setting["--ca-file"]),
        ("evaluator", "elasticsearch", lambda setting: setting.elasticsearch.ca_file),
        ("monitor", "elasticsearch", lambda setting: setting.elasticsearch.ca_file),
        ("agent", "logstash", lambda setting: setting.output.tls.ca),
    ],
)  # fmt: skip
def test_who_speaks_to_another_trusts_the_authority_and_finds_the_name(
    three, certificates, tmp_path, service, peer, authority
):
    part, folder = certificates_of(three, service)
    assert str(authority(setting_of(three, service, tmp_path))) == f"{folder}/ca.crt"
    assert peer in names_in(certificates / peer / "tls.crt")
    assert (certificates / part / "ca.crt").read_bytes() == (certificates / peer / "ca.crt").read_bytes()


def setting_of(project, service, folder):
    """What tells a service whom to trust: its environment, its options, or its config file as its program reads it."""
    entry = project["services"][service]
    if service in {"logstash", "kibana"}:
        return entry["environment"]
    if service == "stack-setup":
        return dict(word.split("=", 1) for word in entry["command"] if "=" in word)
    for user in ("rules_evaluator", "stack_monitor"):
        (folder / f"{user}_password").write_text("password")
    text = (ROOT / "docker" / f"{service}.yml").read_text().replace("/run/secrets", str(folder))
    model: Any = {"agent": AgentSettings, "evaluator": EvaluatorSettings, "monitor": StackSettings}[service]
    return config.bind(config.parse(text, service), model, ("stack",) if service == "monitor" else ())


def test_the_agent_and_logstash_show_each_other_certificates(three, tmp_path):
    tls = setting_of(three, "agent", tmp_path).output.tls
    _, folder = certificates_of(three, "agent")
    assert (str(tls.certificate), str(tls.key), tls.verify) == (f"{folder}/tls.crt", f"{folder}/tls.key", True)
    settings = three["services"]["logstash"]["environment"]
    assert settings["SHIPPER_BEATS_TLS"] == settings["SHIPPER_HTTP_TLS"] == "true"
    assert settings.get("SHIPPER_BEATS_CLIENT_AUTH", "required") == "required"


def test_each_part_works_as_the_user_of_its_role_and_only_setup_and_the_nodes_know_the_superuser(three, tmp_path):
    services = three["services"]
    known = {name: {secret["source"] for secret in service.get("secrets", [])} for name, service in services.items()}
    assert {name for name, secrets in known.items() if "elastic_password" in secrets} == {*NODES, "stack-setup"}
    roles = {role.name for role in ROLES} | set(BUILT_IN)
    made = {secret.removesuffix("_password") for secret in known["stack-setup"]} - {"elastic"}
    assert made <= roles
    users = {
        "logstash": {
            services["logstash"]["environment"][key] for key in ("SHIPPER_WRITER_USER", "SHIPPER_CAMPAIGN_USER")
        },
        "kibana": {services["kibana"]["environment"]["ELASTICSEARCH_USERNAME"]},
        "evaluator": {setting_of(three, "evaluator", tmp_path).elasticsearch.user},
        "monitor": {setting_of(three, "monitor", tmp_path).elasticsearch.user},
    }
    for name, wanted in users.items():
        assert wanted <= made
        assert {f"{user}_password" for user in wanted} <= known[name]
    assert known["agent"] == set(), "the agent's certificate is all it needs"


def test_the_pipelines_would_start_with_what_logstash_is_given(three, certificates, tmp_path):
    part, folder = certificates_of(three, "logstash")
    service = three["services"]["logstash"]
    given = {key: value.replace(folder, str(certificates / part)) for key, value in service["environment"].items()}
    given |= dict.fromkeys(re.findall(r"export (\w+)=", " ".join(service["entrypoint"])), "a-password")
    given |= {"SHIPPER_PIPELINES": str(ROOT / "logstash/pipelines"), "SHIPPER_DLQ_PATH": str(tmp_path)}
    files = [word for path in sorted((ROOT / "logstash/pipelines").glob("*.conf")) for word in ("-f", str(path))]
    command = [sys.executable, "-m", "shipper", "logstash", "check", *files]
    done = subprocess.run(
        command, env={**os.environ, **given, "SHIPPER_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dead_letter_queues_that_are_read_are_there_at_the_first_start(three):
    made = re.search(r"mkdir -p (\S+)/\{([^}]*)\}", " ".join(three["services"]["logstash"]["entrypoint"]))
    assert made is not None
    text = (ROOT / "logstash/pipelines/dead-letters.conf").read_text()
    assert set(re.findall(r'pipeline_id => "([^"]+)"', text)) == set(made[2].split(","))
    assert f":{made[1]}}}" in text
    declared = {pipeline["pipeline.id"] for pipeline in yaml.safe_load((ROOT / "logstash/pipelines.yml").read_text())}
    assert set(made[2].split(",")) <= declared


def test_health_is_asked_over_tls(three):
    for name in (*NODES, "kibana"):
        test = " ".join(three["services"][name]["healthcheck"]["test"])
        _, folder = certificates_of(three, name)
        home = Path("/usr/share", name.split("-")[0])  # where its image's commands run
        assert f"--cacert {Path(folder).relative_to(home)}/ca.crt" in test
        assert "https://localhost:" in test


def test_no_user_or_password_has_a_default(three):
    for name, service in three["services"].items():
        for key, value in (service.get("environment") or {}).items():
            assert not re.search("PASSWORD|SECRET|TOKEN", key) or str(value).startswith("/run/secrets/"), (name, key)
