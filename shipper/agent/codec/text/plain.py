"""Text without any layout: the line is the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory


class Plain(TextFormat):
    """Takes every line; stack traces are one record."""

    name = "plain"
    continuation = Continuation.TRACE
    weak = True

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        return {"message": line}
