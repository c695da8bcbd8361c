"""What comes from a log and stands in a notification breaks no message, calls nobody, and leaves room for the rest."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
import pytest

from shipper.config import Secret
from shipper.rules.change import Kind
from shipper.rules.differences import Difference
from shipper.rules.notification import Example, Notification
from shipper.rules.notifier.apprise import AppriseSettings
from shipper.rules.notifier.console import ConsoleSettings
from shipper.rules.notifier.email import EmailSettings
from shipper.rules.notifier.page import page
from shipper.rules.notifier.text import fitted, lines
from tests.contract.test_notifiers import Peer, notification
from tests.support.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a\r\nBcc: everyone@example.com\r\n\r\nbody",
    "\x1b]0;title\x07\x1b[2J",
    "<!channel> <@U123> @everyone <https://evil.example|click>",
    "[click](https://evil.example) *bold* `code`",
    "\u202egnp.exe\u2066",
    "x" * 10_000,
    "\ud83d" + "é" * 500,
)


def hostile(value: str) -> Notification:
    known = {"kibana": "https://kibana.example/app?q='a&b'"}
    return msgspec.structs.replace(
        notification(), group={"user.name": value, "service.name": "shop"}, text=f"3 documents of {value}",
        query=f'user.name: "{value}"', differs=[Difference("user.name", value, 90.0, 1.0)], links=known,
        examples=[Example("2026-01-05T10:00:00.000Z", value, value, value, value, value)], reason=value,
    )  # fmt: skip


class Tags(HTMLParser):
    """The tags of a page, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "src"]


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    yield found
    found.close()


@pytest.mark.parametrize("value", HOSTILE)
def test_every_fact_is_one_printable_line_of_bounded_length(value):
    told = hostile(value)
    for text in (told.title, *lines(told)):
        assert text.isprintable()
        assert len(text) <= 1100


@pytest.mark.parametrize("value", HOSTILE)
def test_a_page_has_no_tag_and_no_link_that_a_value_brought(value):
    found = Tags(page(hostile(value)))
    assert found.tags == {"html", "body", "p", "table", "tr", "td", "code", "a"}
    assert found.links == ["https://kibana.example/app?q='a&b'"]


@pytest.mark.parametrize("value", [value for value in HOSTILE if value.isascii()])
def test_a_mail_has_text_and_page_and_no_header_that_a_value_brought(value):
    with Mailbox() as box:
        EmailSettings(host="127.0.0.1", port=box.port, security="none", sender="a@b", to=("c@d",)).build().notify(
            hostile(value)
        )
    (letter,) = box.letters
    assert letter["Bcc"] is None
    assert len(letter["Subject"]) <= 200
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("value", [value for value in HOSTILE if "\ud83d" not in value])
def test_a_terminal_is_sent_no_control_character(value, capsys):
    ConsoleSettings().build().notify(hostile(value))
    assert not [letter for letter in capsys.readouterr().out if not letter.isprintable() and letter != "\n"]


def said(url: str, peer: Peer, told: Notification, **places: str) -> dict[str, Any]:
    """What a service of Apprise is sent; `places` are the attributes that hold its address."""
    notifier = AppriseSettings(url=Secret(url)).build()
    for server in notifier._target:
        for name, place in places.items():
            setattr(server, name, place)
    before = len(peer.requests)
    notifier.notify(told)
    assert len(peer.requests) == before + 1, "one message, however long"
    document: dict[str, Any] = orjson.loads(peer.requests[-1][1])
    return document


SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
DISCORD = f"discord://{'1' * 18}/{'a' * 68}"


@pytest.mark.parametrize("value", HOSTILE[:-1])
def test_a_value_in_a_chat_calls_nobody_and_makes_no_link(peer, value):
    slack = orjson.dumps(said(SLACK, peer, hostile(value), webhook_url=peer.url)).decode()
    discord = said(DISCORD, peer, hostile(value), notify_url=peer.url)["content"]
    for call in ("<!channel", "<@U123", "<https://evil"):
        assert call not in slack
    for call in ("@everyone", "<@U123"):
        assert call not in discord


def bulky() -> Notification:
    whole = msgspec.structs.replace(
        notification(), links={"kibana": "https://kibana.example/app/discover"}, runbook="https://git.example/errors.md"
    )
    parts = [msgspec.structs.replace(whole, key=str(number), text="y" * 300) for number in range(25)]
    return msgspec.structs.replace(whole, members=parts, examples=whole.examples * 3)


def test_a_chat_with_little_room_gets_one_message_that_fits_with_all_that_is_needed(peer):
    content = said(DISCORD, peer, bulky(), notify_url=peer.url)["content"]
    assert len(content) <= 2000
    for fact in (
        "error-ratio",
        "12.5% of 80",
        "since 2026",
        "platform",
        "errors.md",
        "kibana.example",
        "left out here",
    ):
        assert fact in content


@pytest.mark.parametrize("room", [60, 200, 400, 1000, 2000, 100_000])
def test_what_fits_is_as_long_as_it_may_be_and_in_order(room):
    kept = fitted(bulky(), room)
    assert len("\n".join(kept)) <= room
    whole = lines(bulky())
    places = [whole.index(text) for text in kept if text in whole]
    assert places == sorted(places)
    assert kept[0].startswith("many errors"[:10])
    assert (kept == whole) is (room == 100_000)


def test_a_pager_keeps_one_incident_from_firing_to_resolved(peer, monkeypatch):
    plugin = pytest.importorskip("apprise.plugins.pagerduty")
    monkeypatch.setitem(plugin.PAGERDUTY_API_LOOKUP, plugin.PagerDutyRegion.US, peer.url)
    url = "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7FQ/node01/drive"
    sent = [said(url, peer, notification(kind)) for kind in (Kind.FIRING, Kind.REMINDER, Kind.RESOLVED)]
    assert [one["event_action"] for one in sent] == ["trigger", "trigger", "resolve"]
    assert {one["dedup_key"] for one in sent} == {"e" * 32}
    mine = said(url + "?dedup=mine", peer, notification())
    assert mine["dedup_key"] == "mine"
