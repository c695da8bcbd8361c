"""An export file read back: lines with their numbers, JSON blobs opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """One saved object and the line it stands on, from 1."""

    number: int
    document: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.document.get("type", ""))

    @property
    def id(self) -> str:
        return str(self.document.get("id", ""))

    @property
    def attributes(self) -> dict[str, Any]:
        attributes = self.document.get("attributes")
        return attributes if isinstance(attributes, dict) else {}

    @property
    def references(self) -> list[dict[str, Any]]:
        found = self.document.get("references")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def target(self, name: str) -> str | None:
        """The id that the reference `name` points at."""
        return next((str(one.get("id")) for one in self.references if one.get("name") == name), None)

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.attributes.get("title") or self.attributes.get("name") or self.id)


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its objects, and the summary line if it has one."""

    origin: str
    lines: tuple[Line, ...]
    summary: Line | None

    def of_type(self, kind: str) -> Iterator[Line]:
        """The objects of one type."""
        return (line for line in self.lines if line.type == kind)

    def find(self, kind: str, identity: str | None) -> Line | None:
        """The object of this type and id."""
        return next((line for line in self.of_type(kind) if line.id == identity), None)


def read(path: Path) -> Export:
    """Read an export.

    Raises:
        UsageError: unreadable, or a line is not a JSON object.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    return parse(text, str(path))


def parse(text: str, origin: str) -> Export:
    """As `read`, from a text."""
    lines: list[Line] = []
    summary = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"not JSON: {error}", where=f"{origin}:{number}", hint="export it from Kibana again"
            ) from error
        if not isinstance(document, dict):
            raise UsageError("not a JSON object", where=f"{origin}:{number}")
        if "exportedCount" in document and "type" not in document:
            summary = Line(number, document)
        else:
            lines.append(Line(number, document))
    return Export(origin, tuple(lines), summary)


def blob(holder: dict[str, Any], key: str, default: Any) -> Any:
    """The value of a JSON text inside an object; `default` where it is absent.

    Raises:
        ValueError: there is something that is not JSON text.
    """
    text = holder.get(key)
    if text is None:
        return default
    if not isinstance(text, str):
        raise ValueError(f"{key} is {type(text).__name__}, not a JSON text")
    return json.loads(text)


def dashboards(exports: Sequence[Export]) -> list[tuple[Export, Line]]:
    """Every dashboard of the files, in their order."""
    return [(export, line) for export in exports for line in export.of_type("dashboard")]
