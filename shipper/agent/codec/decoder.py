"""The decoder: bytes -> lines -> (containers unwrapped) -> records -> ECS documents, redacted."""

from __future__ import annotations

import re
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from shipper.agent.codec import accesspath
from shipper.agent.codec.accesspath import AccessPath
from shipper.agent.codec.base import Decoded, joined
from shipper.agent.codec.chronology import Chronology, zone_of
from shipper.agent.codec.container import unwrap
from shipper.agent.codec.detect import Detector
from shipper.agent.codec.documents import DocumentBuilder
from shipper.agent.codec.fastpath import FastPath, is_utf8
from shipper.agent.codec.format import SLIPS, EcsFields, SeveralFields
from shipper.agent.codec.framer import Line
from shipper.agent.codec.lines import LineSplitter, RawLine
from shipper.agent.codec.recipe.compile import Conditions
from shipper.agent.codec.recipe.path import RecipePath
from shipper.agent.codec.registry import FALLBACK
from shipper.agent.codec.stream import LineStream
from shipper.agent.codec.structured.json_line import JsonLine
from shipper.agent.codec.text.access import AccessLog
from shipper.agent.processor.redact import redactor_of
from shipper.ecs.instant import SECOND, parse_iso

if TYPE_CHECKING:
    from shipper.agent.codec.base import BlockPath, LineKind
    from shipper.agent.codec.container import Wrapped
    from shipper.agent.codec.framer import Record
    from shipper.agent.codec.recipe.path import Piece
    from shipper.agent.codec.settings import CodecSettings
    from shipper.event import Document

