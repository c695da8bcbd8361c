"""Users on a cluster, against a server that plays the security API (the local core cannot store users)."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shipper.config import Secret
from shipper.elastic.client import connect, from_url
from shipper.stack.users import User, ensure_user


class Cluster(ThreadingHTTPServer):
    """Knows users by name, with password and roles."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.known = {
            "elastic": ("admin-password", ["superuser"]),
            "kibana_system": ("old-password", ["kibana_system"]),
        }
        self.writes = []


class Handler(BaseHTTPRequestHandler):
    server: Cluster

    def do_GET(self):
        name, _, password = base64.b64decode(self.headers["Authorization"].split()[1]).decode().partition(":")
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
    assert [ensure_user(client, WRITER) for _ in range(2)] == ["update", "unchanged"]
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
