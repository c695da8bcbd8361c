"""Numbers, amounts and times as somebody reads them at night: few digits, a unit, a zone, no exponents."""

from __future__ import annotations

from datetime import UTC, datetime

_NANOSECONDS = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}
_DURATIONS = (
    (172_800e9, 86_400e9, "d"),
    (7_200e9, 3_600e9, "h"),
    (120e9, 60e9, "min"),
    (1e9, 1e9, "s"),
    (1e6, 1e6, "ms"),
    (1e3, 1e3, "µs"),
)
"""From how many nanoseconds on, nanoseconds of one, and its sign."""
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
CUT = 200
"""Characters of one value from a log that a text shows."""


def number(value: float) -> str:
    """Four digits that count, thousands apart: `0.2010`, `12.5`, `137,879,294`."""
    if abs(value) >= 1000 or (value == int(value) and value):
        return f"{value:,.0f}"
    return f"{value:.4g}"


def times(value: float) -> str:
    """Three digits that count: `9.38`, `1,240`."""
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def counted(documents: float) -> str:
    """`1 document`, `1,959 documents`."""
    return f"{number(documents)} document{'' if documents == 1 else 's'}"


def percent(value: float, *, signed: bool = False) -> str:
    """`7.67%`, `+1,321%`."""
    return f"{'+' if signed and value >= 0 else ''}{times(value)}%"


def duration(nanoseconds: float) -> str:
    """`901.8 ms`, `2.5 s`, `90 s`, `2 h`."""
    for from_on, size, unit in _DURATIONS:
        if abs(nanoseconds) >= from_on:
            return f"{number(nanoseconds / size)} {unit}"
    return f"{number(nanoseconds)} ns"


def amount(value: float, unit: str) -> str:
    """A value with what it is counted in: a duration, bytes, a part of 1 (`pct`), or words of the rule's own."""
    name = unit.strip()
    if name in _NANOSECONDS:
        return duration(value * _NANOSECONDS[name])
    if name == "pct":
        return f"{number(100 * value)}%"
    if name in ("bytes", "bytes/s"):
        return _size(value) + name.removeprefix("bytes")
    return f"{number(value)}{unit}"


def unit_of(field: str | None) -> str:
    """What a field is counted in, by its name in ECS: `event.duration` is nanoseconds, `….pct` a part of 1."""
    name = field or ""
    if name == "event.duration":
        return "ns"
    last = name.rpartition(".")[2]
    return last if last in ("pct", "bytes") else ""


def lasting(seconds: float) -> str:
    """`45 s`, `16 min`, `4.5 h`, `3 d`."""
    return duration(round(seconds if seconds < 120 else seconds / 60) * (1e9 if seconds < 120 else 60e9))


def when(stamp: str) -> str:
    """An ISO time with its zone as a person writes it: `2026-01-05 10:17:00 UTC`."""
    try:
        return datetime.fromisoformat(stamp).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except ValueError:
        return line(stamp)  # of a document that another program wrote


def line(text: str, longest: int = CUT) -> str:
    """One line that cannot act on a terminal, a header or a layout: values come from logs and may hold anything."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 2 * longest]).split())
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _size(value: float) -> str:
    for size, unit in _SIZES:
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{number(value)} bytes"
