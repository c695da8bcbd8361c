"""`http.route`: a path with few values, the same whether a service, its web server or the agent names it."""

from __future__ import annotations

import re
from functools import lru_cache

_VARIABLE = re.compile(
    r"\d[\d.,:\-]*"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?=[^\d]*\d)[0-9a-fA-F]{8,}"
    r"|[A-Za-z]{1,8}[_\-]?(?=[\w\-]*\d)[0-9A-Za-z]{0,40}\d[0-9A-Za-z_\-]{0,40}"
    r"|(?=[^\d]*\d)[\w\-=.~]{16,}"
    r"|[\w\-=.~%]{32,}"
    r"|[^@/\s]+(?:@|%40)[^@/\s]+\.[A-Za-z]{2,}"
)
_VERSIONED = re.compile(
    r"v\d+(?:\.\d+)*|[\w\-.]+\.(?:js|css|html?|png|jpe?g|gif|svg|ico|woff2?|map|txt|xml|json|php|aspx?|jsp)"
)
_ORDINARY = re.compile(r"[A-Za-z]+\d?|(?:http|html|utf|sha|md|ipv|oauth|s|mp|web|base|h|gen|phase|step|level|tier)\d+")


def route(path: str) -> str:
    """A path with its variable parts named: `/users/123` -> `/users/{id}`; `/v1/style.css` stays."""
    return _route(path[:1024])


@lru_cache(maxsize=4096)
def _route(path: str) -> str:
    return "/".join("{id}" if _is_variable(part) else part for part in path.split(";", 1)[0].split("/"))


@lru_cache(maxsize=4096)
def _is_variable(part: str) -> bool:
    if not part or _VERSIONED.fullmatch(part) or _ORDINARY.fullmatch(part):
        return False
    return _VARIABLE.fullmatch(part) is not None
