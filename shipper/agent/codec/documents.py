"""A framed record -> one ECS document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec import level, trace
from shipper.agent.codec.format import EcsFields
from shipper.agent.codec.normalise import Normaliser
from shipper.agent.codec.stamp import Stamp, read_stamp
from shipper.ecs.instant import format_ns, parse_epoch
from shipper.ecs.table import VERSION

if TYPE_CHECKING:
    from collections import Counter

    from shipper.agent.codec.chronology import Chronology
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.framer import Record
    from shipper.agent.processor.redact import Redactor
    from shipper.event import Document

_TEXTS = ("message", "error.stack_trace")
_FAILED = frozenset(["WARN", "WARNING", "Warn", "warn", "ERROR", "Error", "error", "FATAL", "Fatal", "fatal", "SEVERE"])
_BY_NAME = frozenset({"log.logger", "process.thread.name"})
"""What lines of the JVM's and .NET's loggers name; prose of others names no exception by its package."""


class DocumentBuilder:
    """Gives each record its time, level, error and ECS types.

    Args:
        max_fields: leaf fields of one document.
        counts: where to note what was changed.
    """

    __slots__ = ("_counts", "_normaliser")

    def __init__(self, max_fields: int, counts: Counter[str]) -> None:
        self._counts = counts
        self._normaliser = Normaliser(max_fields, counts)

    def build(self, record: Record, chronology: Chronology, redactor: Redactor | None) -> Document:
        """The document of a completed record, without its secrets; `chronology` moves on to its time."""
        fields = record.fields
        if redactor is not None:  # before parts of the text become fields of their own
            self._counts["redacted"] += redactor.clean_texts(fields, _TEXTS)
        timestamp, flags = self._time(fields, record.line.time, chronology)
        trace.take(fields)
        if record.format.name != "json" and fields.get("log.level") in _FAILED and not _BY_NAME.isdisjoint(fields):
            trace.take_head(fields)
        head: Fields = {}
        if "log.level" in fields:
            self._level(fields, head)
        if "message" in fields:
            head["message"] = fields.pop("message")
        head["ecs.version"] = fields.pop("ecs.version", None) or VERSION
        known = _flags(fields.pop("shipper.flags", None))
        document, more = self._normaliser.build(timestamp, {**head, **fields}, keep_root=isinstance(fields, EcsFields))
        marks = [*known, *record.flags, *flags, *more]
        if marks:
            document.setdefault("shipper", {})["flags"] = list(dict.fromkeys(marks))
            self._counts.update([*record.flags, *flags, *more])
        if redactor is not None:
            self._counts["redacted"] += redactor.clean(document)
        return document

    def _time(self, fields: Fields, stamped: int | None, chronology: Chronology) -> tuple[str, list[str]]:
        raw = fields.pop("@timestamp", None)
        if stamped is not None and (not isinstance(raw, Stamp) or raw.missing):
            chronology.exact(stamped)
        stamp = as_stamp(raw)
        if stamp is not None:
            ns, flags = chronology.place(stamp)
        elif stamped is not None:
            ns, flags = stamped, []
        else:
            ns, flags = chronology.untimed()
        if stamp is None and raw is not None:
            fields.setdefault("labels.timestamp", raw)
        return format_ns(ns), flags

    @staticmethod
    def _level(fields: Fields, head: Fields) -> None:
        raw = fields.pop("log.level")
        if isinstance(raw, str) and raw.strip():
            word, original = level.normalise(raw[:64])
            head["log.level"] = word
            if original is not None:
                fields.setdefault("labels.level", original)
        elif isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 1e6:
            head["log.level"] = level.from_number(int(raw))
        elif raw not in (None, ""):
            fields.setdefault("labels.level", raw)


def _flags(known: Any) -> list[str | int | None]:
    """Flags that a document brought along; what can be none as text."""
    if not known:
        return []
    flags = known if isinstance(known, list) else [known]
    return [flag if flag is None or isinstance(flag, str | int) else str(flag) for flag in flags]


def as_stamp(raw: Any) -> Stamp | None:
    """A time as a format gave it: a `Stamp`, an epoch number, ISO text, or text in any known layout."""
    if isinstance(raw, Stamp):
        return raw
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        text = raw.strip()
        stamp = read_stamp(text) if len(text) <= 64 else None
        if stamp is not None or len(text) < 9:
            return stamp
        epoch = parse_epoch(text)
    else:
        epoch = parse_epoch(raw) if isinstance(raw, int | float) else None
    return None if epoch is None else Stamp(epoch, zoned=True)
