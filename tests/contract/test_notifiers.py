"""What every notifier owes its caller, whichever it is."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper import config
from shipper.clock import ManualClock
from shipper.config import Secret
from shipper.rules.bundle import bundle
from shipper.rules.change import Kind
from shipper.rules.notification import Example, Notification
from shipper.rules.notifier import NOTIFIERS, AnyNotifierSettings, Failed, Retry, Sent
from shipper.rules.notifier.webhook import Webhook, WebhookSettings, signature
from tests.support.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.rules.notifier import Notifier


def notification(kind: Kind = Kind.FIRING) -> Notification:
    return Notification(
        key="k" * 32, episode="e" * 32, kind=kind, rule="error-ratio", summary="many errors", severity="critical",
        owner="platform", runbook="docs/runbooks/errors.md", labels={}, group={"service.name": "shop"},
        at="2026-01-05T10:00:00.000Z", since="2026-01-05T09:59:00.000Z", value=12.5, text="12.5% of 80 documents",
        facts={"hits": 10.0}, complete=False, correction=True, stale=True, reason=None, index="shipper-logs-*",
        query="log.level: *", window_seconds=300, examples=[Example("2026-01-05T10:00:00.000Z", "boom", "e1", "t1")],
    )  # fmt: skip


class Peer:
    """A real HTTP receiver with a script of (status, headers)."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                peer.requests.append((dict(self.headers), body))
                status, headers = peer.answers.pop(0) if peer.answers else (200, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        if not self.thread.is_alive():
            return
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    yield found
    found.close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as found:
        yield found


@pytest.fixture(params=sorted(NOTIFIERS))
def notifier(request: pytest.FixtureRequest, peer: Peer, mailbox: Mailbox) -> Iterator[Notifier]:
    texts = {
        "alertmanager": f"type: alertmanager\nurl: {peer.url}",
        "apprise": f"type: apprise\nurl: {peer.url.replace('http', 'json')}",
        "console": "type: console",
        "email": f"type: email\nhost: 127.0.0.1\nport: {mailbox.port}\nsecurity: none\nfrom: a@b\nto: [c@d]",
        "webhook": f"type: webhook\nurl: {peer.url}\nsecret: s3cret",
    }
    settings: Any = config.bind(config.parse(texts[request.param]), AnyNotifierSettings)  # type: ignore[arg-type]  # a union
    made = settings.build()
    assert isinstance(made, NOTIFIERS[request.param])
    yield made
    made.close()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_taken_and_so_is_a_repetition(notifier, kind):
    assert notifier.notify(notification(kind)) == Sent()
    assert notifier.notify(notification(kind)) == Sent()


@pytest.mark.timeout(20)
def test_one_notifier_sends_again_and_again(notifier):
    assert [notifier.notify(notification()) for _ in range(3)] == [Sent()] * 3


def test_it_closes_twice(notifier):
    notifier.close()
    notifier.close()


def test_a_bundle_tells_of_every_alert_in_it(notifier, peer, mailbox, capsys):
    parts = [
        msgspec.structs.replace(notification(), key=name, episode=name, group={"service.name": name})
        for name in ("shop", "mail", "pay")
    ]
    assert notifier.notify(bundle(parts)) == Sent()
    told = capsys.readouterr().out + "".join(body.decode() for _, body in peer.requests)
    told += "".join(letter.get_body().get_content() for letter in mailbox.letters)
    for name in ("shop", "mail", "pay"):
        assert name in told


def test_a_value_from_a_log_cannot_break_a_message(notifier, mailbox):
    hostile = msgspec.structs.replace(
        notification(), text="a\r\nBcc: x@y\r\n\r\n.\r\n\x00\u2028", group={"service.name": "b\nTo: z@y"}
    )
    assert notifier.notify(hostile) == Sent()
    for letter in mailbox.letters:
        assert letter["Bcc"] is None
        assert letter.get_all("To") == ["c@d"]


def test_it_tells_what_how_much_since_when_whose_and_where_to_read_on(notifier, peer, mailbox, capsys):
    notifier.notify(notification())
    posted = "".join(body.decode() for _, body in peer.requests)
    told = capsys.readouterr().out + posted + "".join(letter.get_body().get_content() for letter in mailbox.letters)
    assert "2026-01-05T09:59:00.000Z" in told or "2026-01-05 09:59:00 UTC" in told
    for fact in (
        "error-ratio",
        "shop",
        "12.5% of 80 documents",
        "platform",
        "boom",
        "e1",
        "t1",
    ):
        assert fact in told
    assert "docs/runbooks/errors.md" in told
    assert "log.level: *" in told


def test_a_webhook_is_signed_and_carries_its_key(peer):
    clock = ManualClock()
    hook = Webhook(WebhookSettings(url=peer.url, secret=Secret("s3cret")), clock)
    hook.notify(notification())
    hook.close()
    headers, body = peer.requests[0]
    stamp = headers["X-Shipper-Timestamp"]
    assert stamp == str(int(clock.time()))
    assert headers["Idempotency-Key"] == json.loads(body)["key"] == "k" * 32
    assert headers["X-Shipper-Signature"] == f"sha256={signature(Secret('s3cret'), stamp, body)}"
    assert headers["X-Shipper-Signature"] != f"sha256={signature(Secret('other'), stamp, body)}"


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (204, {}, Sent()),
        (409, {}, Sent()),
        (400, {}, Failed("answered 400")),
        (301, {"Location": "http://127.0.0.1:1/"}, Failed("answered 301")),
        (429, {"Retry-After": "7"}, Retry("answered 429", 7.0)),
        (503, {"Retry-After": "soon"}, Retry("answered 503", 0.0)),
    ],
)
def test_a_webhook_tells_the_kinds_of_failure_apart(peer, status, headers, outcome):
    peer.answers.append((status, headers))
    hook = Webhook(WebhookSettings(url=peer.url), ManualClock())
    assert hook.notify(notification()) == outcome
    hook.close()


def test_a_webhook_that_cannot_be_reached_is_tried_later(peer):
    peer.close()
    hook = Webhook(WebhookSettings(url=peer.url), ManualClock())
    assert isinstance(hook.notify(notification()), Retry)
    hook.close()


@pytest.mark.parametrize("url", ["ftp://host/", "host/path", "https://user:password@host/"])
def test_a_wrong_webhook_address_is_refused(url):
    with pytest.raises(ValueError, match="url"):
        WebhookSettings(url=url)
