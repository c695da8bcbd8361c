"""`scripts/bench` runs end to end and prints what the docs quote."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = [sys.executable, "-m", "benchmarks.agent_bench"]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*BENCH, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("lines", ["ecs", "access"])
def test_each_sink_gets_every_event_and_the_cost_is_told(lines: str) -> None:
    done = bench("--events", "400", "--rounds", "1", "--lines", lines, "--only", "shipper", "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [result["sink"] for result in results] == ["lumberjack", "bulk"]
    for result in results:
        row = result["peers"]["shipper"]
        assert row["us_per_event"] > row["us_net"]
        assert row["bytes_per_event"] > 10
        assert row["peak_mib"] > 10


def test_a_peer_that_is_unknown_is_refused_with_the_known_ones() -> None:
    done = bench("--peer", "vector=/usr/bin/vector")
    assert done.returncode == 2
    assert "filebeat" in done.stderr
