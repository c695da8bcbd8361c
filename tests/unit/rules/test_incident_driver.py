"""The driver moves the clock of the peer; a stand-in with the names it uses stands for ElastAlert2, which CI lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.incidents.peer import driver

LOADED = """
import datetime
from {package}.util import ts_now

class FlatlineRule: pass
class FrequencyRule: pass

class ElastAlerter:
    def __init__(self, arguments):
        assert arguments == ["--config", "some.yaml", "--pin_rules"]
        minute = datetime.timedelta(minutes=1)
        self.rules = [
            {{"name": "often", "type": FrequencyRule(), "query_key": "a,b", "compound_query_key": ["a", "b"],
              "run_every": minute, "match": {{"a": "x", "b": 1, "top_events_host.name": {{"h": 3}}}}}},
            {{"name": "seldom", "type": FlatlineRule(), "query_key": "a", "run_every": 5 * minute,
              "match": {{"a": "wrong", "key": "right"}}}},
        ]
        self.pending = 0

    def handle_pending_alerts(self):
        self.pending += 1

    def handle_rule_execution(self, rule):
        assert ts_now().tzinfo is not None
        for alerter in rule["alert"]:
            alerter.pipeline = {{"alert_time": ts_now()}}
            alerter.alert([dict(rule["match"])])
"""


def test_each_rule_runs_when_its_interval_says_so_and_at_the_time_that_the_driver_says(tmp_path):
    package = tmp_path / "elastalert"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "ruletypes.py").write_text("")
    (package / "util.py").write_text(
        "def ts_now(): raise AssertionError\ndef lookup_es_key(match, key): return match[key]\n"
    )
    (package / "elastalert.py").write_text(LOADED.format(package="elastalert"))
    info = tmp_path / "elastalert2-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: elastalert2\nVersion: 9.9\n")
    out = tmp_path / "out"
    command = [sys.executable, str(Path(driver.__file__)), "some.yaml", "600", "1200", str(out)]
    subprocess.run(command, check=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, timeout=60)
    *alerts, end = (json.loads(line) for line in out.read_text().splitlines())
    assert [alert["at"] for alert in alerts if alert["rule"] == "often"] == list(range(600, 1201, 60))
    assert [alert["at"] for alert in alerts if alert["rule"] == "seldom"] == [600, 900, 1200]
    assert alerts[0] == {"at": 600, "rule": "often", "labels": {"a": "x", "b": 1}, "tops": {"host.name": {"h": 3}}}
    assert alerts[1]["labels"] == {"a": "right"}
    assert (end["version"], end["rules"], end["took"]["runs"]) == ("9.9", 2, 14)
