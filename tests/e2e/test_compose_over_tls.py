"""The settings of docker-compose.yml on real parts: Elasticsearch with TLS, pipelines, agent, evaluator, monitor.

Docker cannot run here, nor Kibana or Logstash: our runner stands in Logstash's place, with Logstash's variables.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import urllib3
from elasticsearch import ApiError

from shipper.clock import ManualClock, SystemClock
from shipper.config import Secret
from shipper.elastic.client import ClientSettings, connect
from shipper.home import Home
from shipper.stack import accounts, cache, node
from shipper.stack.distribution import DEFAULT_VERSION, server
from shipper.stack.findings import certificate_findings
from shipper.stack.java import java_home
from shipper.stack.local import LocalStack
from shipper.stack.roles import ROLES, roles_yml
from tests.support.compose import ROOT, certificates_of, compose, make_certificates
from tests.support.runner_process import RunnerProcess

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.elasticsearch, pytest.mark.slow, pytest.mark.timeout(400)]

DAY = "shipper-logs-2001.03.01"


@dataclass
class Stage:
    """What stands in for the containers; `files` replaces paths of containers in config files."""

    project: dict[str, object]
    folder: Path
    certificates: Path
    passwords: dict[str, str]
    url: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def client(self, user="admin"):
        return connect(
            ClientSettings(
                url=self.url,
                user=user,
                password=Secret(self.passwords[user]),
                ca_file=self.certificates / "shipper/ca.crt",
            )
        )

    def config(self, name, **more):
        """A config file of docker/, with the paths and addresses of this machine."""
        text = (ROOT / "docker" / name).read_text()
        replaced = {
            "/certificates/": f"{self.certificates}/shipper/",
            "/run/secrets": str(self.folder),
            "https://elasticsearch:9200": self.url,
            **more,
        }
        for old, new in replaced.items():
            assert old in text or old in {"/run/secrets", "https://elasticsearch:9200"}, old
            text = text.replace(old, new)
        path = self.folder / name
        path.write_text(text)
        return path

    def shipper(self, *words, code=0):
        environment = {**os.environ, "SHIPPER_HOME": str(self.folder / "home")}
        command = [sys.executable, "-m", "shipper", *map(str, words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=90)
        assert done.returncode == code, done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compose")
    project = compose()
    make_certificates(project, folder / "certificates")
    users = accounts.complete({}, [role.name for role in ROLES])
    stage = Stage(project, folder, folder / "certificates", {name: one.password for name, one in users.items()})
    for name, password in stage.passwords.items():
        (folder / f"{name}_password").write_text(password)
    place = LocalStack(Home(folder / "home")).folder
    try:
        stage.url = start_elasticsearch(stage, place, users)
        yield stage
    finally:
        node.stop(place)
        node.delete(place)


def start_elasticsearch(stage, place, users):
    """The real server, with the TLS settings of the Compose file."""
    owner = cache.run_as("nobody")
    shared = cache.make_folder(cache.cache_folder(), None)
    java = java_home(DEFAULT_VERSION, shared, shared=owner is not None)
    lone = node.Node(place, server(DEFAULT_VERSION, shared), java, owner=owner)
    lone.configure(users, roles_yml(ROLES))
    shutil.copytree(stage.certificates / "elasticsearch", place / "config/certificates")
    if owner is not None:
        for path in (place / "config/certificates", *(place / "config/certificates").iterdir()):
            os.chown(path, owner.uid, owner.gid)
    settings = stage.project["services"]["elasticsearch"]["environment"]
    with (place / "config/elasticsearch.yml").open("a") as file:
        for name, value in settings.items():
            if ".ssl." in name:
                file.write(f"{name}: {json.dumps(value)}\n")
    launcher = lone.start()
    address = node.await_listening(place, launcher, 240)
    launcher.wait(240)
    return address.replace("http://127.0.0.1", "https://localhost")


def test_every_part_reaches_the_others_over_tls_with_the_files_of_the_compose_file(stage):
    stage.shipper(
        "stack", "setup", "--url", stage.url, "--ca-file", stage.certificates / "shipper/ca.crt",
        "--user", "admin", "--password-file", stage.folder / "admin_password",
    )  # fmt: skip
    logs = stage.folder / "logs"
    logs.mkdir()
    lines = [{"@timestamp": "2001-03-01T12:00:00Z", "log.level": "info", "message": f"order {n}"} for n in range(500)]
    (logs / "shop.log").write_text("".join(json.dumps(line) + "\n" for line in lines))

    with RunnerProcess(stage.folder, "--pipelines", str(ROOT / "logstash/pipelines.yml"), **variables(stage)) as runner:
        host, port = runner.address("beats")
        config = stage.config(
            "agent.yml",
            **{
                "/var/lib/shipper/agent": str(stage.folder / "state"),
                "/logs/": f"{logs}/",
                '"logstash:5044"': f'"localhost:{port}"',
            },
        )
        assert host == "127.0.0.1"
        stage.shipper("agent", "run", "-c", config, "--once")
        status = post_webhook(stage, runner)
    with stage.client() as admin:
        admin.indices.refresh(index="*")
        assert admin.count(index=DAY)["count"] == 500
        assert status == 200
        assert admin.count(index="campaign-events-*")["count"] == 1
    # Logstash's own API is not there: its statistics fail, those of Elasticsearch are written
    done = stage.shipper("stack", "monitor", "-c", stage.config("monitor.yml"), "--once", "--json", code=1)
    assert json.loads(done.stdout)["written"] > 0
    stage.shipper(
        "rules", "run", "--config", stage.config("evaluator.yml", **{"[/rules]": f"[{ROOT / 'alert_rules'}]"}), "--once"
    )


def variables(stage):
    """What the Compose file gives Logstash, with the paths of this machine and free ports."""
    part, folder = certificates_of(stage.project, "logstash")
    service = stage.project["services"]["logstash"]
    given = {
        key: value.replace(folder, str(stage.certificates / part)) for key, value in service["environment"].items()
    }
    for name, secret in re.findall(r"export (\w+)=\S*cat /run/secrets/(\w+)_password", " ".join(service["entrypoint"])):
        given[name] = stage.passwords.get(secret, "hook-password")
    return {
        **given,
        "SHIPPER_PIPELINES": str(ROOT / "logstash/pipelines"),
        "SHIPPER_ES_URL": stage.url,
        "SHIPPER_BEATS_HOST": "127.0.0.1",
        "SHIPPER_BEATS_PORT": "0",
        "SHIPPER_HTTP_HOST": "127.0.0.1",
        "SHIPPER_HTTP_PORT": "0",
        "SHIPPER_SIGNED_PORT": "0",
    }


def post_webhook(stage, runner):
    event = {
        "tenant": "acme", "event": {"id": "e-1"}, "@timestamp": "2001-03-01T12:00:00Z", "action": "converted",
        "actor": {"id": "u-1"}, "object": {"type": "campaign", "id": "c-1"},
    }  # fmt: skip
    pool = urllib3.PoolManager(ca_certs=str(stage.certificates / "shipper/ca.crt"), retries=False)
    _, port = runner.address("http")
    headers = urllib3.make_headers(basic_auth="webhook:hook-password") | {"Content-Type": "application/json"}
    return pool.request("POST", f"https://localhost:{port}/", body=json.dumps(event), headers=headers).status


def test_who_has_no_certificate_is_not_heard(stage):
    with RunnerProcess(stage.folder, "--pipelines", str(ROOT / "logstash/pipelines.yml"), **variables(stage)) as runner:
        address = runner.address("beats")
        assert acknowledges(address, stage, certificate=stage.certificates / "shipper")
        assert not acknowledges(address, stage, certificate=None)


def acknowledges(address, stage, certificate):
    """Whether an empty window is answered."""
    context = ssl.create_default_context(cafile=stage.certificates / "shipper/ca.crt")
    if certificate is not None:
        context.load_cert_chain(certificate / "tls.crt", certificate / "tls.key")
    with socket.create_connection(address, timeout=10) as peer:
        try:
            with context.wrap_socket(peer, server_hostname="localhost") as client:
                client.sendall(b"2W\0\0\0\0")
                return client.recv(6) == b"2A\0\0\0\0"
        except OSError:
            return False


def test_certificates_that_end_soon_are_findings(stage):
    with stage.client("stack_monitor") as monitor:
        assert list(certificate_findings(monitor, SystemClock())) == []
        in_two_years = ManualClock(SystemClock().time() + 810 * 86_400)
        found = {finding.what.split()[2] for finding in certificate_findings(monitor, in_two_years)}
    assert found == {"certificates/tls.crt"}, "not the authority, which lives longer"


def test_a_writer_over_tls_still_may_only_add(stage):
    with stage.client("shipper_writer") as writer:
        with pytest.raises(ApiError) as refused:
            writer.search(index=DAY)
        assert refused.value.status_code == 403
