"""Users on a cluster, against a server that plays the security API (the local core cannot store users)."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shipper.config import Secret
from shipper.elastic.client import connect, from_url
from shipper.errors import FindingError
from shipper.stack.templates import META
from shipper.stack.users import User, ensure_user, user_action


class Cluster(ThreadingHTTPServer):
    """Knows users by name, with password and roles."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.known = {
            "elastic": ("admin-password", ["superuser"]),
            "kibana_system": ("old-password", ["kibana_system"]),
        }
        self.marks = {}
        self.writes = []


class Handler(BaseHTTPRequestHandler):
    server: Cluster

    def do_GET(self):
        name, _, password = base64.b64decode(self.headers["Authorization"].split()[1]).decode().partition(":")
        if self.path != "/_security/_authenticate":
            asked = self.path.split("/")[3]
            found = self.server.known.get(asked)
            document = {asked: {"roles": found[1], "metadata": self.server.marks.get(asked, META)}} if found else {}
            self.answer(200 if found else 404, document)
            return
        stored, roles = self.server.known.get(name, ("", []))
        self.answer(200 if stored == password else 401, {"username": name, "roles": roles})

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.writes.append(self.path)
        name = self.path.split("/")[3]
        roles = body.get("roles") or self.server.known[name][1]
        self.server.known[name] = (body["password"], roles)
        self.answer(200, {})

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


@pytest.fixture
def cluster():
    server = Cluster()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(cluster):
    with connect(from_url(f"http://elastic:admin-password@127.0.0.1:{cluster.server_port}")) as client:
        yield client


WRITER = User("shipper_writer", Secret("writer-password"), "shipper_writer")


def test_a_user_is_made_once_and_then_left_alone(cluster, client):
    assert [ensure_user(client, WRITER) for _ in range(2)] == ["create", "unchanged"]
    assert cluster.known["shipper_writer"] == ("writer-password", ["shipper_writer"])
    assert cluster.writes == ["/_security/user/shipper_writer"]


@pytest.mark.parametrize("wrong", [("another", ["shipper_writer"]), ("writer-password", ["superuser"])])
def test_a_wrong_password_or_role_is_put_right(cluster, client, wrong):
    cluster.known["shipper_writer"] = wrong
    assert ensure_user(client, WRITER) == "update"
    assert cluster.known["shipper_writer"] == ("writer-password", ["shipper_writer"])


def test_of_a_built_in_user_only_the_password_is_set(cluster, client):
    kibana = User("kibana_system", Secret("new-password"), None)
    assert [ensure_user(client, kibana) for _ in range(2)] == ["update", "unchanged"]
    assert cluster.known["kibana_system"] == ("new-password", ["kibana_system"])
    assert cluster.writes == ["/_security/user/kibana_system/_password"]


@pytest.mark.parametrize(
    ("known", "mark"),
    [
        (("another", ["shipper_writer"]), {}),
        (("another", ["their_role"]), {"managed_by": "terraform"}),
        (("another", ["b-shipper_writer"]), META),
    ],
)
def test_a_user_that_somebody_else_or_another_installation_made_is_not_touched(cluster, client, known, mark):
    cluster.known["shipper_writer"] = known
    cluster.marks["shipper_writer"] = mark
    with pytest.raises(FindingError, match="user shipper_writer"):
        ensure_user(client, WRITER)
    assert cluster.known["shipper_writer"] == known
    assert cluster.writes == []


def test_a_plan_says_what_would_happen_to_a_user_and_changes_nothing(cluster, client):
    assert user_action(client, WRITER) == "create"
    cluster.known["shipper_writer"] = ("another", ["shipper_writer"])
    assert user_action(client, WRITER) == "update"
    assert cluster.writes == []
