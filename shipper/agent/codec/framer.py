"""Lines -> records: continuation lines and stack traces join the record before them. Bounded."""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from shipper.agent.codec import trace
from shipper.agent.codec.format import Continuation, LineFields, Preamble
from shipper.agent.codec.stamp import stamped_alike
from shipper.agent.codec.trial import LongMessage, PrettyJson, Verdict

if TYPE_CHECKING:
    from shipper.agent.codec.detect import Detector
    from shipper.agent.codec.format import Fields, Memory, TextFormat
    from shipper.agent.codec.trial import Trial


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
    """One per stream of lines. At most one record is open, and at most one trial holds the lines after it.

    Args:
        detector: says what a head is.
        max_size: characters of a record; a longer one is closed, and the rest begins another.
    """

    __slots__ = ("_held", "_held_size", "_max_size", "_trial", "detector", "open")

    def __init__(self, detector: Detector, max_size: int) -> None:
        self.open: Record | None = None
        self.detector = detector
        self._max_size = max_size
        self._trial: Trial | None = None
        self._held: list[Line] = []
        self._held_size = 0

    @property
    def start(self) -> int | None:
        """Offset of the first byte that is held."""
        if self.open is not None:
            return self.open.line.offset
        return self._held[0].offset if self._held else None

    def push(self, line: Line) -> list[Record]:
        """Take the next line; the records that it completes."""
        return self._push(line) if self._trial is None else self._judge(self._trial, line)

    def _judge(self, trial: Trial, line: Line) -> list[Record]:
        self._held.append(line)
        self._held_size += len(line.text) + 1
        if not line.text or line.text.isspace():
            return []
        full = self._held_size + (0 if self.open is None else self.open.size) > self._max_size
        verdict = Verdict.REFUTED if full else self._verdict(trial, line.text)
        if verdict is Verdict.OPEN:
            return []
        if verdict is Verdict.REFUTED:
            return self._refute()
        held = self._end_trial()
        if isinstance(trial, PrettyJson):
            flags = tuple(dict.fromkeys(flag for each in held for flag in each.flags))
            hit = any(each.hit for each in held)
            whole = held[0]._replace(text=trial.text, flags=flags, hit=hit)
            return self._begin(whole, *self._head(whole.text))
        record = self.open
        assert record is not None
        for each in held:
            if each.text.strip():
                self._join(record, each)
            else:
                record.blanks += 1
        record.position = trace.advance(record.position, line.text)
        return []

    def _verdict(self, trial: Trial, text: str) -> Verdict:
        verdict = trial.take(text)
        waits = verdict is Verdict.OPEN and isinstance(trial, LongMessage)
        return Verdict.REFUTED if waits and self._begins(text) else verdict

    def _end_trial(self) -> list[Line]:
        held, self._held, self._trial, self._held_size = self._held, [], None, 0
        return held

    def _refute(self) -> list[Record]:
        """The held lines come out as if there had been no trial; the last of them may begin one."""
        first, *rest = self._end_trial()
        records = self._push(first, fresh=False)
        for line in rest:
            records += self.push(line)
        return records

    def _push(self, line: Line, *, fresh: bool = True) -> list[Record]:
        """Take a line; `fresh`: it has not been in a trial yet, and may begin one."""
        record = self.open
        if not line.text or line.text.isspace():
            if record is not None:
                record.blanks += 1
            return []
        if record is None:
            if fresh and self._reads_json(line):
                self.resume(PrettyJson(), [line])
                return []
            return self._begin(line, *self._head(line.text))
        head = None
        if not record.format.absorbs(record.lines, line.text):
            head = self._interrupting(record, line.text)
            if head is None and not self._follows(record, line.text):
                if fresh and self._begin_trial(record, line):
                    return [] if self.open is record else [record]
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
        if not text or text.isspace():
            return False
        if isinstance(self._trial, PrettyJson):
            return self._trial.fork().take(text) is not Verdict.REFUTED
        if record is None:
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
        if self._trial is not None:
            other.resume(self._trial.fork(), self._held)
        return other

    def _begin_trial(self, record: Record, line: Line) -> bool:
        """Hold a line that does not follow `record`; the record stays open where more lines may belong to it."""
        if self._reads_json(line):
            self.open = None
            self.resume(PrettyJson(), [line])
            return True
        position = record.position
        if position is None or not position.language.awaits(position.state):
            return False
        trial = LongMessage(position.language)
        if self._verdict(trial, line.text) is not Verdict.OPEN:
            return False
        self.resume(trial, [line])
        return True

    def _reads_json(self, line: Line) -> bool:
        return PrettyJson.begins(line.text) and self.detector.reads("json")

    def resume(self, trial: Trial, held: list[Line]) -> None:
        """Go on with a trial that holds `held`."""
        self._trial, self._held = trial, list(held)
        self._held_size = sum(len(line.text) + 1 for line in held)

    def _begins(self, text: str) -> bool:
        """Does `text` begin a record or a trace of its own? Asks only: the detector is as it was."""
        if trace.enter(text) is not None:
            return True
        current, memory = self._snapshot()
        found, _ = self.detector.detect(text)
        self.detector.current, self.detector.memory = current, memory
        return found is not self.detector.fallback

    def close(self) -> list[Record]:
        """Give up the open record and what is held after it."""
        records: list[Record] = []
        while self._held:
            records += self._refute()
        record, self.open = self.open, None
        return records if record is None else [*records, record]

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
        if format_.continuation is Continuation.NONE or isinstance(fields, LineFields):
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
