"""Certificates of one installation: made once, kept while they fit, made anew when they do not."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import stat
import threading
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from shipper.cli import cli
from shipper.clock import SystemClock
from shipper.errors import UsageError
from shipper.stack.certificates import Part, issue

DAY = 86_400


class Later(SystemClock):
    """The machine's clock, some days on."""

    def __init__(self, days):
        self.days = days

    def time(self):
        return super().time() + self.days * DAY


@pytest.fixture
def made(tmp_path):
    def make(*parts, days=0, life=825):
        issued = issue(tmp_path / "pki", tmp_path / "authority", parts, Later(days), life)
        return {one.name: one.action for one in issued}

    return make


def handshake(server, client, name="localhost"):
    """The name that the server saw of the client; both check each other."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=server / "ca.crt")
    context.load_cert_chain(server / "tls.crt", server / "tls.key")
    context.verify_mode = ssl.CERT_REQUIRED
    outside = ssl.create_default_context(cafile=client / "ca.crt")
    outside.load_cert_chain(client / "tls.crt", client / "tls.key")
    ours, theirs = socket.socketpair()
    seen = []

    def serve():
        # a client that goes away is the client's to tell
        with contextlib.suppress(OSError), context.wrap_socket(theirs, server_side=True) as peer:
            found: Any = peer.getpeercert()
            seen.append(dict(entry[0] for entry in found["subject"]))

    thread = threading.Thread(target=serve)
    thread.start()
    with outside.wrap_socket(ours, server_hostname=name):
        thread.join(10)
    return seen[0]["commonName"]


def test_the_parts_trust_each_other_by_name_and_nobody_else(made, tmp_path):
    assert made(Part("logstash", also=("logs.example.com",)), Part("agent")) == {
        "authority": "create",
        "logstash": "create",
        "agent": "create",
    }
    logstash, agent = tmp_path / "pki/logstash", tmp_path / "pki/agent"
    for name in ("logstash", "logs.example.com", "localhost", "127.0.0.1"):
        assert handshake(logstash, agent, name) == "agent"
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(logstash, agent, "elasticsearch")


def test_keys_are_pkcs8_and_only_their_owner_reads_them(made, tmp_path):
    made(Part("kibana", owner=(os.getuid(), os.getgid())))
    key = tmp_path / "pki/kibana/tls.key"
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    for path, mode in {key: 0o600, key.parent / "tls.crt": 0o644, key.parent: 0o750}.items():
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / "authority").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "authority/ca.key").stat().st_mode) == 0o600


def test_a_second_run_changes_nothing(made, tmp_path):
    made(Part("kibana"))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert made(Part("kibana"), days=100) == {"authority": "unchanged", "kibana": "unchanged"}
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


@pytest.mark.parametrize(
    ("change", "days"),
    [
        (lambda folder: (folder / "tls.key").write_text("cut"), 0),
        (lambda folder: (folder / "tls.crt").unlink(), 0),
        (lambda folder: (folder / "tls.key").write_bytes((folder.parent / "agent/tls.key").read_bytes()), 0),
        (lambda _: None, 560),
    ],
    ids=["a damaged key", "no certificate", "another part's key", "two thirds of its life over"],
)
def test_what_does_not_fit_any_more_is_made_again(made, tmp_path, change, days):
    made(Part("logstash"), Part("agent"))
    change(tmp_path / "pki/logstash")
    assert made(Part("logstash"), days=days)["logstash"] in {"renew", "create"}
    assert made(Part("logstash"), days=days)["logstash"] == "unchanged"
    made(Part("logstash"), Part("agent"), days=days)
    if not days:
        assert handshake(tmp_path / "pki/logstash", tmp_path / "pki/agent", "logstash") == "agent"


def test_another_name_renews_that_part_alone(made):
    logstash, agent = Part("logstash"), Part("agent")
    made(logstash, agent)
    assert made(replace(logstash, also=("logs",)), agent) == {
        "authority": "unchanged",
        "logstash": "renew",
        "agent": "unchanged",
    }


def test_another_authority_makes_every_certificate_anew(made, tmp_path):
    made(Part("logstash"))
    for file in (tmp_path / "authority").iterdir():
        file.unlink()
    assert made(Part("logstash")) == {"authority": "create", "logstash": "renew"}
    assert (tmp_path / "pki/logstash/ca.crt").read_bytes() == (tmp_path / "authority/ca.crt").read_bytes()


def test_an_authority_without_its_key_or_at_its_end_is_not_replaced_unasked(made, tmp_path):
    made(Part("logstash"))
    with pytest.raises(UsageError, match="ends within 30 days"):
        made(Part("logstash"), days=3630)
    (tmp_path / "authority/ca.key").unlink()
    with pytest.raises(UsageError, match="damaged"):
        made(Part("logstash"))


def test_the_command_reports_each_certificate_and_refuses_names_of_no_part(tmp_path):
    pki = str(tmp_path / "pki")
    words = ["stack", "certificates", pki, "--part", "kibana", "--name", "kibana=kibana.example.com", "--json"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    assert [(one["name"], one["action"]) for one in json.loads(done.output)] == [
        ("authority", "create"),
        ("kibana", "create"),
    ]
    for wrong in (["--part", "Kibana=root"], ["--part", "kibana", "--name", "logstash=x"]):
        with pytest.raises(UsageError):
            CliRunner().invoke(cli, ["stack", "certificates", pki, *wrong], catch_exceptions=False)
