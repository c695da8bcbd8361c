"""A notification as a small HTML page for mail readers: no script, no picture, nothing loaded, every value escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from shipper.rules.change import Kind
from shipper.rules.notifier.text import facts

if TYPE_CHECKING:
    from shipper.rules.notification import Notification

_COLOURS = {Kind.RESOLVED: "#1a7f37", Kind.COMPLETE: "#1a7f37"}
_CELL = 'style="padding:2px 12px 2px 0;vertical-align:top"'


def page(told: Notification) -> str:
    """The title and one row a fact; addresses are links."""
    colour = _COLOURS.get(told.kind, "#b42318")
    rows = "".join(
        f"<tr><td {_CELL}>{escape(name.rstrip(':'))}</td><td {_CELL}>{_shown(name, value)}</td></tr>\n"
        for name, value in facts(told)
    )
    return (
        '<!DOCTYPE html>\n<html><body style="font-family:sans-serif;font-size:14px">\n'
        f'<p style="font-size:16px;font-weight:bold;color:{colour}">{escape(told.title)}</p>\n'
        f'<table style="border-collapse:collapse">\n{rows}</table>\n</body></html>\n'
    )


def _shown(name: str, value: str) -> str:
    if not value.startswith(("http://", "https://")):
        return f"<code>{escape(value)}</code>" if name == "query" else escape(value)
    words = "Open in Kibana" if name == "kibana" else value
    return f'<a href="{escape(value)}">{escape(words)}</a>'
