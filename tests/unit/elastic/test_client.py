"""How the client is made, and what its failures become, over real sockets."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shipper.config import Duration, Secret
from shipper.elastic.capability import probe
from shipper.elastic.client import ClientSettings, connect, explained, for_role, from_url
from shipper.errors import UnavailableError, UsageError
from shipper.home import Account, Endpoints


class Answering(ThreadingHTTPServer):
    """Gives every request the status and body it is told; keeps the requests' headers."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.body, self.seen = 200, b"{}", []
        self.product = "Elasticsearch"


class Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self):
        self.server.seen.append(self.headers)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Elastic-Product", self.server.product)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def answering():
    server = Answering()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def url(server):
    return f"http://127.0.0.1:{server.server_port}"


def ask(settings):
    with explained(settings.place), connect(settings) as client:
        client.cluster.health()


def test_a_user_an_address_and_a_password_are_taken_from_one_url(answering):
    settings = from_url(f"http://me:p%40ss@127.0.0.1:{answering.server_port}")
    assert settings.place == url(answering)
    assert "p@ss" not in repr(settings)
    ask(settings)
    assert answering.seen[0]["Authorization"] == "Basic bWU6cEBzcw=="


def test_an_api_key_is_sent_as_one(answering):
    ask(ClientSettings(url=url(answering), api_key=Secret("a2V5")))
    assert answering.seen[0]["Authorization"] == "ApiKey a2V5"


def test_a_role_of_the_local_stack_has_its_own_account():
    endpoints = Endpoints("http://127.0.0.1:1", {"shipper_reader": Account("u", "p")})
    assert for_role(endpoints, "shipper_reader").user == "u"
    with pytest.raises(UnavailableError, match="no account for the role"):
        for_role(endpoints, "shipper_writer")


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (401, UnavailableError, "does not know this user"),
        (403, UnavailableError, "may not do this: because"),
        (429, UnavailableError, "not able to now"),
        (503, UnavailableError, "not able to now"),
        (400, UsageError, "refused the request .400.: because"),
    ],
)
def test_an_answer_that_refuses_is_explained(answering, status, kind, message):
    answering.status, answering.body = status, b'{"error": {"reason": "because"}, "status": 1}'
    with pytest.raises(kind, match=message) as caught:
        ask(ClientSettings(url=url(answering), user="me", password=Secret("hidden-one")))
    assert caught.value.where == url(answering)
    assert "hidden-one" not in str(caught.value)


def test_an_answer_is_never_asked_for_again(answering):
    answering.status = 503
    with pytest.raises(UnavailableError):
        ask(ClientSettings(url=url(answering)))
    assert len(answering.seen) == 1


def test_nobody_listening_is_explained():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        ask(ClientSettings(url=f"http://127.0.0.1:{port}", retries=1))
    assert "stack up" in str(caught.value.hint)


def test_a_peer_that_never_answers_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = ClientSettings(url=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=Duration(0.2))
        with pytest.raises(UnavailableError, match="did not answer in time"):
            ask(settings)


def test_what_is_not_elasticsearch_is_told_as_that(answering):
    answering.product = "Something"
    with pytest.raises(UsageError, match="not Elasticsearch"):
        ask(ClientSettings(url=url(answering)))


def test_an_answer_that_is_cut_is_not_called_unreachable(answering):
    answering.body = b'{"status":'
    with pytest.raises(UnavailableError, match="not whole, or no JSON"):
        ask(ClientSettings(url=url(answering)))


def test_a_server_that_speaks_no_tls_is_explained(answering):
    with pytest.raises(UnavailableError, match="speaks no TLS"):
        ask(ClientSettings(url=url(answering).replace("http:", "https:"), retries=0))


@pytest.mark.parametrize("text", ["", "localhost:9200", "ftp://host", "http://", "http://u:p@host:port"])
def test_what_is_no_address_is_the_callers_mistake(text):
    with pytest.raises(UsageError, match="must look like"):
        from_url(text)


@pytest.mark.parametrize(
    "given",
    [
        {"cloud_id": "rubbish"},
        {"cloud_id": "name:not base64"},
        {"url": "http://host:99999"},
        {"url": "http://host:port"},
        {"url": "http://[::1:9200"},
    ],
)
def test_an_address_that_cannot_be_one_is_refused_before_anything_connects(given):
    with pytest.raises(ValueError, match="must"):
        ClientSettings(**given)


@pytest.mark.parametrize("body", [b'{"status": "ok"}', b"[]", b'"maintenance"', b'{"nodes": {"a": {"modules": []}}}'])
def test_json_that_is_not_elasticsearchs_is_explained_although_a_proxy_passes_its_header_on(answering, body):
    answering.body = body
    settings = from_url(url(answering))
    with (
        pytest.raises(UnavailableError, match="not one that Elasticsearch gives"),
        explained(settings.place),
        connect(settings) as client,
    ):
        probe(client)


def test_a_version_that_is_none_is_named(answering):
    answering.body = b'{"nodes": {"a": {"modules": [], "version": "latest"}}}'
    with pytest.raises(UnavailableError, match="no version of Elasticsearch: 'latest'"):
        probe(connect(from_url(url(answering))))
