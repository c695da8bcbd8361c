"""Weeks of files that come, rotate and go, before one agent: what it holds must come back.

python -m benchmarks.agent_bench.weeks [--days 20] [--files 1000] [--rest 9]

Each day a folder of files is made and read, half of them are renamed and written anew, a quarter copied and truncated;
a night passes, the folder is removed, a day passes. The agent is ours but for its clock, which jumps by a day at
SIGUSR1. Prints a line of JSON a day: memory in MiB, open descriptors, inotify watches, and entries and bytes of the
registry.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.agent_bench.sinks import Sink
from benchmarks.agent_bench.steady import ENVIRONMENT, MIB, wait_for
from shipper.agent.agent import Agent
from shipper.agent.config import AgentSettings
from shipper.agent.descriptors import raise_limit
from shipper.agent.launch import input_of, parse_output
from shipper.agent.memory import calm_collector, keep_big_buffers
from shipper.agent.registry import Journal
from shipper.agent.state import StateDirectory
from shipper.agent.status import read_status
from shipper.clock import SystemClock
from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = 86_400.0
SETTLED = 6.0
"""Seconds in which the agent has scanned again."""


class JumpingClock(SystemClock):
    """The machine's, and the days it was told to be ahead."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead

    def jump(self, *_: object) -> None:
        """A signal handler: a day is over."""
        self.ahead += DAY


def serve(state: Path, pattern: str, output: str) -> None:
    """The agent as `shipper agent run` starts it, on that clock."""
    keep_big_buffers()
    raise_limit()
    clock = JumpingClock()
    settings = AgentSettings(inputs=[input_of([pattern])], output=parse_output(output), state=state)
    directory = StateDirectory(state)
    agent = Agent(settings, directory, clock)
    signal.signal(signal.SIGUSR1, clock.jump)
    signal.signal(signal.SIGTERM, lambda *_: agent.stop())
    calm_collector()
    agent.run()
    directory.close()


def held(agent: psutil.Popen, state: Path) -> dict[str, float]:
    """What the agent holds now."""
    watches = 0
    for place in Path(f"/proc/{agent.pid}/fdinfo").iterdir():
        try:
            watches += place.read_text().count("\ninotify ")
        except FileNotFoundError:
            continue
    return {
        "mib": round(agent.memory_info().rss / MIB, 1),
        "descriptors": agent.num_fds(),
        "watches": watches,
        "entries": len(Journal(state / "registry").peek()),
        "registry_kib": sum(path.stat().st_size for path in (state / "registry").glob("*.log")) // 1024,
    }


def delivered(state: Path, paths: Iterable[Path]) -> bool:
    """Is all of these files acknowledged?"""
    try:
        status = read_status(state)
    except UnavailableError:
        return False  # it has not started yet
    known = {each["path"]: each for each in status["files"]}
    return all(str(path) in known and known[str(path)]["acknowledged"] == path.stat().st_size > 0 for path in paths)


def a_day(agent: psutil.Popen, state: Path, folder: Path, files: int) -> None:
    folder.mkdir()
    paths = [folder / f"{number}.log" for number in range(files)]
    for path in paths:
        path.write_text("".join(f"{folder.name} {path.name} line {line} {'x' * 40}\n" for line in range(20)))
    wait_for(agent, lambda: delivered(state, paths))
    for number, path in enumerate(paths):
        if number % 2:
            path.rename(f"{path}.1")
            path.write_text(f"{folder.name} {path.name} again\n" * 5)
        elif number % 4:
            shutil.copy(path, f"{path}.1")
            os.truncate(path, 0)
    wait_for(agent, lambda: delivered(state, paths[1::2]))
    agent.send_signal(signal.SIGUSR1)
    time.sleep(SETTLED)
    shutil.rmtree(folder)
    time.sleep(SETTLED)
    agent.send_signal(signal.SIGUSR1)
    time.sleep(SETTLED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rest", type=int, default=9, help="days without files in the end")
    parser.add_argument("--serve", nargs=3, metavar=("STATE", "PATTERN", "OUTPUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(Path(options.serve[0]), *options.serve[1:])
        return
    with tempfile.TemporaryDirectory() as name:
        logs, state = Path(name) / "logs", Path(name) / "state"
        logs.mkdir()
        sink = Sink("bulk")
        told = ["--serve", str(state), f"{logs}/**/*.log*", f"elasticsearch+http://127.0.0.1:{sink.port}"]
        command = [sys.executable, "-m", "benchmarks.agent_bench.weeks", *told]
        agent = psutil.Popen(command, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        try:
            for day in range(options.days):
                a_day(agent, state, logs / f"day-{day}", options.files)
                print(json.dumps({"day": day, **held(agent, state)}), flush=True)
            for _ in range(options.rest):
                agent.send_signal(signal.SIGUSR1)
                time.sleep(SETTLED)
            print(json.dumps({"day": "after", **held(agent, state)}))
        finally:
            agent.terminate()
            agent.wait(30)
            sink.close()


if __name__ == "__main__":
    main()
