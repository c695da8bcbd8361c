"""Fixtures that every suite may use; see tests/support/stack.py for how the one Elasticsearch of a run is shared."""

from __future__ import annotations

import os
import signal
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from shipper.elastic.client import connect, from_url
from tests.support import stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from shipper.home import Endpoints

settings.register_profile(
    "ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a run in the background of a script: Ctrl-C is tested too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):  # the controller, or a run without xdist
        stack.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        stack.end_run()


@pytest.fixture(scope="session")
def endpoints() -> Endpoints:
    """The local stack's addresses and one account per role."""
    return stack.shared_endpoints()


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[Elasticsearch]:
    """A client that may do everything: of SHIPPER_TEST_ES if set, else of the run's own local stack."""
    url = os.environ.get("SHIPPER_TEST_ES") or stack.admin_url()
    with connect(from_url(url)) as client:
        yield client


@pytest.fixture
def prefix(elasticsearch: Elasticsearch) -> Iterator[str]:
    """An index prefix of this test alone (`t-0123456789ab-`); its indices are deleted afterwards."""
    name = f"t-{uuid.uuid4().hex[:12]}-"
    yield name
    for index in elasticsearch.indices.get(index=f"{name}*", expand_wildcards="all", features="aliases"):
        elasticsearch.indices.delete(index=index)
