"""What Kibana computes on the rows itself: formulas, moving averages, running sums.

A missing operand or a division by zero gives no value, never a zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from shipper.dashboards.execute.layer import COMPUTED
from shipper.dashboards.execute.table import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shipper.dashboards.execute.layer import Layer
    from shipper.dashboards.execute.table import Row

Number = float | int | None


def complete(layer: Layer, rows: list[Row]) -> list[Row]:
    """Add every computed column to `rows`.

    Raises:
        UnsupportedError: a function we do not know, or columns that refer to each other in a circle.
    """
    open_columns = layer.of(COMPUTED)
    while open_columns:
        ready = [name for name in open_columns if not set(_references(layer, name)) & set(open_columns)]
        if not ready:
            raise UnsupportedError(f"columns refer to each other in a circle: {', '.join(open_columns)}")
        for name in ready:
            for row, value in zip(rows, _column(layer, name, rows), strict=True):
                row[name] = value
        open_columns = [name for name in open_columns if name not in ready]
    return rows


def _references(layer: Layer, name: str) -> list[str]:
    return [str(one) for one in layer.columns[name].get("references", [])]


def _column(layer: Layer, name: str, rows: Sequence[Row]) -> Sequence[Number]:
    column = layer.columns[name]
    operation = column["operationType"]
    if operation == "static_value":
        return [float(column["params"]["value"])] * len(rows)
    if operation == "math":
        tree = column["params"]["tinymathAst"]
        return [_evaluate(tree, row) for row in rows]
    source = [row.get(_references(layer, name)[0]) for row in rows]
    if operation == "formula":
        return source
    partition = [_series(layer, operation, row) for row in rows]
    return _by_series(partition, source, lambda values: SERIES[operation](values, column["params"]))


def _series(layer: Layer, operation: str, row: Row) -> tuple[Any, ...]:
    """The values that name a row's series: every bucket but the time."""
    names = layer.of(frozenset({"terms", "filters"}))
    if operation == "overall_sum" and not layer.of(frozenset({"date_histogram"})):
        return ()
    return tuple(row.get(name) for name in names)


def _by_series(
    partition: Sequence[tuple[Any, ...]],
    source: Sequence[Number],
    compute: Callable[[Sequence[Number]], Sequence[Number]],
) -> list[Number]:
    places: dict[tuple[Any, ...], list[int]] = {}
    for index, key in enumerate(partition):
        places.setdefault(key, []).append(index)
    result: list[Number] = [None] * len(source)
    for indices in places.values():
        for index, value in zip(indices, compute([source[index] for index in indices]), strict=True):
            result[index] = value
    return result


def moving_average(values: Sequence[Number], parameters: Mapping[str, Any]) -> list[Number]:
    """The mean of the `window` values before each one; the first has none, missing ones are skipped."""
    window = int(parameters.get("window", 5))
    result: list[Number] = []
    seen: list[float] = []
    for value in values:
        last = seen[-window:]
        result.append(None if value is None or not last else sum(last) / len(last))
        if value is not None:
            seen.append(value)
    return result


def cumulative_sum(values: Sequence[Number], _: Mapping[str, Any]) -> list[Number]:
    """The sum up to each value; a missing one stays missing."""
    total = 0.0
    result: list[Number] = []
    for value in values:
        total += value or 0
        result.append(None if value is None else total)
    return result


def differences(values: Sequence[Number], _: Mapping[str, Any]) -> list[Number]:
    """Each value less the one before it; none where either is missing."""
    before = [None, *values][:-1]
    return [None if a is None or b is None else b - a for a, b in zip(before, values, strict=True)]


def overall_sum(values: Sequence[Number], _: Mapping[str, Any]) -> list[Number]:
    """The sum of the whole series, in each row."""
    total = sum(value for value in values if value is not None)
    return [total] * len(values)


SERIES: Mapping[str, Callable[[Sequence[Number], Mapping[str, Any]], Sequence[Number]]] = {
    "cumulative_sum": cumulative_sum,
    "differences": differences,
    "moving_average": moving_average,
    "overall_sum": overall_sum,
}


def _evaluate(tree: Any, row: Row) -> Number:
    if isinstance(tree, str):
        value = row.get(tree)
        return value if isinstance(value, int | float) else None
    if isinstance(tree, int | float):
        return tree
    values = [_evaluate(argument, row) for argument in tree["args"]]
    name = tree["name"]
    if name == "defaults":
        return values[1] if values[0] is None else values[0]
    numbers = [value for value in values if value is not None]
    if name not in FUNCTIONS:
        raise UnsupportedError(f"the function `{name}` is not executed here")
    if len(numbers) != len(values):
        return None
    try:
        result = FUNCTIONS[name](*numbers)
    except (ArithmeticError, ValueError):
        return None
    return result if math.isfinite(result) else None


FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "abs": abs,
    "add": lambda a, b: a + b,
    "clamp": lambda a, low, high: min(max(a, low), high),
    "divide": lambda a, b: a / b,
    "multiply": lambda a, b: a * b,
    "pick_max": max,
    "pick_min": min,
    "round": lambda a, digits=0: round(a, int(digits)),
    "sqrt": math.sqrt,
    "subtract": lambda a, b: a - b,
}
