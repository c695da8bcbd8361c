"""Kibana saved objects as NDJSON: one canonical spelling, so that two builds are the same bytes."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CORE_MIGRATION_VERSION = "8.8.0"
"""What every export of Kibana 8.8 and later carries."""

MIGRATION_VERSIONS: Mapping[str, str] = {
    "dashboard": "10.2.0",
    "index-pattern": "8.0.0",
    "lens": "8.9.0",
    "search": "8.0.0",
    "tag": "8.0.0",
    "visualization": "8.5.0",
}
"""Type -> the lowest version whose schema covers what we use.

An older one is migrated up by any later Kibana, a newer one is refused, none at all runs every migration from 7.x and
breaks formBased Lens panels.
"""

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:ecs-shipper:saved-objects")


def stable_id(*words: str) -> str:
    """A UUID that depends on the words alone."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(words)))


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A named link from one saved object to another."""

    name: str
    type: str
    id: str

    def document(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "type": self.type}


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One line of an export."""

    type: str
    id: str
    attributes: Mapping[str, Any]
    references: tuple[Reference, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The line as Kibana reads it, without the volatile keys of an export."""
        return {
            "attributes": dict(self.attributes),
            "coreMigrationVersion": CORE_MIGRATION_VERSION,
            "id": self.id,
            "managed": False,
            "references": [reference.document() for reference in sorted(self.references)],
            "type": self.type,
            "typeMigrationVersion": MIGRATION_VERSIONS[self.type],
        }


def ndjson(objects: Iterable[SavedObject]) -> str:
    """The file for Kibana's import: objects by type and id, then the summary line."""
    lines = [canonical(one.document()) for one in sorted(objects, key=lambda one: (one.type, one.id))]
    summary = {
        "excludedObjects": [],
        "excludedObjectsCount": 0,
        "exportedCount": len(lines),
        "missingRefCount": 0,
        "missingReferences": [],
    }
    return "\n".join([*lines, canonical(summary)]) + "\n"
