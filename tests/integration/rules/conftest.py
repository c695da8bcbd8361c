from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

MAPPINGS = {
    "dynamic_templates": [
        {"strings": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}},
        {"decimals": {"match_mapping_type": "double", "mapping": {"type": "double"}}},
    ],
    "properties": {
        "@timestamp": {"type": "date"},
        "message": {"type": "text"},
        "event": {"properties": {"ingested": {"type": "date"}, "duration": {"type": "long"}}},
        "shipper": {"properties": {"watermark": {"type": "date"}}},
    },
}


@pytest.fixture
def logs(elasticsearch: Elasticsearch, prefix: str) -> str:
    """An empty index of logs, beside it one of metrics and one of alerts."""
    for name in ("shipper-logs-2026.01.05", "shipper-metrics-2026.01.05", "shipper-alerts"):
        elasticsearch.indices.create(index=f"{prefix}{name}", mappings=MAPPINGS, settings={"number_of_replicas": 0})
    return f"{prefix}shipper-logs-2026.01.05"
