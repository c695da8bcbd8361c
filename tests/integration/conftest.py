"""A prefix with our templates set up, for those who need nothing else of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shipper.stack.setup import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch


@pytest.fixture
def ready(elasticsearch: Elasticsearch, prefix: str) -> Iterator[str]:
    """The prefix, with templates set up; they and its indices are gone afterwards."""
    steps = set_up(elasticsearch, prefix)
    yield prefix
    for index in elasticsearch.indices.get(index=f"{prefix}*", features="aliases"):
        elasticsearch.indices.delete(index=index)
    for step in reversed([step for step in steps if step.action == "create"]):
        elasticsearch.perform_request("DELETE", f"/_{step.kind}/{step.name}", headers={"accept": "application/json"})
