"""Elasticsearch's `_bulk` protocol, pure: bodies out, outcomes in; no HTTP here."""

from shipper.bulk.encode import NDJSON, action_line, encode_body
from shipper.bulk.outcome import BULK_PATH, Answer, Failure, Outcome, classify_item, classify_request, read_answer

__all__ = [
    "BULK_PATH",
    "NDJSON",
    "Answer",
    "Failure",
    "Outcome",
    "action_line",
    "classify_item",
    "classify_request",
    "encode_body",
    "read_answer",
]
