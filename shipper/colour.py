"""Whether what people read may be coloured; asked by every room that prints."""

from __future__ import annotations

import os


def colours() -> bool | None:
    """For `color=` of click: where the stream is a terminal (None), and never with NO_COLOR (False; no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None