_WAIT = 256 << 10
"""Bytes of other streams of a container after which a held record is given out."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_BOM = b"\xef\xbb\xbf"


class LogDecoder:
    """Implements `shipper.agent.codec.base.Decoder`.

    Args:
        settings: what the user said.
        fallback: nanoseconds; the time of records that come before any stamp.
        resume: from an earlier `Decoded`, or empty.
        end: plain offset of the first byte that will be fed.
        nested_only: never give bytes documents.
    """

    __slots__ = (
        "_access", "_builder", "_counts", "_fallback", "_fast", "_last", "_limit", "_named", "_recipes", "_redactor",
        "_settings", "_splitter", "_streams", "_unwraps", "_zone",
    )  # fmt: skip

    def __init__(
        self, settings: CodecSettings, fallback: int, *, resume: bytes = b"", end: int = 0, nested_only: bool = False
    ) -> None:
        state = orjson.loads(resume) if resume else {}
        self._settings = settings
        self._fallback = fallback
        self._zone = zone_of(settings.timezone)
        self._limit = int(settings.max_record_bytes)
        self._counts: Counter[str] = Counter()
        self._splitter = LineSplitter(end, self._limit, skipping=state.get("skipping", False))
        self._builder = DocumentBuilder(settings.max_fields, self._counts)
        self._redactor = redactor_of(settings.redact) if settings.redact.enabled else None
        self._last: str | None = None
        self._streams: dict[str, LineStream] = {}
        self._fast = FastPath() if settings.codec in ("auto", "ecs") and not (nested_only or settings.pattern) else None
        for name, saved in state.get("streams", {}).items():
            self._stream(name).load(saved)
        if self._fast is not None and "custom" in state:
            self._fast.custom = frozenset(state["custom"])
        self._access = self._access_path(nested_only=nested_only)
        self._recipes = self._recipe_path(nested_only=nested_only)
        self._named = bool(settings.pattern) or settings.codec not in ("auto", "plain")
        self._unwraps = settings.codec != "plain"

    def _access_path(self, *, nested_only: bool) -> AccessPath | None:
        """None where a document must be built: for its fields' number, a secret name, or because it is wanted so."""
        secret = self._redactor is not None and self._redactor.names_secret(dict.fromkeys(accesspath.FIELDS))
        few = self._settings.max_fields < len(accesspath.FIELDS)
        return None if nested_only or self._settings.pattern or secret or few else AccessPath()

    def _recipe_path(self, *, nested_only: bool) -> RecipePath | None:
        settings = self._settings
        if nested_only or settings.pattern or settings.codec not in ("auto", "ecs", "json"):
            return None
        return RecipePath(Conditions(settings.max_fields, self._zone, self._redactor))

    def feed(self, data: bytes) -> Decoded:
        out = Decoded()
        offset, block = self._splitter.block(data)
        if block:
            self._take_block(offset, block, out)
        cut = self._splitter.overlong()
        if cut is not None:
            self._take_line(cut, self._suspicious(cut.data), out)
        return self._finish(out)

    def flush(self) -> Decoded:
        out = Decoded()
        rest = self._splitter.rest()
        if rest is not None:
            self._take_line(rest, self._suspicious(rest.data), out)
        for stream in self._streams.values():
            self._emit(stream.close(), stream, out)
        return self._finish(out)

    @property
    def held(self) -> int:
        return self._splitter.position + self._splitter.held - self._end()

    def continuation(self, data: bytes) -> tuple[int, bool]:
        trial = {name: stream.fork() for name, stream in self._streams.items() if stream.start is not None}
        begun: set[str] = set()
        taken = 0
        for each in data.split(b"\n")[:-1]:
            line, wrapped = self._unwrapped(RawLine(self._splitter.position, each), suspicious=False)
            name = "" if wrapped is None else wrapped.stream
            stream = trial.get(name)
            if stream is None or not stream.goes_on(line, wrapped, first=name not in begun):
                return taken, True
            begun.add(name)
            taken += len(each) + 1
            if stream.start is None:  # it ended here
                del trial[name]
        return taken, False

    def conclude(self, data: bytes) -> Decoded:
        out = Decoded()
        for each in data.split(b"\n")[:-1]:
            raw = RawLine(self._splitter.position, each[: self._limit], len(each) > self._limit)
            self._take_line(raw, self._suspicious(each), out)
        rest = self.flush()
        return joined(out, rest)

    def _take_block(self, offset: int, block: bytes, out: Decoded) -> None:
        """Whole lines; what stands between lines that may hold a secret needs no look at its values."""
        begin = 0
        for hit in () if self._redactor is None else self._redactor.places(block):
            if hit < begin:
                continue
            line = block.rfind(b"\n", begin, hit) + 1 or begin
            if line > begin:
                self._take_clean(offset + begin, block[begin:line], out)
            begin = block.index(b"\n", hit) + 1
            self._take_whole(offset + line, block[line : begin - 1], True, out)
        if begin < len(block):
            self._take_clean(offset + begin, block[begin:] if begin else block, out)

    def _take_clean(self, offset: int, block: bytes, out: Decoded) -> None:
        """Whole lines without secrets; most leave without a document being built."""
        valid = is_utf8(block)
        begin = 0
        while begin < len(block):
            path = self._path() if valid else None
            found = None if path is None else path.find(block, begin)
            if found is None:
                end = self._take_next(offset, block, begin, out, valid=valid)
            else:
                end, kind = found
                self._take_run(offset + begin, kind, block[begin:end], out)
            begin = end

    def _take_run(self, offset: int, kind: LineKind, block: bytes, out: Decoded) -> None:
        """Lines of one kind, at one go; by halves where one of them is not for the short way."""
        taken = kind.take(block, self._limit) if self._stream("").ready(offset) else None
        if taken is not None:
            lengths, times, sheet = taken
            *offsets, _ = accumulate(lengths, initial=offset)
            out.offsets += offsets
            out.timestamps += times
            out.documents.append(sheet)
            self._last = times[-1]
            return
        half = (block.rfind(b"\n", 0, len(block) // 2) + 1) or (block.index(b"\n") + 1)
        if half == len(block):
            self._take_one(offset, block[:-1], out)
            return
        self._take_run(offset, kind, block[:half], out)
        self._take_run(offset + half, kind, block[half:], out)

    def _path(self) -> BlockPath | None:
        """The short way of this source's usual lines."""
        return self._access if self._stream("").format_name == AccessLog.name else self._fast

    def _take_next(self, offset: int, block: bytes, begin: int, out: Decoded, *, valid: bool) -> int:
        """The line of a block that begins at `begin`, and those after it that go the same way; where they end."""
        end = block.index(b"\n", begin) + 1
        data = block[begin : end - 1]
        if self._take_ecs(offset + begin, data, out):
            return end
        stream = self._stream("")
        ready = valid and stream.format_name == JsonLine.name and stream.ready(offset + begin)
        pieces = self._recipes.run(block, begin, self._limit) if ready and self._recipes is not None else []
        if not pieces:
            self._take_whole(offset + begin, data, False, out)
            return end
        for piece in pieces:
            if piece.sheet is not None:
                self._take_piece(offset + begin, piece, out)
                begin += sum(piece.lengths)
                continue
            end = begin + piece.lengths[0]
            self._take_whole(offset + begin, block[begin : end - 1], False, out)
            begin = end
            if not stream.ready(offset + begin):
                break
        return begin

    def _take_piece(self, offset: int, piece: Piece, out: Decoded) -> None:
        *offsets, _ = accumulate(piece.lengths, initial=offset)
        out.offsets += offsets
        out.timestamps += piece.times
        assert piece.sheet is not None
        out.documents.append(piece.sheet)
        self._counts.update(piece.counts)
        self._last = piece.times[-1]

    def _take_one(self, offset: int, data: bytes, out: Decoded) -> None:
        """One line without secrets."""
        if not self._take_ecs(offset, data, out):
            self._take_whole(offset, data, False, out)

    def _take_ecs(self, offset: int, data: bytes, out: Decoded) -> bool:
        """Take a line without secrets if it is ECS and needs no change."""
        fast = self._fast
        if fast is None or data[:1] != b"{" or len(data) > self._limit or not self._stream("").ready(offset):
            return False
        timestamp = fast.check(data + b"\n")
        if timestamp is None:
            return False
        out.offsets.append(offset)
        out.documents.append(fast.document)
        out.timestamps.append(timestamp)
        self._last = timestamp
        return True

    def _take_whole(self, offset: int, data: bytes, suspicious: bool, out: Decoded) -> None:
        line = data.lstrip(b"\0")
        cut = len(line) > self._limit
        at = offset + len(data) - len(line)
        self._take_line(RawLine(at, line[: self._limit] if cut else line, cut), suspicious, out)

    def _take_line(self, raw: RawLine, suspicious: bool, out: Decoded) -> None:
        self._catch_up()
        line, wrapped = self._unwrapped(raw, suspicious=suspicious)
        if wrapped is None:
            stream = self._stream("")
            self._emit(stream.push(line), stream, out)
            return
        stream = self._stream(wrapped.stream)
        self._emit(stream.push_part(line, wrapped), stream, out)
        for other in self._streams.values():
            if other is not stream and other.start is not None and raw.offset - other.start > _WAIT:
                self._emit(other.close(), other, out)

    def _unwrapped(self, raw: RawLine, *, suspicious: bool) -> tuple[Line, Wrapped | None]:
        line = self._text(raw, suspicious)
        return line, unwrap(line.text) if self._unwraps else None

    def _text(self, raw: RawLine, suspicious: bool) -> Line:
        data = raw.data
        flags: list[str] = []
        if raw.offset == 0 and data.startswith(_BOM):
            data = data[3:]
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("utf-8", "replace")
            if raw.cut:
                text = text.rstrip("\ufffd")
            flags.append("invalid_utf8")
            suspicious = suspicious or self._suspects(text)
        if raw.cut:
            flags.append("truncated")
        if "\x1b[" in text:
            text = _COLOUR.sub("", text)
            suspicious = suspicious or self._suspects(text)
        return Line(raw.offset, text.rstrip("\r").lstrip("\0"), None, tuple(flags), suspicious)

    def _emit(self, records: list[Record], stream: LineStream, out: Decoded) -> None:
        for record in records:
            if record.format is FALLBACK and self._named:
                record.flags.append("unparsed")
            several = record.fields.records if isinstance(record.fields, SeveralFields) else (record.fields,)
            for index, fields in enumerate(several):
                record.fields = fields
                document = self._document(record, stream)
                out.offsets.append(record.line.offset + index)
                out.documents.append(document)
                out.timestamps.append(document["@timestamp"])

    def _document(self, record: Record, stream: LineStream) -> Document:
        if record.more:
            record.format.complete(record.fields, record.more)
        redactor = self._redactor
        if redactor is not None and not record.hit and not redactor.names_secret(record.fields):
            redactor = None
        try:
            document = self._builder.build(record, stream.chronology, redactor)
        except SLIPS:  # the line is kept whatever it holds
            record.fields, record.format = {"message": "\n".join(record.lines)}, FALLBACK
            record.flags.append("unparsed")
            document = self._builder.build(record, stream.chronology, self._redactor)
        if self._fast is not None and isinstance(record.fields, EcsFields):
            self._fast.learn(document)
        return document

    def _suspects(self, text: str) -> bool:
        """As the prefilter, for text that is no longer the bytes it saw."""
        return self._redactor is not None and self._redactor.suspects(text)

    def _suspicious(self, data: bytes) -> bool:
        return self._redactor is not None and bool(self._redactor.places(data))

    def _stream(self, name: str) -> LineStream:
        stream = self._streams.get(name)
        if stream is None:
            detector = Detector(self._settings.formats(), FALLBACK)
            stream = LineStream(detector, Chronology(self._zone, self._fallback), self._limit)
            self._streams[name] = stream
        return stream

    def _end(self) -> int:
        starts = [stream.start for stream in self._streams.values()]
        return min([start for start in starts if start is not None], default=self._splitter.position)

    def _finish(self, out: Decoded) -> Decoded:
        out.end = self._end()
        out.resume = self._resume()
        out.counts = dict(self._counts)
        self._counts.clear()
        if self._fast is not None:
            self._fast.document = b""  # a line each is much, where files are many
        return out

    def _catch_up(self) -> None:
        """Tell the clock of the source what the short ways saw."""
        parsed = None if self._last is None else parse_iso(self._last)
        self._last = None
        if parsed is not None:
            self._stream("").chronology.exact(parsed[0])

    def _resume(self) -> bytes:
        self._catch_up()
        position = self._splitter.position
        state: dict[str, Any] = {"streams": {name: stream.save(position) for name, stream in self._streams.items()}}
        if self._splitter.skipping:
            state["skipping"] = True
        if self._fast is not None and self._fast.custom:
            state["custom"] = sorted(self._fast.custom)
        return msgspec.json.encode(state)  # orjson would keep 4 KiB for each


def nanoseconds(seconds: float) -> int:
    """Seconds since the epoch -> nanoseconds, to the microsecond."""
    return round(seconds * 1_000_000) * (SECOND // 1_000_000)
