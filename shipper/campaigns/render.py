"""Reports as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.campaigns.credit import CREDIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.campaigns.report import Attribution, Cohort, Cohorts

_BAR = 24
_LAGS = (0, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 60, 90)
_NOTHING = "Nothing is counted here yet: has `shipper campaigns run` followed, and is the name spelt so?"
_MINOR_DIGITS = {"BHD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "TND": 3, "VND": 0}
"""Currencies whose minor unit is not a hundredth (ISO 4217)."""


def money(amount: int, currency: str) -> str:
    """Minor units as text: 1250 EUR is `12.50 EUR`."""
    digits = _MINOR_DIGITS.get(currency, 2)
    sign, whole = ("-" if amount < 0 else ""), str(abs(amount)).rjust(digits + 1, "0")
    main, rest = (whole[:-digits], whole[-digits:]) if digits else (whole, "")
    return f"{sign}{int(main):,}{'.' if rest else ''}{rest} {currency}"


def moneys(value: Mapping[str, int]) -> str:
    """Several currencies, sorted."""
    return "  ".join(money(amount, currency) for currency, amount in sorted(value.items())) or "-"


def credit(units: int) -> str:
    """10^-9 conversions as conversions with two decimals."""
    return f"{units / CREDIT:,.2f}"


def share(part: int, whole: int) -> str:
    """A part as per cent."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def attribution(table: Attribution) -> str:
    """Bars, most credit first, and the sum."""
    scope = table.scope
    where = f" · campaign {scope.campaign}" if scope.campaign else ""
    title = f"Attribution of {scope.goal} · model {table.model} · tenant {scope.tenant}{where}"
    if not table.rows:
        return f"{title}\n\n{_NOTHING}"
    total = sum(row.credit for row in table.rows.values())
    most = max((row.credit for row in table.rows.values()), default=0)
    rows = [
        (
            key,
            credit(row.credit),
            share(row.credit, total),
            "█" * round(_BAR * row.credit / most) if most else "",
            moneys(row.value),
        )
        for key, row in table.rows.items()
    ]
    summed: dict[str, int] = {}
    for row in table.rows.values():
        for currency, amount in row.value.items():
            summed[currency] = summed.get(currency, 0) + amount
    rows.append(("total", credit(total), share(total, total), "", moneys(summed)))
    note = f"{table.conversions:,} conversions, {moneys(table.value)}"
    if scope.campaign:
        note += "; the rest was credited to other campaigns or to nobody"
    return "\n".join([title, "", _grid((table.by, "credit", "share", "", "value"), rows, "lrrll"), "", note])


def cohorts(table: Cohorts) -> str:
    """The triangle by entry day, then the variants."""
    scope = table.scope
    where = f" · campaign {scope.campaign}" if scope.campaign else ""
    title = f"Cohorts by entry day · goal {scope.goal} · tenant {scope.tenant}{where} · as of {table.as_of[:16]}Z"
    if not table.rows:
        return f"{title}\n\n{_NOTHING}"
    merged = table.merged()
    lags = shown_lags(merged)
    header = ("entry day", "entered", *(f"≤{lag}d" for lag in lags), "ever")
    rows = [
        (
            row.entry_day,
            f"{row.entered:,}",
            *(cell(row, lag, table.as_of) for lag in lags),
            share(row.ever, row.entered),
        )
        for row in merged.rows
    ]
    lines = [title, "", _grid(header, rows, "l" + "r" * (len(header) - 1))]
    lines += ["", "Contacts that converted within so many whole days of their own entry, of those that entered."]
    lines += ["~ still open: not all of them have had that long; ever: however long it took."]
    by_variant = [row for row in table.variants() if row.variant]
    if by_variant:
        parts = [(row.variant, f"{row.entered:,}", f"{row.ever:,}", share(row.ever, row.entered)) for row in by_variant]
        lines += ["", _grid(("variant", "entered", "converted", "rate"), parts, "lrrr")]
    return "\n".join(lines)


def shown_lags(table: Cohorts) -> list[int]:
    """The lag days worth a column: up to the last that has begun for anybody, or that somebody converted on."""
    begun = max((row.begun(table.as_of) for row in table.rows), default=0)
    latest = max((lag for row in table.rows for lag in row.converted), default=0)
    usable = [lag for lag in _LAGS if lag < begun]
    beyond = next((index for index, lag in enumerate(usable) if lag >= latest), len(usable) - 1)
    return usable[: beyond + 1]


def cell(row: Cohort, lag: int, as_of: str) -> str:
    """One cell of the triangle: empty where the day has not begun, marked where it is not over for all."""
    if lag >= row.begun(as_of):
        return ""
    open_mark = "~" if lag >= row.observed(as_of) else ""
    return open_mark + share(row.within(lag), row.entered)


def _grid(header: Sequence[str], rows: Sequence[Sequence[str]], sides: str) -> str:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            text.rjust(width) if side == "r" else text.ljust(width)
            for text, width, side in zip(line, widths, sides, strict=True)
        ).rstrip()
        for line in lines
    )
