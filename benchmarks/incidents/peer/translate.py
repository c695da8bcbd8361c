"""Our rules as ElastAlert2's: the same filter, bound, window and groups, as far as its rule types go.

What it has no word for: how long a breach must last (`for`), when it is over (`recover`), a least number of hits in a
ratio (`min_hits`). Its reference window is as long as its window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.kql import to_dsl
from shipper.rules.fields import field_types
from shipper.rules.query_text import parse_query
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

TOP = ("host.name", "http.route", "error.type", "service.version")
"""Fields whose most frequent values its notification shows (`top_count_keys`)."""
REALERT = {"hours": 1}
"""After an alert a key is silent so long; it knows no episodes."""


@dataclass(frozen=True, slots=True)
class Inexpressible(Exception):  # noqa: N818 - an answer, no failure
    """Why a rule has no counterpart."""

    reason: str


def translate(rule: Rule, index: str) -> dict[str, Any]:
    """One rule file of ElastAlert2's, to be written as YAML; `index` is the pattern to search.

    Raises:
        Inexpressible: no rule type of its says what the rule says.
    """
    found = {
        "name": rule.name,
        "index": index,
        "filter": [_dsl(rule, rule.filter, "filter")],
        "timestamp_field": "@timestamp",
        "run_every": {"seconds": rule.interval},
        "realert": REALERT,
        "use_local_time": False,
        "raw_count_keys": False,
        "top_count_keys": [name for name in TOP if name not in rule.group_by],
        **_kind(rule),
    }
    if rule.group_by and "query_key" not in found:
        found["query_key"] = list(rule.group_by)
    return found


def _kind(rule: Rule) -> dict[str, Any]:  # noqa: C901, PLR0912 - one case a rule type
    match rule:
        case Threshold():
            return _threshold(rule)
        case Ratio():
            return _ratio(rule)
        case Latency():
            metric = {"metric_agg_type": "percentiles", "percentile_range": rule.percentile}
            # percentiles take no compound key: the last field, which is the finest
            return _metric(rule, rule.field, metric | {"max_threshold": rule.above_ms * 1e6}) | _last(rule)
        case Saturation():
            busy = rule.workers * rule.above_percent / 100 * float(rule.window) * 1e9
            return _metric(rule, "event.duration", {"metric_agg_type": "sum", "max_threshold": busy})
        case Spike():
            return _spike(rule)
        case Change():
            return _change(rule)
        case NewTerm():
            return {
                "type": "new_term", "fields": [list(rule.group_by)] if len(rule.group_by) > 1 else list(rule.group_by),
                "use_keyword_postfix": False,
                "terms_window_size": {"seconds": int(rule.history)},
            }  # fmt: skip
        case Flatline():
            if rule.expect:
                raise Inexpressible("its flatline takes no list of expected keys")
            return {"type": "flatline", "threshold": rule.below, **_window(rule), **_terms(rule)}
        case Cardinality():
            return {
                "type": "cardinality", "cardinality_field": rule.field, "max_cardinality": rule.above,
                **_window(rule),
            }  # fmt: skip
        case BurnRate():
            raise Inexpressible("no rule type asks two windows at once")
        case Apdex():
            raise Inexpressible("needs a script (`metric_agg_script`), and the local server core has no Painless")
        case Seasonal():
            raise Inexpressible("no rule type compares with the same hour of other weeks")
        case _:
            raise Inexpressible(f"no counterpart of {type(rule).__name__}")


def _threshold(rule: Threshold) -> dict[str, Any]:
    if rule.metric == "count" and rule.above is not None:
        return {"type": "frequency", "num_events": int(rule.above) + 1, **_window(rule), **_terms(rule)}
    if rule.metric not in ("sum", "avg", "min", "max") or rule.field is None:
        raise Inexpressible(f"no rule type has the metric `{rule.metric}` with this bound")
    bound = {"max_threshold": rule.above} if rule.above is not None else {"min_threshold": rule.below}
    return _metric(rule, rule.field, {"metric_agg_type": rule.metric, **bound})


def _ratio(rule: Ratio) -> dict[str, Any]:
    found = {
        "type": "percentage_match", "match_bucket_filter": [_dsl(rule, rule.of, "of")],
        "max_percentage": rule.above_percent, "min_denominator": rule.min_count,
        "buffer_time": {"seconds": int(rule.window)},
    }  # fmt: skip
    return found | _last(rule)


def _spike(rule: Spike) -> dict[str, Any]:
    usual = rule.min_reference * float(rule.window / rule.reference)
    return {
        "type": "spike", "spike_type": "up", "spike_height": rule.times, "threshold_cur": rule.min_count,
        "threshold_ref": max(1, int(usual)), **_window(rule), **_terms(rule),
    }  # fmt: skip


def _change(rule: Change) -> dict[str, Any]:
    up, down = 1 + rule.by_percent / 100, 1 / (1 - rule.by_percent / 100) if rule.by_percent < 100 else None
    if rule.direction == "both" or (rule.direction == "down" and down is None):
        raise Inexpressible("its spike has one height for both directions")
    spike = {"spike_type": rule.direction, "spike_height": up if rule.direction == "up" else down}
    if rule.metric == "count":
        return {"type": "spike", **spike, "threshold_ref": rule.min_count, **_window(rule), **_terms(rule)}
    if rule.metric != "percentile":
        raise Inexpressible(f"its spike_aggregation of `{rule.metric}` adds up what each run gives")
    # two windows of one length: a third of our reference, so that a slow change is seen; a run looks at its own minutes
    return {
        "type": "spike_aggregation", **spike, "metric_agg_key": rule.field, "metric_agg_type": "percentiles",
        "percentile_range": rule.percentile, "timeframe": {"seconds": max(int(rule.window), int(rule.reference) // 3)},
        "buffer_time": {"seconds": rule.interval},
    } | _last(rule)  # fmt: skip


def _metric(rule: Rule, name: str, what: dict[str, Any]) -> dict[str, Any]:
    found = {"type": "metric_aggregation", "metric_agg_key": name, "buffer_time": {"seconds": int(rule.window)}, **what}
    samples = getattr(rule, "min_samples", None)
    return found if samples is None else found | {"min_doc_count": samples}


def _window(rule: Rule) -> dict[str, Any]:
    """Count queries look at what came since the last run; types that keep documents ask again for the whole window."""
    return {"timeframe": {"seconds": int(rule.window)}, "buffer_time": {"seconds": int(rule.window)}}


def _terms(rule: Rule) -> dict[str, Any]:
    """The cheapest query that serves: counts where there is one key, or none, else whole documents."""
    if len(rule.group_by) == 1:
        return {"use_terms_query": True, "query_key": rule.group_by[0]}
    return {} if rule.group_by else {"use_count_query": True}


def _last(rule: Rule) -> dict[str, Any]:
    return {"query_key": rule.group_by[-1]} if rule.group_by else {}


def _dsl(rule: Rule, text: str, key: str) -> dict[str, Any]:
    return dict(to_dsl(parse_query(text, rule.name, key), field_types()))
