"""What a path says of its records: `/logs/{host.name}/{service.name}/**`, and where container runtimes keep logs.

Sources: Kubernetes' kubelet (`/var/log/pods`, `/var/log/containers`), Docker's json-file driver.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from shipper.ecs.table import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PART = re.compile(r"\{([^{}/]*)\}|\*\*/?|\*|\?|[^{}*?]+|[{}]")
_NAME = re.compile(r"[A-Za-z_@][\w@-]*(\.[\w@-]+)*")
_TEXT = frozenset({"keyword", "wildcard", "text", "match_only_text", "constant_keyword"})

_POD = re.compile(
    r".*/pods/(?P<namespace>[^/_]+)_(?P<pod>[^/_]+)_(?P<uid>[^/_]+)/(?P<container>[^/]+)/\d+\.log(?:[.-][^/]*)?"
)
_CONTAINER = re.compile(
    r".*/containers/(?P<pod>[^/_]+)_(?P<namespace>[^/_]+)_(?P<container>[^/_]+)-(?P<id>[0-9a-f]{64})\.log"
)
_DOCKER = re.compile(r".*/containers/(?P<id>[0-9a-f]{64})/(?P=id)-json\.log(?:[.-][^/]*)?")
_RUNTIME_NAMES = {
    "container": ("container.name", "kubernetes.container.name"),
    "id": ("container.id",),
    "namespace": ("kubernetes.namespace",),
    "pod": ("kubernetes.pod.name",),
    "uid": ("kubernetes.pod.uid",),
}


class PathPattern:
    """A path with `{field}` for parts that say something; `*`, `?` and `**` as in `paths`.

    Attributes:
        names: the fields it gives.
    """

    def __init__(self, pattern: str) -> None:
        """Compile it.

        Raises:
            ValueError: a brace is alone, a field cannot take text, stands twice, or there is none.
        """
        self.names: list[str] = []
        absolute = os.path.abspath(os.path.expanduser(pattern))
        self._regex = re.compile("".join(self._part(match, pattern) for match in _PART.finditer(absolute)), re.DOTALL)
        if not self.names:
            raise ValueError(f"`path_fields`: {pattern!r} names no field, such as {{host.name}}")

    def match(self, path: str) -> dict[str, str] | None:
        """Field -> text, or None where the path is another."""
        match = self._regex.fullmatch(path)
        return None if match is None else dict(zip(self.names, match.groups(), strict=True))

    def _part(self, match: re.Match[str], pattern: str) -> str:
        text, name = match.group(), match.group(1)
        if name is not None:
            self._check(name, pattern)
            self.names.append(name)
            return "([^/]+?)"
        if text in "{}":
            raise ValueError(f"`path_fields`: {pattern!r} has a brace without its partner")
        return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(text) or re.escape(text)

    def _check(self, name: str, pattern: str) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"`path_fields`: {{{name}}} in {pattern!r} is no field's name")
        if name in self.names:
            raise ValueError(f"`path_fields`: {{{name}}} stands twice in {pattern!r}")
        kind = TYPES.get(name) or ("an object" if any(known.startswith(f"{name}.") for known in TYPES) else None)
        if name.startswith("@") or kind not in (None, *_TEXT):
            raise ValueError(f"`path_fields`: {{{name}}} is {kind or 'not text'} in ECS; a part of a path is text")


def of_path(path: str, patterns: Sequence[PathPattern]) -> Mapping[str, str]:
    """What the first pattern that fits says, else nothing."""
    return next((found for pattern in patterns if (found := pattern.match(path)) is not None), {})


def of_container(path: str) -> dict[str, str]:
    """`container.*` and `kubernetes.*` where a runtime's layout gives them, by dotted name."""
    match = _POD.fullmatch(path) or _CONTAINER.fullmatch(path) or _DOCKER.fullmatch(path)
    if match is None:
        return {}
    return {name: text for group, text in match.groupdict().items() for name in _RUNTIME_NAMES[group]}


def overlaid(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Nested objects, one laid over the other."""
    result = dict(base)
    for name, value in over.items():
        present = result.get(name)
        result[name] = overlaid(present, value) if isinstance(present, dict) and isinstance(value, dict) else value
    return result
