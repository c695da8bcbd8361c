"""The filters of the subset, and those that only Logstash has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner.filter.drop import DropFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.logstash_runner.filter.base import Filter

FILTERS: Mapping[str, type[Filter]] = {
    "drop": DropFilter,
}
"""Name in a pipeline file -> filter."""

OUTSIDE = frozenset({
    "aggregate", "alter", "bytes", "cidr", "cipher", "csv", "de_dot", "dns", "elastic_integration", "elapsed",
    "elasticsearch", "environment", "extractnumbers", "geoip", "http", "i18n", "java_uuid", "jdbc_static",
    "jdbc_streaming", "json_encode", "memcached", "metricize", "metrics", "range", "ruby", "sleep", "syslog_pri",
    "threats_classifier", "throttle", "tld", "truncate", "urldecode", "useragent", "uuid", "wurfl_device_detection",
    "xml",
})  # fmt: skip
"""Filters of Logstash that this runner refuses by name."""
