"""A logger that writes one JSON object a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields

Entry = dict[str, Any]
"""One parsed line."""


class JsonLogger:
    """One logger's names. `recognises` must be cheap: it sees every line."""

    name: ClassVar[str]

    def recognises(self, entry: Entry) -> bool:
        """Is `entry` of this logger?"""
        raise NotImplementedError

    def fields(self, entry: Entry) -> Fields:
        """Its fields; keys that are no concern of the logger stay as they are."""
        raise NotImplementedError
