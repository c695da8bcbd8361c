"""The life of one local stack: killed starters, killed servers, taken ports, tenants, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from elasticsearch import AuthorizationException

from shipper.elastic.client import connect, for_role
from shipper.home import Home
from shipper.stack import node
from shipper.stack.local import LocalStack, Options

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

CELLS = "insights-cells"


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    yield home
    LocalStack(home).down(delete=True)


def start_and_kill_the_starter(home, folder):
    starter = subprocess.Popen(
        [sys.executable, "-m", "shipper", "stack", "up"],
        env={**os.environ, "SHIPPER_HOME": str(home.path)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    while not node.processes(folder):
        assert starter.poll() is None
        time.sleep(0.02)
    starter.send_signal(signal.SIGKILL)
    starter.wait()


def test_a_stack_survives_its_starter_its_own_death_and_a_taken_port_and_leaves_nothing_behind(home):
    stack = LocalStack(home, Options(tenants=("acme",)))
    start_and_kill_the_starter(home, stack.folder)
    endpoints = stack.up()  # joins the server that the killed starter left behind
    (server,) = [p for p in node.processes(stack.folder) if "-Xms512m" in p.cmdline()]
    with connect(for_role(endpoints, "admin")) as admin:
        for tenant in ("acme", "other"):
            admin.index(index=CELLS, id=tenant, document={"tenant": tenant}, refresh=True)
    server.send_signal(signal.SIGKILL)
    server.wait(10)
    assert LocalStack(home).status()["running"] is False

    with socket.create_server(("127.0.0.1", urlsplit(endpoints.elasticsearch).port or 0)):
        again = stack.up()
    assert again.elasticsearch != endpoints.elasticsearch
    assert again.accounts == endpoints.accounts
    assert 0 < len(list((stack.folder / "tmp").glob("final-flags*"))) <= 2, "a start leaves two"
    assert stack.status()["documents"] == 2

    the_tenant_sees_its_own_documents_or_with_no_licence_none(again)

    assert stack.down(delete=True) is True
    assert not stack.folder.exists()
    assert not home.endpoints_file.exists()
    assert node.processes(stack.folder) == []
    assert stack.down() is False


def the_tenant_sees_its_own_documents_or_with_no_licence_none(endpoints):
    with connect(for_role(endpoints, "insights_acme")) as acme:
        with pytest.raises(AuthorizationException):
            acme.search(index=CELLS)
        with connect(for_role(endpoints, "admin")) as admin:
            admin.license.post_start_trial(acknowledge=True)
        assert [hit["_id"] for hit in acme.search(index=CELLS)["hits"]["hits"]] == ["acme"]
        assert not acme.exists(index=CELLS, id="other")
        with pytest.raises(AuthorizationException):
            acme.delete(index=CELLS, id="acme")
