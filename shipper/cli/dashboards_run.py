"""What `dashboards execute` and `preview` do once their options are read."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.cli.terminal import table as text_table
from shipper.clock import SystemClock, iso_utc
from shipper.dashboards.execute.dashboard import built_files, open_files
from shipper.dashboards.execute.period import Period
from shipper.dashboards.execute.request import Scope
from shipper.dashboards.execute.run import Result, Runner
from shipper.elastic.client import connect, for_role
from shipper.home import default_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from shipper.dashboards.execute.dashboard import Dashboard
    from shipper.dashboards.execute.table import Table
    from shipper.elastic.client import ClientSettings
    from shipper.stack.settings import StackSettings
    from shipper.web import Page

READER = "shipper_reader"


@dataclass(frozen=True, slots=True)
class Target:
    """Which dashboards, on which cluster."""

    files: tuple[Path, ...]
    stack: StackSettings

    def settings(self) -> ClientSettings:
        """The cluster that was named, else the local stack's, as its reader."""
        return self.stack.elasticsearch or for_role(default_home().endpoints(), READER)

    def dashboards(self) -> list[Dashboard]:
        """The dashboards of the files, else all that are built."""
        return open_files(self.files or built_files())

    @contextmanager
    def runner(self) -> Iterator[Runner]:
        """A runner whose client is closed at the end."""
        settings = self.settings()
        with connect(settings) as client:
            yield Runner(client, settings.place, self.stack.prefix)


@dataclass(frozen=True, slots=True)
class Report:
    """What `execute` prints."""

    document: list[dict[str, Any]]
    text: str
    failed: int


def execute(target: Target, start: str | None, end: str | None, query: str) -> Report:
    """Run every panel of every dashboard."""
    document, parts, failed = [], [], 0
    with target.runner() as runner:
        for board in target.dashboards():
            period = Period.parse(start or board.start, end or board.end, SystemClock().time())
            results = runner.run(board, Scope(period, (board.query, query)))
            failed += sum(result.error is not None for result in results)
            document.append({"dashboard": board.title, "panels": [_as_document(result) for result in results]})
            parts += [f"# {board.title}", *(_as_text(result) for result in results)]
    return Report(document, "\n\n".join(parts), failed)


def write_page(target: Target, path: Path) -> None:
    """Write the first dashboard as one file."""
    from shipper.dashboards.preview.page import preview_pages
    from shipper.web import NO_QUERY, Site

    with target.runner() as runner:
        site = Site(preview_pages(target.dashboards(), runner, SystemClock()))
        path.write_text(site.standalone(site.pages[0], NO_QUERY), "utf-8")


def serve(target: Target, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is told the address."""
    from shipper.dashboards.preview.page import preview_pages
    from shipper.web import Server, Site

    settings = target.settings()
    with connect(settings) as client:
        runner = Runner(client, settings.place, target.stack.prefix)
        pages = preview_pages(target.dashboards(), runner, SystemClock())
        server = Server(Site([*pages, _insights(client, target.stack.prefix)]), port)
        try:
            ready(server.url)
            server.serve_forever()
        finally:
            server.close()


def _insights(client: Elasticsearch, prefix: str) -> Page:
    """The campaigns' page, read as whoever reads the dashboards."""
    from shipper.campaigns.indices import Indices
    from shipper.campaigns.page import insights_page
    from shipper.campaigns.report import Reader

    return insights_page(Reader(client, Indices(prefix)), None, lambda: iso_utc(SystemClock().time()))


def _as_document(result: Result) -> dict[str, Any]:
    shown: dict[str, Any] = {"documents": result.documents, "panel": result.panel.title}
    if result.error is not None:
        shown["error"] = str(result.error)
    shown["tables"] = [{"columns": _labels(table), "rows": _values(table)} for table in result.tables.values()]
    return shown


def _as_text(result: Result) -> str:
    head = f"## {result.panel.title}"
    if result.error is not None:
        return f"{head}\nerror: {result.error}"
    return "\n".join([head, *(text_table(_values(table), list(_labels(table))) for table in result.tables.values())])


def _labels(table: Table) -> list[str]:
    return [column.label for column in table.columns if not column.label.startswith("Part of ")]


def _values(table: Table) -> list[list[Any]]:
    names = [column.id for column in table.columns if not column.label.startswith("Part of ")]
    return [[row.get(name) for name in names] for row in table.rows]
