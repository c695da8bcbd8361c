"""A dashboard as a page of the site: toolbar, grid of panels, real data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from shipper.dashboards.execute.period import Period
from shipper.dashboards.execute.request import Scope
from shipper.dashboards.preview import numbers
from shipper.dashboards.preview.view import PanelView, Viewer
from shipper.errors import UsageError
from shipper.web import Body, Page, templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.clock import Clock
    from shipper.dashboards.execute.dashboard import Control, Dashboard
    from shipper.dashboards.execute.run import Runner
    from shipper.web import Query

RANGES = (
    ("now-15m", "Last 15 minutes"),
    ("now-1h", "Last hour"),
    ("now-6h", "Last 6 hours"),
    ("now-24h", "Last 24 hours"),
    ("now-7d", "Last 7 days"),
    ("now-30d", "Last 30 days"),
)
REFRESH = (0, 5, 10, 30, 60, 300)
DEFAULT_WIDTH = 1440
"""Width of the reader's window in pixels, until the page says how wide it is."""


@dataclass(frozen=True, slots=True)
class ControlView:
    """A list of values and which are chosen; a value that is chosen stays in the list though it has no documents."""

    name: str
    title: str
    options: Sequence[str]
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for."""

    start: str
    end: str
    query: str
    refresh: int
    width: int
    chosen: dict[str, tuple[str, ...]]


class DashboardPage:
    """Renders one dashboard; a page of it is `page()`."""

    def __init__(self, dashboard: Dashboard, runner: Runner, clock: Clock) -> None:
        self._dashboard = dashboard
        self._runner = runner
        self._clock = clock
        self._template = templates("shipper.dashboards.preview").get_template("dashboard.html")

    def page(self, path: str) -> Page:
        """The page for the site."""
        return Page(path, self._dashboard.title, self.render)

    def render(self, query: Query) -> Body:
        """The page's inside; a mistake in what the reader asked for is shown beside the toolbar.

        Raises:
            UnavailableError: Elasticsearch cannot be reached or read.
        """
        wanted = self._wanted(query)
        views: list[PanelView] = []
        controls: list[ControlView] = []
        problem, period = None, None
        try:
            period = Period.parse(wanted.start, wanted.end, self._clock.time())
            scope = Scope(period, (self._dashboard.query, wanted.query), wanted.chosen)
            controls = [self._control(control, scope, wanted) for control in self._dashboard.controls]
            viewer = Viewer(period, wanted.width)
            views = [viewer.view(result) for result in self._runner.run(self._dashboard, scope)]
        except UsageError as error:
            problem = error
        text = self._template.render(
            board=self._dashboard, controls=controls, numbers=numbers, panels=views, period=period, problem=problem,
            ranges=RANGES, refreshes=sorted({*REFRESH, wanted.refresh}), wanted=wanted,
            now=numbers.moment(int(self._clock.time() * 1000)), cut=bool(wanted.query or wanted.chosen),
        )  # fmt: skip
        return Body(Markup(text), self._style())  # noqa: S704 - the template escapes

    def _wanted(self, query: Query) -> Wanted:
        chosen = {control.field: query.many(f"f.{control.field}") for control in self._dashboard.controls}
        return Wanted(
            start=query.one("from", self._dashboard.start),
            end=query.one("to", self._dashboard.end) or "now",
            query=query.one("q").strip(),
            refresh=_bounded(query.one("refresh"), round(self._dashboard.refresh), 0, 86_400),
            width=_bounded(query.one("width"), DEFAULT_WIDTH, 320, 4000),
            chosen={field: values for field, values in chosen.items() if values},
        )

    def _control(self, control: Control, scope: Scope, wanted: Wanted) -> ControlView:
        chosen = wanted.chosen.get(control.field, ())
        options = self._runner.options(control, scope)
        missing = [value for value in chosen if value not in options]
        return ControlView(f"f.{control.field}", control.title, [*missing, *options], chosen)

    def _style(self) -> str:
        """Each panel's place on the grid; from integers alone."""
        rules = []
        for panel in self._dashboard.panels:
            x, y, w, h = (int(panel.grid[key]) for key in ("x", "y", "w", "h"))
            rules.append(f"#{_element(panel.index)}{{grid-area:{y + 1}/{x + 1}/span {h}/span {w}}}")
        return f"@media (min-width:900px){{{''.join(rules)}}}"


def preview_pages(boards: Sequence[Dashboard], runner: Runner, clock: Clock) -> list[Page]:
    """One page a dashboard for the site: the first at `/`, the others at `/dashboards/<id>`."""
    return [
        DashboardPage(board, runner, clock).page("/" if number == 0 else f"/dashboards/{board.id}")
        for number, board in enumerate(boards)
    ]


def _element(index: str) -> str:
    """A panel's id on the page: letters, digits and hyphens."""
    return "p-" + "".join(sign for sign in index if sign.isalnum() or sign == "-")


def _bounded(text: str, default: int, least: int, most: int) -> int:
    try:
        return max(least, min(most, int(text)))
    except ValueError:
        return default
