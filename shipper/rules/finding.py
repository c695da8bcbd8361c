"""What `rules lint` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.rules.files import RuleFile


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where, and how to mend it."""

    where: str
    message: str
    hint: str


def at(file: RuleFile, key: str | tuple[str | int, ...], message: str, hint: str) -> Finding:
    """A finding at a key of the file (or at a place deeper in it)."""
    return Finding(file.source.where((key,) if isinstance(key, str) else key), message, hint)
