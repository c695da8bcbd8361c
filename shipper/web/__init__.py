"""The one site on loopback: the dashboards' preview and the Insights pages.

    page = Page("/insights", "Insights", lambda query: Markup("<h1>{}</h1>").format(query.one("tenant")))
    with Server(Site([page])) as server:
        print(server.url)

A page gives the inside of `<main>`; the site gives the frame, the theme, the error page and the headers. Classes that
every page may use: `card`, `panel`, `panel-title`, `toolbar`, `field`, `table`, `number`, `empty`, `muted`, `error`
(shipper/web/static/site.css).
"""

from shipper.web.page import NO_QUERY, Body, Page, Query
from shipper.web.server import Server
from shipper.web.site import Response, Site
from shipper.web.templates_of import templates

__all__ = ["NO_QUERY", "Body", "Page", "Query", "Response", "Server", "Site", "templates"]
