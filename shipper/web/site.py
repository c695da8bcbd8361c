"""Request target -> response, without a socket: routing, the frame, the policy headers, the error page."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup

from shipper.errors import ShipperError, UsageError
from shipper.web.page import NO_QUERY, Body, Page, Query
from shipper.web.templates_of import templates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATIC = {"/static/site.css": "text/css; charset=utf-8", "/static/site.js": "text/javascript; charset=utf-8"}
"""Our only files; they are package data."""

COMMON_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Response:
    """What a request is answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Site:
    """The pages of all rooms in one frame."""

    def __init__(self, pages: Sequence[Page], name: str = "Shipper") -> None:
        """Take the pages in the order of the navigation.

        Raises:
            UsageError: no page, or two pages with one path.
        """
        paths = [page.path for page in pages]
        if not pages or len(set(paths)) != len(paths):
            raise UsageError(f"a site needs pages with different paths, not {paths}")
        self.pages = tuple(pages)
        self.name = name
        self._by_path = {page.path: page for page in pages}
        self._frame = templates("shipper.web").get_template("frame.html")
        self._problem = templates("shipper.web").get_template("problem.html")

    def respond(self, target: str) -> Response:
        """Answer GET `target` (`/path?query`)."""
        try:
            parts = urlsplit(target)
        except ValueError:  # `http://[`
            return self._framed(400, "Bad request", self._explain(UsageError("This address is wrong")), NO_QUERY)
        if parts.path in STATIC:
            return _response(200, STATIC[parts.path], _static(parts.path).encode())
        try:
            query = Query.parse(parts.query)
        except ValueError as error:
            return self._framed(400, "Bad request", self._explain(UsageError(str(error))), NO_QUERY)
        page = self._by_path.get(parts.path)
        if page is None and parts.path == "/":
            page = self.pages[0]
        if page is None:
            lost = UsageError("There is no such page", hint="choose one above")
            return self._framed(404, "Not found", self._explain(lost), query)
        try:
            body, status = page.body(query), 200
        except ShipperError as error:
            body, status = self._explain(error), 400 if isinstance(error, UsageError) else 503
        return self._framed(status, page.title, body, query, page.path)

    def failure(self) -> Response:
        """The answer to a request that broke the program; what happened is in its log."""
        broken = ShipperError("This page met a fault in Shipper itself", hint="see what the server printed")
        return self._framed(500, "Fault", self._explain(broken), NO_QUERY)

    def standalone(self, page: Page, query: Query) -> str:
        """One page as a file that needs nothing else: style and script inside, everything else forbidden.

        Raises:
            ShipperError: the page's own.
        """
        body = page.body(query)
        style = self._assets["css"] + "\n" + body.style
        script = self._assets["js"]
        policy = (
            f"default-src 'none'; style-src {_hashed(style)}; script-src {_hashed(script)}; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )
        return self._frame.render(
            site=self, page_title=page.title, body=body.html, path=page.path, alone=True,
            style=Markup(style), script=Markup(script), policy=policy, nonce="",  # noqa: S704 - our own files and the page's CSS
        )  # fmt: skip

    @cached_property
    def _assets(self) -> dict[str, str]:
        return {"css": _static("/static/site.css"), "js": _static("/static/site.js")}

    def _explain(self, error: ShipperError) -> Body:
        return Body(Markup(self._problem.render(error=error)))  # noqa: S704 - the template escaped it

    def _framed(self, status: int, title: str, body: Body, query: Query, path: str = "") -> Response:
        if query.one("fragment") == "1":  # the page refreshes itself: the inside is enough
            return _response(status, "text/html; charset=utf-8", str(body.html).encode())
        nonce = secrets.token_urlsafe(16)
        text = self._frame.render(
            site=self, page_title=title, body=body.html, path=path, alone=False,
            style=Markup(body.style), script="", policy="", nonce=nonce,  # noqa: S704 - the page's own CSS
        )  # fmt: skip
        policy = (
            f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'self'; img-src data:; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return _response(status, "text/html; charset=utf-8", text.encode(), {"Content-Security-Policy": policy})


def _response(status: int, kind: str, body: bytes, extra: Mapping[str, str] | None = None) -> Response:
    policy = {"Content-Security-Policy": "default-src 'none'"}
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), **COMMON_HEADERS, **policy, **(extra or {})}
    return Response(status, headers, body)


def _static(path: str) -> str:
    return resources.files("shipper.web").joinpath(path.lstrip("/")).read_text("utf-8")


def _hashed(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
