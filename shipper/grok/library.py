"""Named patterns: those of Logstash by name, and files of one's own (`NAME expression`, one a line)."""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def builtin(*, ecs: bool) -> Mapping[str, str]:
    """Name -> expression, with field names of ECS or those from before."""
    return {**_packaged("base"), **_packaged("ecs-v1" if ecs else "legacy")}


def parse_patterns(text: str) -> dict[str, str]:
    """The definitions in a pattern file; comments, empty and malformed lines are passed over."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        parts = line.lstrip().split(None, 1)
        if len(parts) == 2 and not parts[0].startswith("#"):
            found[parts[0]] = parts[1].rstrip("\r")
    return found


def _packaged(name: str) -> dict[str, str]:
    return parse_patterns(resources.files("shipper.grok").joinpath("patterns", name).read_text("utf-8"))
