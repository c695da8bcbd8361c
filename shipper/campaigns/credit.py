"""Attribution models: integer weights for the touches of one conversion, and their exact division.

Every weight is an integer, so a credit does not depend on the order of additions or on a machine's arithmetic.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CREDIT = 1_000_000_000
"""One conversion in credit units (10^-9)."""

_LN2 = decimal.Decimal("0.6931471805599453094172321214581765680755")
_CONTEXT = decimal.Context(prec=40, rounding=decimal.ROUND_HALF_EVEN)
_SCALE = decimal.Decimal(2**64)


def first(count: int) -> list[int]:
    """All to the first touch."""
    return [1] + [0] * (count - 1)


def last(count: int) -> list[int]:
    """All to the last touch."""
    return [0] * (count - 1) + [1]


def linear(count: int) -> list[int]:
    """The same to each touch."""
    return [1] * count


def position(count: int) -> list[int]:
    """40 % to the first, 40 % to the last, 20 % among those between; two touches share, one has all."""
    if count <= 2:
        return [1] * count
    between = count - 2
    return [2 * between, *([1] * between), 2 * between]


def time_decay(ages: Sequence[int], half_life: int) -> list[int]:
    """2^(-age / half-life), as 64-bit fixed point.

    Args:
        ages: milliseconds between each touch and the conversion.
        half_life: milliseconds in which a touch loses half its weight.
    """
    youngest = min(ages)  # relative to the youngest: an old group of touches keeps its proportions
    return [_half_lives(age - youngest, half_life) for age in ages]


def last_non_direct(direct: Sequence[bool]) -> list[int]:
    """All to the last touch that is not direct; all direct: to the last.

    Args:
        direct: for each touch, whether its channel counts as direct.
    """
    chosen = max((index for index, is_direct in enumerate(direct) if not is_direct), default=len(direct) - 1)
    return [int(index == chosen) for index in range(len(direct))]


BY_COUNT: dict[str, Callable[[int], list[int]]] = {
    "first": first, "last": last, "linear": linear, "position": position,
}  # fmt: skip
"""The models that look at nothing but the number of touches."""

MODELS = (*BY_COUNT, "time_decay", "last_non_direct")
"""Names of all models, as reports and `campaigns.yml` spell them."""


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` in proportion to `weights` by largest remainder: integers whose sum is `total` exactly.

    Equal remainders go to the earlier share. A negative total is divided as its opposite, negated.

    Raises:
        ValueError: no weight, a negative one, or all zero.
    """
    whole = sum(weights)
    if not weights or min(weights) < 0 or whole == 0:
        raise ValueError("weights must be non-negative and not all zero")
    if total < 0:
        return [-share for share in allocate(-total, weights)]
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def _half_lives(age: int, half_life: int) -> int:
    exponent = _CONTEXT.divide(_CONTEXT.multiply(decimal.Decimal(-age), _LN2), decimal.Decimal(half_life))
    return int(_CONTEXT.multiply(_CONTEXT.exp(exponent), _SCALE))
