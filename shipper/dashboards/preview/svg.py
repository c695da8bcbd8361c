"""Vega-Lite -> inline SVG, by vl-convert: no browser, no network, and nothing but shapes and text in the result."""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from typing import Any

import vl_convert
from markupsafe import Markup

from shipper.errors import ShipperError

SPACE = "http://www.w3.org/2000/svg"
ELEMENTS = frozenset({"svg", "g", "path", "line", "rect", "text", "tspan", "circle", "defs", "clipPath", "title"})
ATTRIBUTES = frozenset(
    {"aria-hidden", "aria-label", "aria-roledescription", "class", "clip-path", "clip-rule", "cx", "cy", "d", "display",
     "dx", "dy", "fill", "fill-opacity", "font-family", "font-size", "font-style", "font-weight", "height", "id",
     "opacity", "pointer-events", "preserveAspectRatio", "r", "role", "rx", "ry", "stroke", "stroke-dasharray",
     "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width",
     "text-anchor", "transform", "version", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"}
)  # fmt: skip

_LOCK = threading.Lock()


def draw(specification: dict[str, Any], label: str) -> Markup:
    """The picture, `label` its name for those who cannot see it.

    Raises:
        ShipperError: Vega refused the specification, or drew something that is not shapes and text.
    """
    with _LOCK:  # one V8 in the process
        try:
            text = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
        except ValueError as error:
            raise ShipperError(f"the chart cannot be drawn: {error}") from error
    ET.register_namespace("", SPACE)
    root = ET.fromstring(text)  # noqa: S314 - our own renderer's output, no document of others
    _check(root)
    root.set("role", "img")
    root.set("aria-label", label)
    root.set("preserveAspectRatio", "xMidYMid meet")
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - checked above, written by an XML serialiser


def _check(root: ET.Element) -> None:
    for element in root.iter():
        if element.tag.removeprefix(f"{{{SPACE}}}") not in ELEMENTS:
            raise ShipperError(f"the chart holds `{element.tag}`, which is not shown here")
        for name, value in list(element.attrib.items()):
            if name not in ATTRIBUTES:
                del element.attrib[name]
            elif "url(" in value and not value.startswith("url(#"):
                raise ShipperError(f"the chart refers to `{value}`, which is not shown here")
