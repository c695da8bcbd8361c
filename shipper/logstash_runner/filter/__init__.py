"""The filters of the subset, and those that only Logstash has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner.filter.clone import CloneFilter
from shipper.logstash_runner.filter.csv import CsvFilter
from shipper.logstash_runner.filter.date import DateFilter
from shipper.logstash_runner.filter.dissect import DissectFilter
from shipper.logstash_runner.filter.drop import DropFilter
from shipper.logstash_runner.filter.fingerprint import FingerprintFilter
from shipper.logstash_runner.filter.grok import GrokFilter
from shipper.logstash_runner.filter.json import JsonFilter
from shipper.logstash_runner.filter.kv import KvFilter
from shipper.logstash_runner.filter.mutate import MutateFilter
from shipper.logstash_runner.filter.prune import PruneFilter
from shipper.logstash_runner.filter.split import SplitFilter
from shipper.logstash_runner.filter.translate import TranslateFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.logstash_runner.filter.base import Filter

FILTERS: Mapping[str, type[Filter]] = {
    "clone": CloneFilter,
    "csv": CsvFilter,
    "date": DateFilter,
    "dissect": DissectFilter,
    "drop": DropFilter,
    "fingerprint": FingerprintFilter,
    "grok": GrokFilter,
    "json": JsonFilter,
    "kv": KvFilter,
    "mutate": MutateFilter,
    "prune": PruneFilter,
    "split": SplitFilter,
    "translate": TranslateFilter,
}
"""Name in a pipeline file -> filter."""

OUTSIDE = frozenset({
    "aggregate", "alter", "bytes", "cidr", "cipher", "de_dot", "dns", "elastic_integration", "elapsed",
    "elasticsearch", "environment", "extractnumbers", "geoip", "http", "i18n", "java_uuid", "jdbc_static",
    "jdbc_streaming", "json_encode", "memcached", "metricize", "metrics", "range", "ruby", "sleep", "syslog_pri",
    "threats_classifier", "throttle", "tld", "truncate", "urldecode", "useragent", "uuid", "wurfl_device_detection",
    "xml",
})  # fmt: skip
"""Filters of Logstash that this runner refuses by name."""
