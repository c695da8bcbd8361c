"""`shipper agent test output` against a real Elasticsearch, real Lumberjack servers, and peers that are neither."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from shipper.cli import cli
from shipper.clock import SystemClock, iso_utc
from tests.support.certificates import make_authority
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink
from tests.support.raw_peer import RawPeer

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.home import Endpoints

NOBODY = "127.0.0.1:1"


def probe(tmp_path: Path, output: dict[str, Any]) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON document, and the text of the same."""
    file = tmp_path / "shipper.yml"
    file.write_text(json.dumps({"inputs": [{"type": "file", "paths": ["/dev/null"]}], "output": output}))
    asked = CliRunner().invoke(cli, ["agent", "test", "output", "-c", str(file), "--json"])
    shown = CliRunner().invoke(cli, ["agent", "test", "output", "-c", str(file)])
    error: Any = asked.exception  # the command itself raises; `main` turns it into the exit code
    code = 0 if error is None else error.exit_code
    return code, json.loads(asked.stdout), shown.stdout


def elasticsearch(endpoints: Endpoints, role: str, **more: Any) -> dict[str, Any]:
    account = endpoints.account(role)
    settings = {"type": "elasticsearch", "hosts": endpoints.hosts, "user": account.user, "password": account.password}
    return {**settings, **more}


def test_an_account_that_may_write_is_told_with_the_indices_of_today(endpoints, tmp_path):
    code, document, text = probe(tmp_path, elasticsearch(endpoints, "shipper_writer"))
    today = iso_utc(SystemClock().time())[:10].replace("-", ".")
    (host,) = document["hosts"]
    assert (code, document["ok"]) == (0, True)
    assert (host["reachable"], host["authenticated"], host["tls"]) == (True, True, None)
    assert host["user"] == "shipper_writer"
    assert host["writable"] == {f"shipper-logs-{today}": True, f"shipper-metrics-{today}": True}
    assert "shipper_writer" in text


def test_a_wrong_password_is_told_and_the_other_hosts_are_asked_all_the_same(endpoints, tmp_path):
    hosts = [*endpoints.hosts, *endpoints.hosts]
    code, document, text = probe(tmp_path, elasticsearch(endpoints, "shipper_writer", hosts=hosts, password="wrong"))
    assert (code, document["ok"]) == (1, False)
    assert [(each["reachable"], each["authenticated"]) for each in document["hosts"]] == [(True, False)] * 2
    assert "401" in text


def test_no_account_where_one_is_wanted_is_told(endpoints, tmp_path):
    code, document, _ = probe(tmp_path, {"type": "elasticsearch", "hosts": endpoints.hosts})
    assert code == 1
    assert document["hosts"][0]["error"] == "it wants an account (401)"


@pytest.mark.parametrize(("role", "prefix"), [("shipper_reader", ""), ("shipper_writer", "elsewhere-")])
def test_an_account_that_may_not_write_there_is_told(endpoints, tmp_path, role, prefix):
    code, document, _ = probe(tmp_path, elasticsearch(endpoints, role, prefix=prefix))
    (host,) = document["hosts"]
    assert code == 1
    assert host["authenticated"]
    assert set(host["writable"].values()) == {False}
    assert "may not write" in host["error"]


def test_a_host_that_is_not_there_outweighs_and_is_told_beside_the_sound_ones(endpoints, tmp_path):
    hosts = [*endpoints.hosts, f"http://{NOBODY}"]
    code, document, _ = probe(tmp_path, elasticsearch(endpoints, "shipper_writer", hosts=hosts))
    assert code == 3
    assert [each["ok"] for each in document["hosts"]] == [True, False]
    assert not document["hosts"][1]["reachable"]


@pytest.mark.parametrize(
    ("answer", "code", "authenticated"),
    [((400, {"error": "no requests added"}), 0, True), ((401, {"error": "who?"}), 1, False), ((503, {}), 1, None)],
)
def test_a_cluster_without_the_question_is_asked_by_an_empty_bulk_request(tmp_path, answer, code, authenticated):
    with FakeBulk() as fake:
        fake.script = lambda items: answer
        fake.answer = lambda body: answer if body == b"\n" else (405, {})  # type: ignore[method-assign] # another make
        output = {"type": "elasticsearch", "hosts": [fake.url], "user": "u", "password": "p"}
        found, document, _ = probe(tmp_path, output)
    (host,) = document["hosts"]
    assert (found, host["authenticated"]) == (code, authenticated)


def test_a_lumberjack_server_answers_and_gets_no_event(tmp_path):
    with LumberjackSink() as sink:
        host, port = sink.server.address
        code, document, _ = probe(tmp_path, {"type": "logstash", "hosts": [f"{host}:{port}", NOBODY]})
        assert sink.documents == {}
    assert code == 3
    assert [each["speaks"] for each in document["hosts"]] == [True, None]


def test_a_peer_of_another_protocol_is_told(tmp_path):
    def http(connection, _):
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawPeer(http) as peer:
        code, document, _ = probe(tmp_path, {"type": "logstash", "hosts": [peer.address]})
    assert code == 1
    assert "not a Lumberjack v2 frame" in document["hosts"][0]["error"]


def test_tls_is_told_with_its_version_and_the_end_of_the_certificate(tmp_path):
    authority = make_authority(tmp_path)
    tls = authority.issue("server", days=3)
    with LumberjackSink(tls=tls) as sink:
        address = "{}:{}".format(*sink.server.address)
        output = {"type": "logstash", "hosts": [address], "tls": {"ca": str(authority.certificate)}}
        code, document, text = probe(tmp_path, output)
        (host,) = document["hosts"]
        assert (code, host["tls"]["version"]) == (0, "TLSv1.3")
        left = SystemClock().time() + 3 * 86400
        assert host["tls"]["certificate_ends"][:10] in (iso_utc(left)[:10], iso_utc(left - 600)[:10])
        assert "TLSv1.3, certificate until" in text

        code, document, _ = probe(tmp_path, {"type": "logstash", "hosts": [address], "tls": {}})
        (host,) = document["hosts"]
        assert (code, host["reachable"], host["tls"]) == (1, True, None)
        assert "certificate is refused" in host["error"]


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    code, document, _ = probe(tmp_path, {"type": "file", "path": str(tmp_path / "none" / "out.ndjson")})
    assert (code, document["ok"]) == (3, False)
    code, document, _ = probe(tmp_path, {"type": "file", "path": str(tmp_path / "out.ndjson")})
    assert (code, document["ok"]) == (0, True)
