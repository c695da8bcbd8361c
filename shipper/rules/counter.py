"""How fast a counter grows, from cells: a counter only grows, but for the resets when what counts begins again.

Of each cell counts the highest value, which is the last one seen before it ended or before a reset in it. Where it is
lower than that of the cell before, the counter began again at zero in between and all it shows has been added since. A
reset after which a counter passes its old value within the same or the next cell cannot be seen: choose cells short.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def rate(levels: Sequence[tuple[int, float]]) -> float | None:
    """Growth a second over (start of a cell in seconds, its highest value), oldest first; None for fewer than two."""
    if len(levels) < 2:
        return None
    added = sum(now - before if now >= before else now for (_, before), (_, now) in pairwise(levels))
    return added / (levels[-1][0] - levels[0][0])
