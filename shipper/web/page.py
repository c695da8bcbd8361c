"""What a room gives the site: pages. A page turns the words of a query string into safe HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_QUERY = 4096
"""Characters of a query string that are read; more is refused."""


@dataclass(frozen=True, slots=True)
class Query:
    """The query string of a request: each name with its values in order."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, text: str) -> Query:
        """From `a=1&b=2&b=3`.

        Raises:
            ValueError: too long, or too many fields.
        """
        if len(text) > MAX_QUERY:
            raise ValueError(f"the query string is longer than {MAX_QUERY} characters")
        found: dict[str, tuple[str, ...]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=100, errors="replace"):
            found[name] = (*found.get(name, ()), value)
        return cls(found)

    def one(self, name: str, default: str = "") -> str:
        """The last value of `name`; `default` where it is absent."""
        values = self.values.get(name)
        return values[-1] if values else default

    def many(self, name: str) -> tuple[str, ...]:
        """Every value of `name` that is not empty."""
        return tuple(value for value in self.values.get(name, ()) if value)


NO_QUERY = Query({})


@dataclass(frozen=True, slots=True)
class Body:
    """What a page shows.

    Attributes:
        html: safe HTML for the inside of `<main>`. A plain `str` would be escaped: use Jinja or `Markup.format`.
        style: CSS rules of this page; the site adds them with the nonce that the policy asks for, since
            `style="…"` attributes are refused by it.
    """

    html: Markup
    style: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the site.

    Attributes:
        path: `/name` in lower case; `/` is the first page shown.
        title: shown in the navigation and in the browser's title.
        render: Query -> Body, or Markup where there is no style. It may raise `ShipperError`: the site shows it.
            Anything that is not Markup is escaped.
    """

    path: str
    title: str
    render: Callable[[Query], Body | Markup]

    def body(self, query: Query) -> Body:
        """What `render` gives, escaped where it is not marked safe."""
        shown = self.render(query)
        return shown if isinstance(shown, Body) else Body(Markup.escape(shown))
