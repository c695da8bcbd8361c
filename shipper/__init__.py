"""Shipper: logs to ECS, ECS through Logstash into Elasticsearch, rules and campaign insights on top."""

__version__ = "0.1.0"
