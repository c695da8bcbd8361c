"""`shipper campaigns run` as a process that is killed again and again while events arrive."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date

import pytest

from shipper.campaigns import verify
from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.indices import Indices
from shipper.campaigns.report import Reader
from shipper.campaigns.work import Workplace
from shipper.clock import SystemClock
from shipper.simulate.campaign import Plan, simulate
from tests.integration.campaigns.indexed import cluster_options, put

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e]


def test_a_run_killed_in_the_middle_of_its_work_ends_in_the_truth(elasticsearch, prefix, tmp_path):
    made = simulate(Plan(date(2026, 11, 1), contacts=40, entry_days=2, horizon=4))
    secret = tmp_path / "password"
    command = [sys.executable, "-m", "shipper", "campaigns", "run", "--interval", "0.1", "--prefix", prefix]
    command += [*cluster_options(elasticsearch, secret), "--json"]
    chance = random.Random(4)
    for start in range(5):
        put(elasticsearch, prefix, made.events[start::5])
        changes = _changes(elasticsearch, prefix)
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while _changes(elasticsearch, prefix) == changes and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(chance.random() * 0.5)  # anywhere in the work: every moment must be survived
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    ended = subprocess.run([*command, "--once"], check=True, capture_output=True, timeout=120, env={**os.environ})
    assert b'"invalid": 0' in ended.stdout
    place = Workplace(elasticsearch, prefix, compile_settings(CampaignSettings()), SystemClock())
    assert place.rebuild(write=False).equal
    reports = verify.collect(Reader(elasticsearch, Indices(prefix)), made.truth, "2026-12-01T00:00:00+00:00")
    assert [check for check in verify.verify(made.truth, reports) if not check.ok] == []


def _changes(client, prefix) -> int:
    """Writes that the contacts' index has seen; 0 while there is none."""
    answer = client.indices.stats(index=f"{prefix}insights-contacts*", metric=["indexing"])
    return int(answer["_all"]["primaries"].get("indexing", {}).get("index_total", 0))
