"""What Slack, Teams, PagerDuty and Opsgenie get on the wire: their limits, their keys, an end for each beginning."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import orjson
import pytest

from shipper.config import Secret
from shipper.rules.bundle import bundle
from shipper.rules.change import Kind
from shipper.rules.notifier import Retry, Sent
from shipper.rules.notifier import pager as pagers
from shipper.rules.notifier.apprise import AppriseSettings
from tests.contract.test_notifiers import notification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.rules.notification import Notification
    from shipper.rules.notifier.apprise import Apprise

pytest.importorskip("apprise")

PAGERDUTY = "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7FQ/node01/drive"
OPSGENIE = "opsgenie://a1b2c3d4-1111-2222-3333-444455556666/%23ops"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
CARD = "application/vnd.microsoft.card.adaptive"


@dataclass
class Wire:
    """A server that answers as these services do, and what it got: (path with query, document, headers)."""

    url: str = ""
    got: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    refusals: int = 0
    """How many of the next requests are refused."""

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [document for _, document, _ in self.got]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    import requests
    from apprise.plugins import opsgenie, pagerduty, slack

    found = Wire()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, orjson.loads(body), dict(self.headers)))
            refused, found.refusals = found.refusals > 0, max(0, found.refusals - 1)
            # an id of the request, and none of an alert: so does Opsgenie
            answer = b"ok" if "slack" in self.path else orjson.dumps({"requestId": f"request-{len(found.got)}"})
            self.send_response(503 if refused else 200 if "slack" in self.path else 202)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, pagerduty.PagerDutyRegion.US, f"{found.url}/enqueue")
    monkeypatch.setitem(opsgenie.OPSGENIE_API_LOOKUP, opsgenie.OpsgenieRegion.US, f"{found.url}/v2/alerts")
    monkeypatch.setattr(slack.NotifySlack, "webhook_url", f"{found.url}/slack")
    post = requests.post
    plain = lambda url, **more: post(url.replace("https://", "http://"), **more)  # noqa: E731 - one line of a patch
    monkeypatch.setattr(requests, "post", plain)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def teams(wire: Wire) -> str:
    return wire.url.replace("http://", "workflows://") + "/643a03cb/signature"


def made(url: str) -> Apprise:
    return AppriseSettings(url=Secret(url)).build()


def told(name: str, kind: Kind = Kind.FIRING) -> Notification:
    return msgspec.structs.replace(
        notification(kind), key=f"{name}-{kind}", episode=f"episode-{name}", group={"service.name": name}
    )


STORY = (Kind.FIRING, Kind.REMINDER, Kind.RESOLVED)


def test_opsgenie_keeps_one_alert_an_episode_and_closes_it_by_its_alias(wire):
    notifier = made(OPSGENIE)
    assert [notifier.notify(told("shop", kind)) for kind in STORY] == [Sent()] * 3
    (opened, again, closed) = wire.got
    assert [path for path, _, _ in (opened, again)] == ["/v2/alerts", "/v2/alerts"]
    assert {document["alias"] for document in (opened[1], again[1])} == {"episode-shop"}
    assert len(opened[1]["message"]) <= 130
    assert opened[1]["message"].startswith("[firing] error-ratio service.name=shop: 12.5%")
    assert "docs/runbooks/errors.md" in opened[1]["description"]
    assert opened[1]["responders"] == [{"type": "team", "name": "ops"}]
    path = urlsplit(closed[0])
    assert path.path == "/v2/alerts/episode-shop/close"
    assert parse_qs(path.query) == {"identifierType": ["alias"]}
    assert closed[1]["note"].startswith("[resolved] error-ratio")
    assert closed[2]["Authorization"] == opened[2]["Authorization"] == "GenieKey a1b2c3d4-1111-2222-3333-444455556666"


def test_opsgenie_closes_what_another_evaluator_opened(wire):
    assert made(OPSGENIE).notify(told("shop")) == Sent()
    assert made(OPSGENIE).notify(told("shop", Kind.RESOLVED)) == Sent()
    assert wire.got[-1][0].startswith("/v2/alerts/episode-shop/close?")


def test_a_close_that_is_refused_is_tried_again(wire):
    notifier = made(OPSGENIE)
    wire.refusals = 1
    assert notifier.notify(told("shop", Kind.RESOLVED)) == Retry("answered 503")
    assert notifier.notify(told("shop", Kind.RESOLVED)) == Sent()


def test_a_key_or_an_action_that_the_address_sets_is_left_alone(wire):
    notifier = made(f"{OPSGENIE}?alias=mine")
    notifier.notify(told("shop"))
    assert wire.documents[-1]["alias"] == "mine"
    new = made(f"{OPSGENIE}?action=new")
    assert [new.notify(told("shop", kind)) for kind in STORY] == [Sent()] * 3
    assert [path for path, _, _ in wire.got[1:]] == ["/v2/alerts"] * 3


def test_pagerduty_keeps_one_incident_an_episode_and_resolves_it(wire):
    notifier = made(PAGERDUTY)
    assert [notifier.notify(told("shop", kind)) for kind in STORY] == [Sent()] * 3
    assert [one["event_action"] for one in wire.documents] == ["trigger", "trigger", "resolve"]
    assert {one["dedup_key"] for one in wire.documents} == {"episode-shop"}
    summary = wire.documents[0]["payload"]["summary"]
    assert len(summary) <= 1024
    assert summary.startswith("[firing] error-ratio service.name=shop: 12.5%")
    assert wire.documents[0]["payload"]["severity"] == "critical"


@pytest.mark.parametrize("url", [PAGERDUTY, OPSGENIE])
def test_alerts_that_were_told_together_end_each_by_itself_at_a_pager(wire, url):
    notifier = made(url)
    assert notifier.notify(bundle([told("shop"), told("mail")])) == Sent()
    assert notifier.notify(told("shop", Kind.RESOLVED)) == Sent()
    keys = [one.get("dedup_key") or one.get("alias") or path.split("/")[3] for path, one, _ in wire.got]
    assert keys == ["episode-shop", "episode-mail", "episode-shop"]


def test_a_bundle_of_an_end_and_a_beginning_is_both(wire):
    made(PAGERDUTY).notify(bundle([told("shop", Kind.RESOLVED), told("mail")]))
    assert [(one["event_action"], one["dedup_key"]) for one in wire.documents] == [
        ("resolve", "episode-shop"),
        ("trigger", "episode-mail"),
    ]


def test_a_bundle_that_a_pager_took_in_part_goes_on_where_it_stopped(wire, monkeypatch):
    monkeypatch.setattr(pagers, "MOST", 2)
    notifier, whole = made(PAGERDUTY), bundle([told(f"s{number}") for number in range(5)])
    assert notifier.notify(whole) == Retry("2 of 5 incidents are told, the rest follows")
    wire.refusals = 1
    assert isinstance(notifier.notify(whole), Retry)
    assert notifier.notify(whole) == Retry("4 of 5 incidents are told, the rest follows")
    assert notifier.notify(whole) == Sent()
    keys = [one["dedup_key"] for one in wire.documents]
    assert keys == [f"episode-s{number}" for number in (0, 1, 2, 2, 3, 4)], "one was refused, none is told twice"


def bulky() -> Notification:
    links = {"kibana": "https://kibana.example/app/discover"}
    whole = msgspec.structs.replace(notification(), links=links, text="x" * 3000)
    parts = [msgspec.structs.replace(whole, key=str(number), episode=str(number)) for number in range(25)]
    return msgspec.structs.replace(whole, members=parts)


def test_slack_gets_one_message_with_all_that_is_needed(wire):
    assert made(SLACK).notify(told("shop")) == Sent()
    (document,) = wire.documents
    (attachment,) = document["attachments"]
    text = orjson.dumps(document).decode()
    assert document["channel"] == "#general"
    for fact in (
        "[firing] error-ratio service.name=shop: 12.5%",
        "platform",
        "errors.md",
        "error.id=e1",
        "trace.id=t1",
    ):
        assert fact in text
    assert attachment["color"], "what is wrong has a colour"
    made(SLACK).notify(bulky())
    assert len(wire.got) == 2, "one message, however long"
    assert len(wire.got[-1][1]["attachments"][0]["text"]) <= 35_000


def test_teams_gets_one_card_that_fits_with_all_that_is_needed(wire):
    assert made(teams(wire)).notify(bulky()) == Sent()
    (document,) = wire.documents
    (attachment,) = document["attachments"]
    assert attachment["contentType"] == CARD
    blocks = {block["id"]: block["text"] for block in attachment["content"]["body"] if "id" in block}
    assert blocks["title"].startswith("[firing] error-ratio service.name=shop")
    shown = re.sub(r"\\(?=[^\w\s])", "", blocks["body"])  # Apprise escapes for Markdown; a card shows it without
    assert len(shown) <= 1000
    for fact in ("since 2026", "platform", "errors.md", "kibana.example", "left out here"):
        assert fact in shown
    assert "\n" not in shown.replace("\n\n", ""), "a card runs lines together that no empty one parts"


def test_a_pager_is_told_without_a_rest_between_two_incidents(wire, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"slept for {seconds} s"))
    assert made(OPSGENIE).notify(bundle([told(f"s{number}") for number in range(4)])) == Sent()


@pytest.mark.parametrize("value", ["<at>ann@example.com</at>", "<AT >ann@example.com</at>"])
def test_a_value_from_a_log_mentions_nobody_in_teams_and_links_nowhere(wire, value):
    hostile = msgspec.structs.replace(notification(), text=f"{value} [click](https://evil.example)", reason=value)
    assert made(teams(wire)).notify(hostile) == Sent()
    (document,) = wire.documents
    text = orjson.dumps(document).decode().lower()
    assert '"mention"' not in text
    assert "](https://evil" not in text


def test_two_services_in_one_address_are_both_told(wire):
    notifier = made(f"{PAGERDUTY}, {SLACK}")
    assert notifier.notify(bundle([told("shop"), told("mail")])) == Sent()
    assert [path for path, _, _ in wire.got][:2] == ["/enqueue", "/enqueue"]
    assert wire.got[-1][0].startswith("/slack")
    notifier.close()
