"""A delivery with senders, as the agent wires them, without files and harvesters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from shipper.agent.batch import Batch
from shipper.agent.dead_letters import DeadLetters
from shipper.agent.delivery import Delivery
from shipper.agent.output import make_output
from shipper.agent.registry import Registry
from shipper.agent.sender import Sender
from shipper.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.agent.output import OutputSettings

STAMP = "2026-03-01T12:00:00.000Z"


def batch(start: int, count: int, text: str = "x") -> Batch:
    """Records `<text> <number>` with the ids `id-0-<number>`."""
    numbers = range(start, start + count)
    documents = [json.dumps({"@timestamp": STAMP, "message": f"{text} {n}"}, separators=(",", ":")) for n in numbers]
    return Batch([f"id-0-{n}" for n in numbers], [d.encode() for d in documents], [STAMP] * count)


class Pipe:
    """Ends its senders at the end of the `with`; those of a peer that never answers must be stopped before."""

    def __init__(self, folder: Path, settings: OutputSettings) -> None:
        clock = SystemClock()
        folder.mkdir(exist_ok=True)
        self.letters = DeadLetters(folder, clock)
        self.registry = Registry(folder / "registry")
        self.delivery = Delivery(self.registry, self.letters, 1 << 24)
        self.output = make_output(settings, clock)
        self.senders = [Sender(self.output, self.delivery, clock, n) for n in range(self.output.connections)]

    def __enter__(self) -> Self:
        for sender in self.senders:
            sender.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.delivery.close()
        for sender in self.senders:
            sender.join(10)
            sender.stop()
            sender.join(10)
        self.registry.close()
        assert not any(sender.is_alive() for sender in self.senders)

    def host(self, name: str) -> dict[str, Any]:
        """How the host of that address does."""
        return next(each for each in self.output.pool.report() if each["host"].endswith(name))
