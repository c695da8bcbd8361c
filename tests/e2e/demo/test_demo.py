"""The main job itself, shortened: killed in the middle, then whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

RUN = """
import sys
from pathlib import Path
from shipper.demo.run import Options, run
from shipper.demo.timeline import Timeline
from shipper.home import default_home
short = Timeline(rate=50, calm=4, incident=16, resolve=90, settle=60, minimum=2000)
run(Options(default_home(), once=True, json_file=Path(sys.argv[1]), timeline=short))
"""


def start(home, out):
    environment = {**os.environ, "SHIPPER_HOME": str(home)}
    with (home.parent / "demo.out").open("ab") as log:
        command = [sys.executable, "-c", RUN, str(out)]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)


def ours(home):
    """Processes that belong to `home`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SHIPPER_HOME", "").startswith(str(home)):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.mark.e2e
@pytest.mark.elasticsearch
@pytest.mark.timeout(500)
def test_a_demo_that_was_killed_leaves_nothing_that_stops_the_next(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    killed = start(home, tmp_path / "never.json")
    deadline = time.monotonic() + 150
    while not (home / "demo/run/pages.out").exists() and time.monotonic() < deadline:
        assert killed.poll() is None, (tmp_path / "demo.out").read_text()
        time.sleep(0.2)
    time.sleep(3)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert ours(home), "the parts of a killed demo go on until the next one ends them"

    whole = start(home, tmp_path / "out.json")
    try:
        code = whole.wait(300)
    finally:
        whole.kill()
        whole.wait()
    printed = (tmp_path / "demo.out").read_text()
    assert code == 0, printed
    outcome = json.loads((tmp_path / "out.json").read_text())
    documents = outcome["documents"]
    assert documents["in"] == documents["delivered"] >= 2000
    assert (documents["lost"], documents["duplicated"]) == (0, 0)
    assert [(alert["fired"], alert["resolved"]) for alert in outcome["alerts"]] == [(1, 1), (1, 1)]
    assert [check for check in outcome["checks"] if not check["ok"]] == []
    assert ours(home) == []
    assert not (home / "demo").exists()
