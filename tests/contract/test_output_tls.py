"""TLS and mutual TLS towards Logstash and Elasticsearch, with certificates of our own."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shipper.agent.batch import Batch
from shipper.agent.output import make_output
from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.logstash import LogstashSettings
from shipper.agent.output.tls import TlsSettings
from shipper.clock import SystemClock
from shipper.errors import ConfigError
from shipper.lumberjack.server import LumberjackServer, ServerSettings, accepting
from shipper.lumberjack.tls import ServerTls

STAMP = "2026-03-01T12:00:00.000Z"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt")
    for name in ("server", "client"):
        alternative = "subjectAltName=IP:127.0.0.1,DNS:logstash.internal"
        openssl("req", *key, "-subj", f"/CN={name}", "-addext", alternative, "-keyout", f"{name}.key", "-out", "csr")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-days", "2", "-copy_extensions", "copy", "-out", f"{name}.crt")
        openssl("x509", "-req", "-in", "csr", *signed)
    return folder


def batch():
    return Batch(["id-0-0"], [json.dumps({"@timestamp": STAMP, "message": "m"}).encode()], [STAMP])


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
    session.send([batch()])
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
    assert [event["message"] for event in got] == ["m"]


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
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"errors":false}')

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
