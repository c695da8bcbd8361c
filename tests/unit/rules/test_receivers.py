"""What is particular to one kind of receiver."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import subprocess
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper import config
from shipper.clock import ManualClock
from shipper.config import Duration, Secret
from shipper.errors import ConfigError
from shipper.rules.bundle import bundle
from shipper.rules.change import Kind
from shipper.rules.delivery import Claim, Delivery
from shipper.rules.entry import Entry, parcels
from shipper.rules.heartbeat import Heartbeat, HeartbeatSettings
from shipper.rules.notifier import AnyNotifierSettings, Failed, Retry, Sent
from shipper.rules.notifier.alertmanager import Alertmanager, AlertmanagerSettings
from shipper.rules.notifier.apprise import AppriseSettings
from shipper.rules.notifier.email import EmailSettings
from tests.contract.test_notifiers import Peer, notification
from tests.support.mailbox import Mailbox
from tests.support.memory_outbox import MemoryOutbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    yield found
    found.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("smtp")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=mail")
    names = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run(["openssl", "req", "-x509", *key, *names], cwd=folder, check=True, capture_output=True)
    return folder


def letter_to(box: Mailbox, **settings: Any) -> Any:
    given = {"host": "127.0.0.1", "port": box.port, "security": "none", "sender": "a@b", "to": ("c@d",), **settings}
    return EmailSettings(**given).build().notify(notification())


def test_mail_goes_encrypted_to_a_server_whose_certificate_is_known_and_to_no_other(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    account = {"security": "starttls", "user": "u", "password": Secret("pw")}
    with Mailbox(tls, "pw") as box:
        assert letter_to(box, **account, ca=certificate / "cert.pem") == Sent()
        assert isinstance(letter_to(box, **account), Retry), "an unknown certificate"
        wrong = {**account, "password": Secret("other")}
        assert letter_to(box, **wrong, ca=certificate / "cert.pem") == Retry("the server refused the account: 535")
    (letter,) = box.letters
    assert letter["Message-ID"] == f"<{'k' * 32}@shipper.rules>"
    assert letter["References"] == f"<{'e' * 32}@shipper.rules>"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_mail_never_falls_back_to_plain_text():
    with Mailbox() as box:
        outcome = letter_to(box, security="starttls")
    assert outcome == Retry("cannot be reached: SMTPNotSupportedError")
    assert box.letters == []


@pytest.mark.parametrize(
    ("verb", "answer", "outcome"),
    [
        ("MAIL", "451 later", Retry("answered 451")),
        ("MAIL", "553 no", Failed("answered 553")),
        ("RCPT", "450 busy", Retry("answered 450")),
        ("RCPT", "550 nobody", Failed("answered 550")),
        ("DATA", "452 full", Retry("answered 452")),
        ("DATA", "554 spam", Failed("answered 554")),
    ],
)
def test_mail_tells_the_kinds_of_failure_apart(verb, answer, outcome):
    with Mailbox() as box:
        box.answers[verb] = [answer]
        assert letter_to(box) == outcome
        assert letter_to(box) == Sent()


def test_mail_that_one_of_two_readers_refuses_reaches_the_other_and_is_logged(caplog):
    with Mailbox() as box:
        box.answers["RCPT"] = ["550 nobody", "250 OK"]
        assert letter_to(box, to=("gone@d", "here@d")) == Sent()
    assert box.recipients == ["here@d"]
    assert "the server refused gone@d: 550" in caplog.text


def test_a_server_that_is_not_there_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = EmailSettings(host="127.0.0.1", port=port, security="none", sender="a@b", to=("c@d",))
    assert settings.build().notify(notification()) == Retry("cannot be reached: ConnectionRefusedError")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type: email\nhost: h\nfrom: a@b\nto: []", "expected a list of length >= 1, not an empty list"),
        ("type: email\nhost: h\nfrom: a\nto: [c@d]", "`a` is no address"),
        ("type: email\nhost: h\nfrom: a@b\nto: [c@d]\nuser: u", "`user` and `password` go together"),
        ("type: email\nhost: h\nfrom: a@b\nto: [c@d]\nuser: u\npassword: p\nsecurity: none", "a password needs"),
        ("type: email\nhost: h\nfrom: a@b\nto: [c@d]\nsecurity: ssl", "'ssl'"),
        ("type: alertmanager\nurl: am:9093", "`url` must look like"),
        ("type: alertmanager\nurl: http://am\nevery: 0s", "at least 1s"),
        ("type: apprise", "`url`"),
    ],
)
def test_a_wrong_receiver_is_refused(text, message):
    with pytest.raises(ConfigError) as caught:
        config.bind(config.parse(text, "evaluator.yml"), AnyNotifierSettings)  # type: ignore[arg-type]  # a union
    assert message in str(caught.value)


def alerts(peer: Peer) -> list[dict[str, Any]]:
    return [alert for _, body in peer.requests for alert in json.loads(body)]


def test_alertmanager_gets_alerts_with_one_identity_from_firing_to_resolved(peer):
    clock = ManualClock(1_767_607_200)
    notifier = Alertmanager(AlertmanagerSettings(url=peer.url, token=Secret("t0ken")), clock)
    links = {"kibana": "https://kibana/app"}
    for kind in (Kind.FIRING, Kind.RESOLVED):
        told = msgspec.structs.replace(notification(kind), links=links, labels={"team": "a", "9lives": "x", "no": ""})
        assert notifier.notify(told) == Sent()
    notifier.close()
    firing, resolved = alerts(peer)
    assert firing["labels"] == resolved["labels"] == {
        "alertname": "error-ratio", "severity": "critical", "owner": "platform", "service_name": "shop", "team": "a",
        "_9lives": "x",
    }  # fmt: skip
    assert firing["startsAt"] == resolved["startsAt"] == "2026-01-05T09:59:00.000Z"
    assert datetime.fromisoformat(firing["endsAt"]).timestamp() == clock.time() + 240
    assert resolved["endsAt"] == "2026-01-05T10:00:00.000Z"
    assert firing["generatorURL"] == "https://kibana/app"
    assert peer.requests[0][0]["Authorization"] == "Bearer t0ken"


def test_alertmanager_gets_each_alert_of_a_bundle_and_no_address_that_is_none(peer):
    parts = [msgspec.structs.replace(notification(), key=k, episode=k, group={"host.name": k}) for k in ("a", "b")]
    notifier = Alertmanager(AlertmanagerSettings(url=peer.url), ManualClock())
    assert notifier.notify(bundle(parts)) == Sent()
    notifier.close()
    assert [alert["labels"]["host_name"] for alert in alerts(peer)] == ["a", "b"]
    assert "generatorURL" not in alerts(peer)[0]


def test_what_fires_is_reported_to_alertmanager_again_and_again_also_by_the_next_evaluator(peer):
    clock, store = ManualClock(), MemoryOutbox()
    notifier = Alertmanager(AlertmanagerSettings(url=peer.url, every=Duration(60)), clock)

    def evaluator(name: str) -> Delivery:
        return Delivery(store, {"am": notifier}, clock, claim=Claim(name))

    def say(kind: Kind) -> None:
        told = msgspec.structs.replace(notification(kind), key=f"{kind}")
        store.add(parcels([Entry(notification=told, receivers=["am"], created=clock.time())]), 0)

    first = evaluator("first")
    say(Kind.FIRING)
    for _ in range(36):
        first.run()
        clock.advance(5)
    assert len(alerts(peer)) == 1 + 3
    second = evaluator("second")
    second.run()
    assert len(alerts(peer)) == 4, "the first has the lease"
    clock.advance(20)
    second.run()
    assert len(alerts(peer)) == 5
    say(Kind.RESOLVED)
    for _ in range(36):
        second.run()
        clock.advance(5)
    assert len(alerts(peer)) == 6
    assert not store.occupied("am")
    notifier.close()


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "workflows://host/workflow/signature",
        "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7FQ/node01/drive",
    ],
)
def test_addresses_of_the_services_people_ask_for_are_known(url):
    AppriseSettings(url=Secret(url)).build().close()


def test_an_address_apprise_does_not_know_is_refused_and_not_shown():
    with pytest.raises(ConfigError) as caught:
        AppriseSettings(url=Secret("nosuch://t0ken")).build()
    assert "t0ken" not in str(caught.value)


def test_apprise_tries_again_and_never_logs_its_address(peer, caplog, capfd):
    caplog.set_level(logging.DEBUG, "shipper.rules")
    peer.answers = [(500, {}), (200, {})]
    url = peer.url.replace("http://", "json://user:s3cret@")
    notifier = AppriseSettings(url=Secret(url)).build()
    assert notifier.notify(notification()) == Retry("Apprise could not deliver it")
    assert notifier.notify(notification(Kind.RESOLVED)) == Sent()
    assert json.loads(peer.requests[1][1])["type"] == "success"
    written = capfd.readouterr()
    assert "s3cret" not in caplog.text + written.out + written.err


def test_the_heartbeat_stops_when_not_all_is_well_and_outlives_a_failure(peer, caplog):
    clock = ManualClock()
    beat = Heartbeat(HeartbeatSettings(url=Secret(peer.url), every=Duration(60)), clock)
    peer.answers = [(200, {}), (503, {})]
    for minute in range(6):
        for _ in range(12):
            beat.beat(well=minute != 3)
            clock.advance(5)
    assert len(peer.requests) == 5
    assert "the heartbeat was not taken: answered 503" in caplog.text
    peer.close()
    clock.advance(60)
    beat.beat(well=True)
    beat.close()
    assert "cannot be reached" in caplog.text
    assert peer.url not in caplog.text
