"""Values as text for people: Kibana's number formats, the ones our dashboards use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.dashboards.execute.table import Column

NOTHING = "\u2013"  # an en dash
NANOSECONDS = {
    "picoseconds": 1e-3, "nanoseconds": 1.0, "microseconds": 1e3, "milliseconds": 1e6, "seconds": 1e9, "minutes": 6e10,
}  # fmt: skip
DURATIONS = ((8.64e13, "d"), (3.6e12, "h"), (6e10, "min"), (1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
BYTES = ((1024.0**4, "TB"), (1024.0**3, "GB"), (1024.0**2, "MB"), (1024.0, "KB"), (1.0, "B"))


class Unit:
    """A divisor and a suffix that suit the numbers of one axis."""

    def __init__(self, factor: float, suffix: str) -> None:
        self.factor = factor
        self.suffix = suffix


def unit_for(largest: float, form: Mapping[str, Any]) -> Unit:
    """The unit in which `largest` is read best."""
    kind = form.get("id")
    if kind == "duration":
        stored = NANOSECONDS.get(str(form.get("params", {}).get("inputFormat", "nanoseconds")), 1.0)
        return _unit(largest * stored, DURATIONS, stored)
    if kind == "bytes":
        return _unit(largest, BYTES, 1.0)
    if kind == "percent":
        return Unit(0.01, "%")
    return Unit(1.0, str(form.get("params", {}).get("suffix", "")))


def _unit(largest: float, steps: tuple[tuple[float, str], ...], stored: float) -> Unit:
    size, suffix = next(((size, suffix) for size, suffix in steps if abs(largest) >= size), steps[-1])
    return Unit(size / stored, suffix)


def number(value: float, form: Mapping[str, Any]) -> str:
    """One number: `1,234`, `4.2 ms`, `1.61 %`, `20.1 KB`."""
    unit = unit_for(value, form)
    parameters = form.get("params", {})
    default = 0 if float(value).is_integer() else 2
    decimals = int(parameters.get("decimals", parameters.get("outputPrecision", default)))
    scaled = value / unit.factor
    if form.get("id") in {"duration", "bytes"}:
        decimals = 0 if unit.suffix in {"B", "ns"} or abs(scaled) >= 100 else max(decimals, 1)
    text = f"{scaled:,.{decimals}f}"
    return f"{text} {unit.suffix}" if unit.suffix else text


def cell(value: Any, column: Column) -> str:
    """One value of a column as text."""
    if value is None:
        return NOTHING
    if column.kind == "date" and isinstance(value, int | float):
        return moment(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, column.format)
    return str(value)


def moment(milliseconds: int) -> str:
    """`23 Nov 05:12:30`, UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%d %b %H:%M:%S")


def iso(milliseconds: int) -> str:
    """ISO 8601, UTC, for machines."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
