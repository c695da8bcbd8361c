"""Jinja as every room uses it: templates are package data, everything is escaped, an unknown name is an error."""

from __future__ import annotations

import jinja2


def templates(package: str) -> jinja2.Environment:
    """The templates in the folder `templates` of `package` (`shipper.dashboards.preview`)."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
