"""TLS and mutual TLS towards Logstash and Elasticsearch, with certificates of our own."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from shipper.agent.output import make_output
from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.logstash import LogstashSettings
from shipper.agent.output.tls import TlsSettings
from shipper.clock import SystemClock
from shipper.errors import ConfigError
from shipper.lumberjack.server import LumberjackServer, ServerSettings, accepting
from shipper.lumberjack.tls import ServerTls
from tests.support.agent_process import until
from tests.support.certificates import make_authority
from tests.support.lumberjack_peer import Store
from tests.support.pipe import Pipe, batch
from tests.support.raw_peer import RawPeer, all_taken, http_request


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    authority = make_authority(tmp_path_factory.mktemp("certificates"))
    for name in ("server", "client"):
        authority.issue(name)
    return authority.folder


@pytest.fixture
def logstash(certificates):
    got: list[dict[str, object]] = []
    tls = ServerTls(
        certificate=certificates / "server.crt",
        key=certificates / "server.key",
        authorities=(certificates / "ca.crt",),
        verify="required",
    )
    server = LumberjackServer(ServerSettings(port=0, tls=tls), accepting(lambda events, peer: got.extend(events)))
    server.start()
    yield "{}:{}".format(*server.address), got
    server.stop(1.0)


def settle(session):
    session.send([batch(0, 1)])
    settled: list[object] = []
    while not settled:
        settled = session.receive(1.0)
    session.close()


def test_mutual_tls_to_logstash(certificates, logstash):
    address, got = logstash
    tls = TlsSettings(
        ca=certificates / "ca.crt",
        certificate=certificates / "client.crt",
        key=certificates / "client.key",
        server_name="logstash.internal",
    )
    settle(make_output(LogstashSettings(hosts=[address], tls=tls), SystemClock()).open(0))
    assert [event["message"] for event in got] == ["x 0"]


@pytest.mark.parametrize("tls", [{}, {"server_name": "elsewhere", "ca": "ca.crt"}], ids=["unknown ca", "other name"])
def test_a_peer_that_cannot_prove_itself_gets_nothing(certificates, logstash, tls):
    address, got = logstash
    if "ca" in tls:
        tls = {**tls, "ca": certificates / tls["ca"]}
    output = make_output(LogstashSettings(hosts=[address], tls=TlsSettings(**tls)), SystemClock())
    with pytest.raises(ssl.SSLCertVerificationError):
        output.open(0)
    assert got == []


@pytest.fixture
def https(certificates):
    """An address of an HTTPS server that closes after each answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(all_taken(body))

        def log_message(self, *arguments):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_https_to_elasticsearch(certificates, https):
    url = f"https://{https}"
    settings = ElasticsearchSettings(hosts=[url], tls=TlsSettings(ca=certificates / "ca.crt"))
    settle(make_output(settings, SystemClock()).open(0))
    with pytest.raises(ssl.SSLCertVerificationError):
        make_output(ElasticsearchSettings(hosts=[url]), SystemClock()).open(0)


def test_the_certificate_of_elasticsearch_may_name_another_host_also_when_it_connects_again(certificates, https):
    url = f"https://{https.replace('127.0.0.1', 'localhost')}"  # a name that the certificate does not hold
    named = TlsSettings(ca=certificates / "ca.crt", server_name="logstash.internal")
    session = make_output(ElasticsearchSettings(hosts=[url], tls=named), SystemClock()).open(0)
    settle(session)
    settle(session)
    with pytest.raises(ssl.SSLCertVerificationError):
        make_output(ElasticsearchSettings(hosts=[url], tls=TlsSettings(ca=named.ca)), SystemClock()).open(0)


@pytest.mark.parametrize("name", ["elsewhere", "127.0.0.2"])
def test_a_server_name_that_is_not_in_the_certificate_of_elasticsearch_is_refused(certificates, https, name):
    tls = TlsSettings(ca=certificates / "ca.crt", server_name=name)
    with pytest.raises(ssl.SSLCertVerificationError):
        make_output(ElasticsearchSettings(hosts=[f"https://{https}"], tls=tls), SystemClock()).open(0)


def test_a_missing_certificate_is_told_at_start(tmp_path):
    tls = TlsSettings(certificate=tmp_path / "none.crt", key=tmp_path / "none.key")
    with pytest.raises(ConfigError, match="TLS files"):
        make_output(LogstashSettings(hosts=["127.0.0.1:1"], tls=tls), SystemClock())


class Strict:
    """A peer that wants a certificate of its authority, and notes whose it was at each connection."""

    def __init__(self, authority, kind):
        self.authority = authority
        self.kind = kind
        self.seen = []
        self.store = Store()

    def behave(self, connection, _):
        server = self.authority.issue("server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.certificate, server.key)
        context.load_verify_locations(self.authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        with context.wrap_socket(connection, server_side=True) as secured:
            certificate: Any = secured.getpeercert()
            self.seen.append(dict(certificate["subject"][-1])["commonName"])
            if self.kind == "logstash":
                self.store.serve(secured)
                return
            while True:
                answer = all_taken(http_request(secured))
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))

    def settings(self, address, tls):
        if self.kind == "logstash":
            return LogstashSettings(hosts=[address], tls=tls)
        return ElasticsearchSettings(hosts=[f"https://{address}"], tls=tls)


@pytest.mark.parametrize("kind", ["logstash", "elasticsearch"])
def test_renewed_tls_files_are_used_without_a_restart_and_a_broken_renewal_keeps_the_old(tmp_path, kind):
    authority, other = make_authority(tmp_path), make_authority(tmp_path, "other")
    mine, renewed = authority.issue("first"), authority.issue("second")
    trusted = tmp_path / "trusted.crt"
    trusted.write_bytes(authority.certificate.read_bytes())
    tls = TlsSettings(ca=trusted, certificate=mine.certificate, key=mine.key)
    strict = Strict(authority, kind)

    with RawPeer(strict.behave) as peer, Pipe(tmp_path / "state", strict.settings(peer.address, tls)) as pipe:

        def send(number):
            pipe.delivery.offer(batch(number, 1))
            assert until(pipe.delivery.is_idle)

        def is_left():
            return until(lambda: pipe.output.pool.report()[0]["connections"] == 0)

        send(0)
        sound = mine.certificate.read_bytes()
        mine.certificate.write_text("no certificate")
        assert is_left(), "the change was seen"
        send(1)
        assert strict.seen == ["first", "first"]

        renewed.key.rename(mine.key)
        renewed.certificate.rename(mine.certificate)
        assert is_left()
        send(2)
        assert strict.seen[-1] == "second"
        assert sound != mine.certificate.read_bytes()
        assert pipe.senders[0].health.failures == 0

        strict.authority = other  # the peer moves to another authority, and so do we
        trusted.write_bytes(other.certificate.read_bytes())
        moved = other.issue("third")
        moved.key.rename(mine.key)
        moved.certificate.rename(mine.certificate)
        assert is_left()
        send(3)
        assert strict.seen[-1] == "third"
