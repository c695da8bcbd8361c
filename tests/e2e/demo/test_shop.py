from __future__ import annotations

import re
import time

import psutil
import pytest

from shipper.demo.processes import Processes
from shipper.demo.services.server import CONTROL_PATH
from shipper.demo.shop import expected_records, start_shop
from shipper.simulate.load import Load, start_incident

TRACE = re.compile(r"[0-9a-f]{8}0{16}[0-9a-f]{8}")


@pytest.fixture
def processes(tmp_path):
    owned = Processes(tmp_path)
    yield owned
    owned.stop_all()


@pytest.mark.e2e
def test_the_services_log_each_request_once_and_the_incidents_show(tmp_path, processes):
    shop = start_shop(processes, tmp_path, "127.0.0.1:9")
    load = Load(port=shop.ports["web"], rate=60, workers=4)
    load.start()
    time.sleep(1)
    start_incident(shop.ports["web"], CONTROL_PATH, "slow", 2)
    start_incident(shop.ports["inventory"], CONTROL_PATH, "errors", 2)
    time.sleep(3)
    load.stop()
    assert not load.failed
    expected = expected_records(load.sent)
    for service, pattern in (("web", "web.access.log"), ("checkout", "checkout.json"), ("inventory", "inventory.log")):
        found = TRACE.findall((tmp_path / pattern).read_text())
        assert sorted(found) == sorted(expected[service])
    assert max(request.seconds for request in load.sent if request.route == "/search") > 0.4
    assert max(request.seconds for request in load.sent if request.route == "/cart") < 0.4
    text = (tmp_path / "inventory.log").read_text()
    broken = text.count(" ERROR inventory.stock ")
    assert broken > 0
    assert text.count("The above exception was the direct cause") == broken
    assert {request.status for request in load.sent} == {200}


@pytest.mark.e2e
def test_what_a_killed_run_left_behind_is_ended_by_the_next(tmp_path):
    killed = Processes(tmp_path)
    child = killed.start("sleeper", ["sleep", "600"])
    again = Processes(tmp_path)
    assert again.end_leftovers() == ["sleeper"]
    assert not psutil.pid_exists(child.process.pid)
    child.process.poll()
    assert again.end_leftovers() == []
