"""The whole local chain: a file through agent, runner and Elasticsearch; documents/s and CPU of each part.

`python benchmarks/chain.py [--count N]` on the local stack (`shipper stack up`). CPU is user and system time of each
process from the agent's start until its last document is acknowledged. Wall time counts on an idle machine only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from shipper.elastic.client import connect, for_role
from shipper.home import default_home
from shipper.stack.local import LocalStack

INDEX = "shipper-logs-2026.01.01"
SHIPPER = [sys.executable, "-m", "shipper"]


def cpu(process: psutil.Process) -> float:
    """Seconds of user and system time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> int:
    """Ship the lines once and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40_000)
    count = parser.parse_args().count
    server = psutil.Process(LocalStack(default_home()).status()["members"][0]["pid"])
    with tempfile.TemporaryDirectory() as folder, connect(for_role(default_home().endpoints(), "admin")) as client:
        log, ready = Path(folder) / "shop.log", Path(folder) / "ready.json"
        subprocess.run([*SHIPPER, "simulate", "logs", "--count", str(count), "--out", str(log)], check=True)
        with subprocess.Popen([*SHIPPER, "logstash", "run", "--port-file", str(ready)]) as runner:
            try:
                while not ready.exists() and runner.poll() is None:
                    time.sleep(0.05)
                before = (cpu(server), cpu(psutil.Process(runner.pid)))
                begin, children = time.monotonic(), psutil.Process().cpu_times()
                command = [*SHIPPER, "agent", "run", "--path", str(log), "--state", f"{folder}/state", "--once"]
                subprocess.run(command, check=True)
                wall, after = time.monotonic() - begin, psutil.Process().cpu_times()
                spent = {
                    "agent": after.children_user + after.children_system
                    - children.children_user - children.children_system,
                    "runner": cpu(psutil.Process(runner.pid)) - before[1],
                    "Elasticsearch": cpu(server) - before[0],
                }  # fmt: skip
            finally:
                runner.terminate()
        client.indices.refresh(index=INDEX)
        found = client.count(index=INDEX)["count"]
        client.indices.delete(index=INDEX)
    print(f"{found} of {count} documents, {wall:.1f} s, {count / wall:.0f} documents/s")
    for part, seconds in spent.items():
        print(f"{part:14} {seconds:6.2f} s CPU, {seconds / count * 1e6:6.1f} us a document")
    return 0 if found == count else 1


if __name__ == "__main__":
    sys.exit(main())
