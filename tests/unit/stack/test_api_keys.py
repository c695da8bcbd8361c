"""API keys on a cluster, against a server that plays the documented API (the local core cannot store keys)."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import ANY
from urllib.parse import parse_qs, urlsplit

import pytest

from shipper.clock import ManualClock
from shipper.elastic.client import connect, from_url
from shipper.errors import UsageError
from shipper.stack.api_keys import Keys, ensure_key, key_action
from shipper.stack.roles import ROLES, all_roles, tenant_role

DAY = 86_400


class Cluster(ThreadingHTTPServer):
    """Keeps keys by id, in the shape of `GET /_security/api_key`; `secrets` are those it lets in."""

    def __init__(self, clock):
        super().__init__(("127.0.0.1", 0), Handler)
        self.clock = clock
        self.known: dict[str, dict[str, object]] = {}
        self.secrets: dict[str, str] = {}
        self.made = 0
        self.victim: int | None = None
        """A process that is killed when its key is made and not yet answered."""
        self.bodies: list[tuple[str, dict[str, object]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Cluster

    def do_GET(self):
        parts = urlsplit(self.path)
        if parts.path == "/_security/_authenticate":
            name, _, secret = self.headers["Authorization"].partition(" ")
            id_, _, key = base64.b64decode(secret).decode().partition(":")
            let_in = name == "ApiKey" and self.server.secrets.get(id_) == key
            self.answer(200 if let_in else 401, {"username": "elastic", "authentication_type": "api_key"})
        else:
            [(field, [wanted])] = parse_qs(parts.query).items()
            self.answer(200, {"api_keys": [key for key in self.server.known.values() if key[field] == wanted]})

    def do_DELETE(self):
        for id_ in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["ids"]:
            del self.server.known[id_], self.server.secrets[id_]
        self.answer(200, {"invalidated_api_keys": []})

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append((f"{self.command} {self.path}", body))
        if self.path == "/_security/api_key":
            id_ = f"id-{self.server.made}"
            self.server.made += 1
            self.server.secrets[id_] = "s3cret"
            kept = {"name": body["name"], "metadata": body["metadata"], "role_descriptors": as_kept(body)}
            self.server.known[id_] = {"id": id_, **kept}
            if "expiration" in body:
                days = int(body["expiration"].removesuffix("d"))
                self.server.known[id_]["expiration"] = int((self.server.clock.time() + days * DAY) * 1000)
            if self.server.victim is not None:
                os.kill(self.server.victim, signal.SIGKILL)
            encoded = base64.b64encode(f"{id_}:s3cret".encode()).decode()
            self.answer(200, {"id": id_, "name": body["name"], "api_key": "s3cret", "encoded": encoded})
        else:
            self.server.known[self.path.split("/")[3]]["role_descriptors"] = as_kept(body)
            self.answer(200, {"updated": True})

    do_POST = do_PUT  # noqa: N815 - the handler's own name

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


def as_kept(body):
    """With the defaults that Elasticsearch adds to a role."""
    added = {"run_as": [], "metadata": {}, "transient_metadata": {"enabled": True}}
    return {
        name: {
            "applications": [],
            **role,
            **added,
            "indices": [{**grant, "allow_restricted_indices": False} for grant in role["indices"]],
        }
        for name, role in body["role_descriptors"].items()
    }


@pytest.fixture
def cluster():
    server = Cluster(ManualClock())
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ensure(cluster, tmp_path):
    with connect(from_url(f"http://elastic:admin-password@127.0.0.1:{cluster.server_port}")) as client:
        yield lambda role, **keys: ensure_key(client, role, Keys(tmp_path / "keys", **keys), cluster.clock)


WRITER = next(role for role in ROLES if role.name == "shipper_writer")


def test_a_key_is_made_once_in_a_private_file_and_then_left_alone(cluster, ensure, tmp_path):
    assert [ensure(WRITER) for _ in range(2)] == ["create", "unchanged"]
    file = tmp_path / "keys/shipper_writer_api_key"
    assert base64.b64decode(file.read_text()) == b"id-0:s3cret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_key_that_cannot_be_kept_is_never_made(cluster, ensure, tmp_path):
    (tmp_path / "keys").write_text("a file where the folder would be")
    with pytest.raises(OSError, match="keys"):
        ensure(WRITER)
    assert cluster.bodies == []


def test_a_plan_says_what_would_happen_to_a_key_and_changes_nothing(cluster, ensure, tmp_path):
    with connect(from_url(f"http://elastic:admin-password@127.0.0.1:{cluster.server_port}")) as client:
        keys = Keys(tmp_path / "keys")
        assert key_action(client, WRITER, keys, cluster.clock) == "create"
        assert cluster.bodies == []
        assert not keys.folder.exists()
        ensure(WRITER)
        assert key_action(client, WRITER, keys, cluster.clock) == "unchanged"


def test_a_key_may_do_what_its_role_may_and_nothing_else(cluster, ensure):
    for role in all_roles(["acme"]):
        ensure(role, prefix="p-")
    for (request, body), role in zip(cluster.bodies, all_roles(["acme"]), strict=True):
        assert re.fullmatch(r"(PUT|POST) /_security/api_key", request)
        assert body == {
            "name": f"p-{role.name}",
            "role_descriptors": {role.name: role.render("p-")},
            "metadata": {"managed_by": "shipper", "attempt": ANY},
        }


def test_a_key_that_is_not_let_in_any_more_is_made_anew(cluster, ensure):
    ensure(WRITER)
    del cluster.secrets["id-0"]
    cluster.secrets["other"] = "x"
    assert ensure(WRITER) == "create"
    assert ensure(WRITER) == "unchanged"


def test_a_role_that_changed_changes_its_key_in_place(cluster, ensure, tmp_path):
    ensure(WRITER)
    before = (tmp_path / "keys/shipper_writer_api_key").read_bytes()
    cluster.known["id-0"]["role_descriptors"] = {"shipper_writer": {"cluster": ["all"], "indices": []}}
    assert ensure(WRITER) == "update"
    assert ensure(WRITER) == "unchanged"
    assert (tmp_path / "keys/shipper_writer_api_key").read_bytes() == before
    cluster.known["id-0"]["role_descriptors"]["more"] = {"cluster": ["all"]}
    assert ensure(WRITER) == "update", "a second role beside ours is taken away"


def test_a_key_is_replaced_before_it_ends(cluster, ensure):
    assert ensure(WRITER, days=90) == "create"
    cluster.clock.advance(50 * DAY)
    assert ensure(WRITER, days=90) == "unchanged"
    cluster.clock.advance(20 * DAY)
    assert ensure(WRITER, days=90) == "create"
    assert ensure(WRITER, days=90) == "unchanged"


def test_a_tenants_key_sees_that_tenant_only(cluster, ensure):
    ensure(tenant_role("acme"))
    ((_, body),) = cluster.bodies
    (grant,) = body["role_descriptors"]["insights_acme"]["indices"]
    assert json.loads(grant["query"]) == {"term": {"tenant": "acme"}}


def test_a_file_that_holds_no_key_is_not_overwritten(cluster, ensure, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/shipper_writer_api_key").write_text("no key")
    with pytest.raises(UsageError, match="this is no API key"):
        ensure(WRITER)
    assert cluster.bodies == []


MAKE_ONE = """
import sys
from pathlib import Path
from shipper.clock import ManualClock
from shipper.elastic.client import connect, from_url
from shipper.stack.api_keys import Keys, ensure_key
from shipper.stack.roles import ROLES
sys.stdin.readline()
writer = next(role for role in ROLES if role.name == "shipper_writer")
ensure_key(connect(from_url(sys.argv[1])), writer, Keys(Path(sys.argv[2])), ManualClock())
"""


def test_a_kill_between_a_key_and_its_file_leaves_no_key_after_the_next_run(cluster, ensure, tmp_path):
    url = f"http://elastic:admin-password@127.0.0.1:{cluster.server_port}"
    with connect(from_url(url)) as client:
        ensure_key(client, WRITER, Keys(tmp_path / "of another host"), cluster.clock)
    command = [sys.executable, "-c", MAKE_ONE, url, str(tmp_path / "keys")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as killed:
        cluster.victim = killed.pid
        killed.communicate(b"now\n")
    assert killed.returncode == -signal.SIGKILL
    assert set(cluster.known) == {"id-0", "id-1"}
    cluster.victim = None
    assert [ensure(WRITER) for _ in range(2)] == ["create", "unchanged"]
    assert set(cluster.known) == {"id-0", "id-2"}
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["shipper_writer_api_key"]


def test_a_kill_between_a_file_and_the_end_of_its_attempt_keeps_the_key(cluster, ensure, tmp_path):
    ensure(WRITER)
    attempt = cluster.known["id-0"]["metadata"]["attempt"]
    (tmp_path / "keys/.shipper_writer_api_key.attempt").write_text(attempt)
    assert ensure(WRITER) == "unchanged"
    assert set(cluster.known) == {"id-0"}
