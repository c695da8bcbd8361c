"""An agent on a config file that changes, with writers that know what they wrote."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from shipper.agent.status import read_status
from shipper.errors import ShipperError
from tests.support.agent_process import AgentProcess, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lumberjack_sink import LumberjackSink

QUIET = {"host": False, "heartbeats": False, "agent": False}


class Writer(threading.Thread):
    """Appends numbered lines until told to stop."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.count = 0
        self.ended = threading.Event()
        self.start()

    def run(self):
        with self.path.open("a") as file:
            while not self.ended.wait(0.002):
                for _ in range(5):
                    file.write(json.dumps({"message": f"{self.path.stem} {self.count}"}) + "\n")
                    self.count += 1
                file.flush()

    def stop(self):
        self.ended.set()
        self.join()
        return {f"{self.path.stem} {number}" for number in range(self.count)}


class RoughWriter(threading.Thread):
    """Writes in bursts, lines in two halves, and renames its file away now and then."""

    def __init__(self, path: Path, seed: int) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.random = random.Random(seed)
        self.count = self.rotations = 0
        self.ended = threading.Event()
        self.start()

    def run(self) -> None:
        file = self.path.open("a")
        while not self.ended.wait(0.003):
            for _ in range(self.random.randint(1, 30)):
                text = f"{self.path.stem} {self.count}"
                line = json.dumps({"message": text, "pad": "x" * self.random.randint(0, 300)}) + "\n"
                self.count += 1
                half = len(line) // 2 if self.random.random() < 0.1 else 0
                if half:
                    file.write(line[:half])
                    file.flush()
                    self.ended.wait(self.random.random() * 0.05)
                file.write(line[half:])
            file.flush()
            if self.random.random() < 0.02:
                file.close()
                self.rotations += 1
                self.path.rename(f"{self.path}.{self.rotations}")
                file = self.path.open("a")
        file.close()

    def stop(self) -> set[str]:
        self.ended.set()
        self.join()
        return {f"{self.path.stem} {number}" for number in range(self.count)}


class Case:
    """An agent on a config file that changes."""

    def __init__(self, tmp_path):
        self.folder = tmp_path
        self.state = tmp_path / "state"
        self.file = tmp_path / "shipper.yml"
        (tmp_path / "logs").mkdir()

    def log(self, name):
        return self.folder / "logs" / name

    def tail(self, *names, **more):
        return {"type": "file", "paths": [str(self.log(name)) for name in names], **more}

    def write(self, inputs, output, **more):
        config = {"inputs": inputs, "output": output, "metrics": QUIET, "scan_interval": "100ms", **more}
        self.file.write_text(json.dumps(config))  # JSON is YAML

    def start(self):
        self.agent = AgentProcess(self.state, "-c", str(self.file))
        assert until(self.answers)

    def answers(self):
        try:
            return self.status() is not None
        except ShipperError:  # it is not there yet
            return False

    def status(self):
        return read_status(self.state)

    def has_reloaded(self, times):
        return self.status()["reload"]["count"] == times

    def reload(self):
        command = [sys.executable, "-m", "shipper", "agent", "reload", "--state", str(self.state)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def said(self):
        return (self.folder / "agent.log").read_text()


def to(sink: LumberjackSink) -> dict[str, Any]:
    return {"type": "logstash", "hosts": [sink.url.rpartition("/")[2]]}


def arrived(*sinks: LumberjackSink) -> Counter[str]:
    """Messages and under how many ids they came, over all sinks."""
    found = {name: document["message"] for sink in sinks for name, document in sink.documents.copy().items()}
    return Counter(found.values())
