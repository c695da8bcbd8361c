"""Lines -> records: continuation lines and stack traces join the record before them. Bounded."""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from shipper.agent.codec import trace
from shipper.agent.codec.format import Continuation, Preamble
from shipper.agent.codec.stamp import stamped_alike

if TYPE_CHECKING:
    from shipper.agent.codec.detect import Detector
    from shipper.agent.codec.format import Fields, Memory, TextFormat


class Line(NamedTuple):
    """One line of text.

    Attributes:
        offset: plain offset of its first byte.
        text: without its newline.
        time: nanoseconds, where a container runtime stamped the line; else None.
        flags: what was wrong with its bytes.
        hit: the redaction prefilter found something in it.
    """

    offset: int
    text: str
    time: int | None = None
    flags: tuple[str, ...] = ()
    hit: bool = False


@dataclass(slots=True)
class Record:
    """A head and the lines that joined it; `before` is the detector's state just before the head."""

    line: Line
    format: TextFormat
    fields: Fields
    before: tuple[TextFormat | None, Memory]
    lines: list[str] = field(default_factory=list)
    size: int = 0
    blanks: int = 0
    flags: list[str] = field(default_factory=list)
    hit: bool = False
    position: trace.Position | None = None

    @property
    def more(self) -> list[str]:
        """The lines after the head."""
        return self.lines[1:]


class Framer:
    """One per stream of lines. At most one record is open.

    Args:
        detector: says what a head is.
        max_size: characters of a record; a longer one is closed, and the rest begins another.
    """

    def __init__(self, detector: Detector, max_size: int) -> None:
        self.open: Record | None = None
        self.detector = detector
        self._max_size = max_size

    def push(self, line: Line) -> list[Record]:
        """Take the next line; the records that it completes."""
        record = self.open
        if not line.text or line.text.isspace():
            if record is not None:
                record.blanks += 1
            return []
        if record is None:
            return self._begin(line, *self._head(line.text))
        head = None
        if not record.format.absorbs(record.lines, line.text):
            head = self._interrupting(record, line.text)
            if head is None and not self._follows(record, line.text):
                head = self._head(line.text)
        if head is None and record.size + len(line.text) <= self._max_size:
            self._join(record, line)
            return []
        self.open = None
        if head is None:  # the record is full
            record.flags.append("truncated")
            head = self._head(line.text)
        return [record, *self._begin(line, *head)]

    def goes_on(self, text: str) -> bool:
        """Would the open record's stack trace (or other block) surely go on with the line?"""
        record = self.open
        if record is None or not text or text.isspace():
            return False
        inside = text[0].isspace() or record.format.absorbs(record.lines, text)
        return inside or trace.advance(record.position, text) is not None or trace.enter(text) is not None

    def fork(self) -> Framer:
        """A copy on which lines can be tried."""
        detector = copy(self.detector)
        detector.memory = deepcopy(detector.memory)
        other = Framer(detector, self._max_size)
        if self.open is not None:
            other.open = replace(self.open, lines=list(self.open.lines), flags=list(self.open.flags))
        return other

    def close(self) -> list[Record]:
        """Give up the open record."""
        record, self.open = self.open, None
        return [] if record is None else [record]

    def _head(self, text: str) -> tuple[TextFormat, Fields, tuple[TextFormat | None, Memory]]:
        before = self._snapshot()
        return (*self.detector.detect(text), before)

    def _snapshot(self) -> tuple[TextFormat | None, Memory]:
        return self.detector.current, dict(self.detector.memory)

    def _begin(
        self, line: Line, format_: TextFormat, fields: Fields, before: tuple[TextFormat | None, Memory]
    ) -> list[Record]:
        if isinstance(fields, Preamble):
            return []
        flags = list(line.flags)
        record = Record(line, format_, fields, before, [line.text], len(line.text), flags=flags, hit=line.hit)
        if format_.continuation is Continuation.NONE:
            return [record]
        record.position = trace.enter(str(fields.get("message", "")))
        self.open = record
        return []

    def _interrupting(
        self, record: Record, text: str
    ) -> tuple[TextFormat, Fields, tuple[TextFormat | None, Memory]] | None:
        """The head that `text` is, where that is sure enough to end the open record."""
        before = self._snapshot()
        fields = record.format.parse(text, self.detector.memory) if record.format is self.detector.current else None
        if fields is not None:
            if self.detector.says_little(record.format, fields):
                return (*self.detector.detect(text), before)
            return record.format, fields, before
        if text[0].isspace():
            return None
        found = self.detector.interrupt(text, record.format)
        if found is None and stamped_alike(record.lines[0], text):
            found = self.detector.detect(text)
            return None if found[0] is self.detector.fallback else (*found, before)
        return None if found is None else (*found, before)

    def _follows(self, record: Record, text: str) -> bool:
        """Does a line that is no head belong to the open record?"""
        position = trace.advance(record.position, text)
        if position is not None:
            record.position = position
            return True
        if record.format.continuation is Continuation.ANY:
            opened = trace.enter(text)
            record.position = opened or record.position
            return True
        if record.format.continuation is Continuation.INDENTED:
            return text[0].isspace() or trace.enter(text) is not None
        return False

    @staticmethod
    def _join(record: Record, line: Line) -> None:
        record.lines.extend("" for _ in range(record.blanks))
        record.blanks = 0
        record.lines.append(line.text)
        record.size += len(line.text) + 1
        record.flags.extend(flag for flag in line.flags if flag not in record.flags)
        record.hit = record.hit or line.hit
