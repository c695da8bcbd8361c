"""The rule types by the name in `type:`; a type is a frozen model and a pure judge in one module."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from shipper.rules.type.apdex import Apdex
from shipper.rules.type.burn_rate import BurnRate
from shipper.rules.type.cardinality import Cardinality
from shipper.rules.type.change import Change
from shipper.rules.type.flatline import Flatline
from shipper.rules.type.latency import Latency
from shipper.rules.type.new_term import NewTerm
from shipper.rules.type.ratio import Ratio
from shipper.rules.type.saturation import Saturation
from shipper.rules.type.seasonal import Seasonal
from shipper.rules.type.spike import Spike
from shipper.rules.type.threshold import Threshold

if TYPE_CHECKING:
    from shipper.rules.rule import Rule

AnyRule: TypeAlias = (
    Apdex
    | BurnRate
    | Cardinality
    | Change
    | Flatline
    | Latency
    | NewTerm
    | Ratio
    | Saturation
    | Seasonal
    | Spike
    | Threshold
)
"""The union that a rule file is bound to."""

TYPES: dict[str, type[Rule]] = {
    "apdex": Apdex,
    "burn_rate": BurnRate,
    "cardinality": Cardinality,
    "change": Change,
    "flatline": Flatline,
    "latency": Latency,
    "new_term": NewTerm,
    "ratio": Ratio,
    "saturation": Saturation,
    "seasonal": Seasonal,
    "spike": Spike,
    "threshold": Threshold,
}
