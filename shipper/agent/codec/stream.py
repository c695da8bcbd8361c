"""One stream of lines: a file, or stdout or stderr of a container; its parts, its record, its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec.framer import Framer, Line

if TYPE_CHECKING:
    from shipper.agent.codec.chronology import Chronology
    from shipper.agent.codec.container import Wrapped
    from shipper.agent.codec.detect import Detector
    from shipper.agent.codec.framer import Record


class LineStream:
    """Joins partial lines, frames records, and can say what a restart must know.

    Attributes:
        done: lines before this offset were given out before a restart; they are passed over.
    """

    __slots__ = ("_detector", "_framer", "_limit", "_part", "chronology", "done")

    def __init__(self, detector: Detector, chronology: Chronology, limit: int, framer: Framer | None = None) -> None:
        self.chronology = chronology
        self.done = 0
        self._detector = detector
        self._framer = Framer(detector, limit) if framer is None else framer
        self._limit = limit
        self._part: Line | None = None

    def ready(self, offset: int) -> bool:
        """Nothing is held, and a line at `offset` is not one that a restart must pass over."""
        return self._part is None and self._framer.start is None and offset >= self.done

    @property
    def format_name(self) -> str:
        """The format of the last record that was detected; empty before the first."""
        return "" if self._detector.current is None else self._detector.current.name

    @property
    def start(self) -> int | None:
        """Offset of the first byte that is held here."""
        if self._framer.start is not None:
            return self._framer.start
        return None if self._part is None else self._part.offset

    def push(self, line: Line) -> list[Record]:
        """Take a whole line; the records it completes."""
        if line.offset < self.done:
            return []
        records = self._framer.push(line)
        if "truncated" in line.flags:  # what was cut has no end that could be awaited
            records.extend(self._framer.close())
        return records

    def push_part(self, line: Line, wrapped: Wrapped) -> list[Record]:
        """Take one container entry: a line or a part of one."""
        if line.offset < self.done:
            return []
        part = self._part
        if part is not None:
            flags = tuple(dict.fromkeys((*part.flags, *line.flags)))
            text = part.text + wrapped.text
            if len(text) > self._limit:
                text, flags = text[: self._limit], (*flags, "truncated")
            line = part._replace(text=text, flags=tuple(dict.fromkeys(flags)), hit=True)  # a secret may be cut in two
        else:
            line = line._replace(text=wrapped.text, time=wrapped.time)
        if wrapped.partial:
            self._part = line
            return []
        self._part = None
        return self.push(line)

    def fork(self) -> LineStream:
        """A copy on which lines can be tried with `goes_on`."""
        framer = self._framer.fork()
        other = LineStream(framer.detector, self.chronology, self._limit, framer)
        other.hold(self._part)
        return other

    def hold(self, part: Line | None) -> None:
        """Await the rest of a partial line."""
        self._part = part

    def goes_on(self, line: Line, wrapped: Wrapped | None, *, first: bool) -> bool:
        """Take a line of the file that follows; False if it is not part of what was held.

        The `first` must surely be so (a frame, an indented line, the rest of a partial one), the others as in one file.
        """
        partial = self._part is not None
        text = line.text if wrapped is None else wrapped.text
        if first and not partial and not self._framer.goes_on(text):
            return False
        records = self.push(line) if wrapped is None else self.push_part(line, wrapped)
        ended = bool(records) and self.start is None and records[-1].line.offset < line.offset
        return partial or ended or not records

    def close(self) -> list[Record]:
        """Give up everything that is held."""
        records: list[Record] = []
        if self._part is not None:
            part, self._part = self._part, None
            records.extend(self._framer.push(part))
        records.extend(self._framer.close())
        return records

    def save(self, position: int) -> dict[str, Any]:
        """What a restart at or before `position` needs to go on alike."""
        record = self._framer.open
        current, memory = (self._detector.current, self._detector.memory) if record is None else record.before
        state: dict[str, Any] = {"done": position if self.start is None else self.start}
        if current is not None:
            state["format"] = current.name
        if memory:
            state["memory"] = memory
        if self.chronology.last is not None:
            state["last"] = str(self.chronology.last)  # years far away exceed 64 bits
        return state

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        self.done = state["done"]
        self._detector.recall(state.get("format", ""))
        self._detector.memory = dict(state.get("memory", {}))
        self.chronology.last = int(state["last"]) if "last" in state else None
