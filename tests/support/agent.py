"""What the agent's tests share: a trivial decoder, a sink in memory, a tailer on a manual clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shipper.agent.codec.base import Decoded, SelfContained
from shipper.agent.dead_letters import DeadLetters
from shipper.agent.delivery import Delivery
from shipper.agent.descriptors import OpenFiles
from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.monitoring.report import Parts
from shipper.agent.output.pool import HostPool
from shipper.agent.registry import Registry
from shipper.agent.tailer import Tailer
from shipper.clock import ManualClock, iso_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from shipper.agent.batch import Batch, Reject
    from shipper.agent.codec.base import Decoder


class LineDecoder(SelfContained):
    """A record a line, with the generation's time; an unterminated line is held."""

    def __init__(self, settings, *, fallback_time: float, resume: bytes = b"", end: int = 0) -> None:
        self._time = iso_utc(fallback_time)
        self._held = b""
        self._begin = end

    def feed(self, data: bytes) -> Decoded:
        data = self._held + data
        whole, newline, rest = data.rpartition(b"\n")
        self._held = rest
        return self._records(whole.split(b"\n") if newline else [])

    def flush(self) -> Decoded:
        rest, self._held = self._held, b""
        return self._records([rest] if rest else [], terminated=0)

    def _records(self, lines: list[bytes], terminated: int = 1) -> Decoded:
        decoded = Decoded()
        for line in lines:
            decoded.offsets.append(self._begin)
            decoded.documents.append({"@timestamp": self._time, "message": line.decode("utf-8", "replace")})
            decoded.timestamps.append(self._time)
            self._begin += len(line) + terminated
        decoded.end = self._begin
        return decoded

    @property
    def held(self) -> int:
        return len(self._held)


class NoGraveyard:
    def bury(self, rejects: Sequence[Reject]) -> None:
        raise AssertionError(f"nothing should be rejected: {rejects}")


class Rig:
    """A tailer over one folder; `sent` is everything that left, by id, in order."""

    decoder = LineDecoder

    def __init__(self, folder: Path, state: Path, clock: ManualClock | None = None, **settings) -> None:
        self.clock = clock or ManualClock()
        self.folder = folder
        self.state = state
        self._settings = {"paths": [f"{folder}/*.log*"], "chunk": 4096, **settings}
        self.sent: list[tuple[str, Any]] = []
        self.make: Callable[..., Decoder] = LineDecoder
        self.start()

    def start(self) -> None:
        self.registry = Registry(self.state)
        self.delivery = Delivery(self.registry, NoGraveyard(), 1 << 24)
        source = FileInput(FileInputSettings(**self._settings), {}, self.make)
        self.tailer = Tailer([source], self.registry, self.delivery, self.clock, OpenFiles(500))
        self.queue: list[Batch] = []

    def read(self) -> None:
        """Scan and read until nothing is left; leave it unacknowledged."""
        for _ in range(10):
            self.tailer.scan()
            while self.tailer.step():
                pass
            self.tailer.flush_held()
            if not self.tailer.wants_scan:
                break
        while batches := self.delivery.take(10_000, 1 << 30, 0):
            self.queue += batches

    def deliver(self) -> None:
        """Acknowledge everything that was read."""
        import orjson

        for batch in self.queue:
            for name, document in zip(batch.ids, batch.documents, strict=True):
                self.sent.append((name, orjson.loads(document)["message"]))
        self.delivery.settle(self.queue)
        self.queue = []
        self.registry.commit()

    def ship(self) -> None:
        self.read()
        self.deliver()

    def restart(self) -> None:
        """Stop in order, and start again."""
        self.tailer.close()
        self.registry.close()
        self.start()

    def crash(self) -> None:
        """Lose everything that is not on disk, and start again."""
        self.tailer.close()
        self.registry._journal.close()
        self.start()

    @property
    def index(self) -> dict[str, Any]:
        """What an index holds: the first record of each id."""
        result: dict[str, Any] = {}
        for name, message in self.sent:
            result.setdefault(name, message)
        return result

    @property
    def messages(self) -> list[Any]:
        return list(self.index.values())


def lines(prefix: str | int, count: int) -> str:
    """Numbered lines of about 50 characters."""
    return "".join(f"{prefix} {number} {'x' * 40}\n" for number in range(count))


def write(rig: Rig, name: str, text: str, mode: str = "a") -> None:
    """Append to a file of the rig's folder, or make it anew."""
    with (rig.folder / name).open(mode) as file:
        file.write(text)


def parts_of(rig: Rig, **changes: Any) -> Parts:
    """What an agent of this rig would watch."""
    parts = Parts(
        registry=rig.registry,
        letters=DeadLetters(rig.state, rig.clock),
        delivery=rig.delivery,
        fleet=lambda: rig.tailer.fleet,
        inputs=[],
        output="sink",
        pool=HostPool(["sink"], rig.clock),
        senders=[],
        memory=1 << 24,
        stuck_after=120,
    )
    return replace(parts, **changes)
