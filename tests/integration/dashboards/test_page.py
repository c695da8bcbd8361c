"""The preview page from real documents: hostile values, empty states, controls, mistakes of the reader."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from elasticsearch import Elasticsearch

from shipper.clock import ManualClock
from shipper.dashboards.execute.dashboard import open_dashboard
from shipper.dashboards.execute.run import Runner
from shipper.dashboards.export import dashboards, read
from shipper.dashboards.preview.page import DashboardPage
from shipper.web import NO_QUERY, Query, Site
from tests.support import dashboard_data as data

DIST = Path(__file__).parents[3] / "kibana_saved_objects" / "dist"
NOW = datetime(2026, 1, 1, 1, tzinfo=UTC).timestamp()
HOSTILE = "</svg></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{7*7}}&lt;; javascript:alert(1)"
pytestmark = pytest.mark.elasticsearch


class Outline(HTMLParser):
    """Element names, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def page(client: Elasticsearch, prefix: str, name: str = "overview") -> DashboardPage:
    [(export, line)] = dashboards([read(DIST / f"{name}.ndjson")])
    return DashboardPage(open_dashboard(export, line), Runner(client, "the test cluster", prefix), ManualClock(NOW))


def shown(board: DashboardPage, **query: str) -> str:
    return str(board.render(Query.parse(urlencode(query))).html)


@pytest.fixture(scope="module")
def board(elasticsearch: Elasticsearch) -> Iterator[DashboardPage]:
    prefix = f"t-{uuid.uuid4().hex[:12]}-"
    names = data.load_hour(elasticsearch, prefix)
    yield page(elasticsearch, prefix)
    for name in names:
        elasticsearch.indices.delete(index=name)


def hostile_document(at: str) -> dict[str, object]:
    document = data.request(at, HOSTILE, 500, 10, HOSTILE)
    return {**document, "error": {"type": HOSTILE}, "host": {"name": HOSTILE}, "log": {"level": HOSTILE}}


def test_every_panel_is_there_with_its_title_and_none_failed(board: DashboardPage):
    text = shown(board)
    titles = re.findall(r'<h2 id="t-[^"]+">([^<]+)</h2>', text)
    assert len(titles) == 14
    assert "panel-error" not in text
    assert 'class="empty"' not in text


def test_numbers_on_the_page_are_those_of_the_documents(board: DashboardPage):
    texts = Outline(shown(board)).texts
    assert "20" in texts  # log records
    assert "15.00 %" in texts  # 3 errors of 20
    assert "700 B" in texts  # the worst lag


def test_charts_are_pictures_with_a_name_and_a_table(board: DashboardPage):
    elements = Outline(shown(board)).elements
    charts = [attributes for tag, attributes in elements if tag == "svg" and attributes.get("role") == "img"]
    assert len(charts) == 5
    assert all(attributes["aria-label"] for attributes in charts)
    assert sum(tag == "details" and attributes.get("class") == "as-table" for tag, attributes in elements) == 5


def test_hostile_values_stay_text_everywhere(elasticsearch: Elasticsearch, prefix: str):
    data.load(elasticsearch, prefix, "shipper-logs", [hostile_document(data.minute(n)) for n in range(3)])
    alert = data.alert(data.minute(1), HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    data.load(elasticsearch, prefix, "shipper-alerts", [alert])
    heartbeat = {**data.METRICS[3], "host": {"name": HOSTILE}}
    data.load(elasticsearch, prefix, "shipper-metrics", [heartbeat])
    board = page(elasticsearch, prefix)
    text = shown(board, q=f'service.name: "{HOSTILE[:8]}"', **{"f.service.name": HOSTILE})
    for shown_text in (shown(board), text):
        outline = Outline(shown_text)
        assert not {tag for tag, _ in outline.elements} & {
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "style",
            "link",
        }
        for _, attributes in outline.elements:
            assert not [name for name in attributes if name.startswith("on") or name in {"style", "href", "src"}]
    assert any(HOSTILE in one for one in Outline(shown(board)).texts)


def test_the_file_of_hostile_values_holds_one_script_ours(elasticsearch: Elasticsearch, prefix: str):
    data.load(elasticsearch, prefix, "shipper-logs", [hostile_document(data.minute(1))])
    site = Site([page(elasticsearch, prefix).page("/")])
    outline = Outline(site.standalone(site.pages[0], NO_QUERY))
    assert [tag for tag, _ in outline.elements].count("script") == 1
    assert not [attributes for _, attributes in outline.elements if "onerror" in attributes]


def test_without_documents_the_page_says_so_in_each_panel(elasticsearch: Elasticsearch, prefix: str):
    text = shown(page(elasticsearch, prefix))
    assert text.count("Nothing in this time range") == 8
    assert "panel-error" not in text


def test_what_a_filter_leaves_empty_is_said_to_be_the_filter(board: DashboardPage):
    assert "Nothing matches the search and filters" in shown(board, q="service.name: jobs")


def test_a_chosen_service_is_applied_and_stays_chosen(board: DashboardPage):
    text = shown(board, **{"f.service.name": "payments"})
    boxes = [attributes for tag, attributes in Outline(text).elements if tag == "input" and "checked" in attributes]
    assert [box["value"] for box in boxes] == ["payments"]
    assert "KeyError" not in text


def test_a_choice_without_documents_stays_in_its_list(board: DashboardPage):
    text = shown(board, **{"f.service.name": "gone"})
    boxes = [attributes for tag, attributes in Outline(text).elements if tag == "input" and "checked" in attributes]
    assert [box["value"] for box in boxes] == ["gone"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"q": "log.level: (error"}, "column"),
        ({"from": "yesterday"}, "not a time: `yesterday`"),
        ({"from": "now", "to": "now-1h"}, "ends before it begins"),
        ({"q": "http.response.status_code: many"}, "many"),
    ],
)
def test_a_mistake_of_the_reader_is_shown_beside_the_toolbar(board: DashboardPage, query: dict[str, str], message: str):
    text = shown(board, **query)
    assert message in text
    assert 'class="toolbar"' in text
    assert 'role="alert"' in text or "panel-error" in text


def test_the_page_is_drawn_for_the_width_of_the_reader(board: DashboardPage):
    def widths(text: str) -> list[float]:
        boxes = [attributes.get("viewbox") for tag, attributes in Outline(text).elements if tag == "svg"]
        return [float(box.split()[2]) for box in boxes if box and float(box.split()[2]) > 100]

    narrow, wide, phone = (widths(shown(board, width=width)) for width in ("1000", "1700", "400"))
    assert max(narrow) < max(wide)
    assert len(set(phone)) == 1  # below each other, each as wide as the window
    assert phone[0] < 400


def test_the_legacy_dashboard_is_drawn_and_marked(elasticsearch: Elasticsearch, prefix: str):
    data.load(elasticsearch, prefix, "shipper-logs", data.LOGS)
    text = shown(page(elasticsearch, prefix, "timelion_legacy"))
    assert ">legacy</span>" in text
    assert "panel-error" not in text


def test_the_style_places_each_panel_by_integers_alone(board: DashboardPage):
    style = board.render(NO_QUERY).style
    assert len(re.findall(r"#p-[0-9a-f-]+\{grid-area:\d+/\d+/span \d+/span \d+\}", style)) == 14
