"""What the agent needs when it is not fast that counts: behind a slow sink, over idle files, line by line.

python -m benchmarks.agent_bench.steady slow [--events 3000000] [--delay 0.05]
python -m benchmarks.agent_bench.steady idle [--files 1000] [--seconds 60]
python -m benchmarks.agent_bench.steady latency [--seconds 30]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.agent_bench.data import ecs_lines
from benchmarks.agent_bench.sinks import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MIB = 1 << 20
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An agent that is installed has its bytecode: compiling at the start leaves holes in its memory."""


def start(folder: Path, pattern: str, output: str, *more: str) -> psutil.Popen:
    """The agent as a user starts it."""
    command = [sys.executable, "-m", "shipper", "agent", "run", "--path", pattern, "--output", output]
    command += ["--state", str(folder / "state"), *more]
    return psutil.Popen(command, stderr=subprocess.DEVNULL, env=ENVIRONMENT)


def wait_for(agent: psutil.Popen, done: Callable[[], bool]) -> None:
    """Until it is done; an agent that ended will not do it."""
    while not done():
        if agent.poll() is not None:
            raise SystemExit(f"error: the agent ended with {agent.returncode}")
        time.sleep(0.1)


def slow(folder: Path, events: int, delay: float) -> dict[str, float]:
    """Resident memory over a long run under back-pressure; MiB after a tenth, at the highest and at the end."""
    block = "".join(f"{line}\n" for line in ecs_lines(100_000))
    with (folder / "slow.log").open("w") as file:
        for _ in range(events // 100_000):
            file.write(block)
    sink = Sink("bulk", delay)
    agent = start(folder, str(folder / "slow.log"), f"elasticsearch+http://127.0.0.1:{sink.port}", "--once")
    samples: list[tuple[int, float]] = []
    while agent.poll() is None:
        try:
            samples.append((sink.events, agent.memory_info().rss / MIB))
        except psutil.NoSuchProcess:
            break
        time.sleep(0.5)
    if sink.events < events:
        raise SystemExit(f"error: the agent ended after {sink.events} of {events} events")
    early = next(rss for done, rss in samples if done >= events // 10)
    late = [rss for done, rss in samples if done >= events * 9 // 10]
    result = {"events": sink.events, "tenth": early, "highest": max(rss for _, rss in samples), "last": late[-1]}
    sink.close()
    return result


def idle(folder: Path, files: int, seconds: int) -> dict[str, float]:
    """CPU seconds a minute and MiB over files that were read to their end and get nothing more."""
    (folder / "logs").mkdir()
    for number in range(files):
        (folder / "logs" / f"{number}.log").write_text("".join(f"{line}\n" for line in ecs_lines(20)))
    sink = Sink("bulk")
    agent = start(folder, str(folder / "logs" / "*.log"), f"elasticsearch+http://127.0.0.1:{sink.port}")
    wait_for(agent, lambda: sink.events >= files * 20)
    time.sleep(10)
    before = agent.cpu_times()
    time.sleep(seconds)
    after = agent.cpu_times()
    used = (after.user + after.system - before.user - before.system) * 60 / seconds
    result = {"files": files, "cpu_seconds_a_minute": used, "mib": agent.memory_info().rss / MIB}
    agent.terminate()
    agent.wait(30)
    sink.close()
    return result


def latency(folder: Path, seconds: int) -> dict[str, float]:
    """Milliseconds from the write of a line to its arrival at the sink, at 100 lines a second."""
    log = folder / "latency.log"
    log.touch()
    server = socket.create_server(("127.0.0.1", 0))
    arrived: list[float] = []
    threading.Thread(target=_clocked, args=(server, arrived), daemon=True).start()
    agent = start(folder, str(log), f"elasticsearch+http://127.0.0.1:{server.getsockname()[1]}")
    time.sleep(3)
    begin = time.monotonic()
    with log.open("a", buffering=1) as file:
        for number in range(seconds * 100):
            time.sleep(max(0.0, begin + number / 100 - time.monotonic()))
            stamp = "2026-03-01T12:00:00.000Z"
            line = {
                "@timestamp": stamp,
                "log.level": "info",
                "ecs.version": "8.11.0",
                "message": f"@{time.monotonic_ns():x}",  # hex: digits alone may be a card's, and masked
            }
            file.write(json.dumps(line) + "\n")
    wait_for(agent, lambda: len(arrived) >= seconds * 100)
    agent.terminate()
    agent.wait(30)
    parts = statistics.quantiles(arrived, n=100)
    return {"lines": len(arrived), "p50_ms": parts[49], "p99_ms": parts[98], "max_ms": max(arrived)}


def _clocked(server: socket.socket, arrived: list[float]) -> None:
    """A `_bulk` sink that notes how old each line is when its request is whole."""
    peer, _ = server.accept()
    with peer, peer.makefile("rb") as reader:
        while reader.readline():
            length = 0
            while (line := reader.readline()) not in (b"\r\n", b""):
                name, _, value = line.lower().partition(b":")
                length = int(value) if name == b"content-length" else length
            body = gzip.decompress(reader.read(length))
            now = time.monotonic_ns()
            arrived += [(now - int(each, 16)) / 1e6 for each in re.findall(rb'"message": ?"@([0-9a-f]+)"', body)]
            items = b",".join([b'{"create":{"status":201}}'] * (body.count(b"\n") // 2))
            answer = b'{"errors":false,"items":[%b]}' % items
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("slow", "idle", "latency"))
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.what == "slow":
            result = slow(folder, options.events, options.delay)
        elif options.what == "idle":
            result = idle(folder, options.files, options.seconds)
        else:
            result = latency(folder, options.seconds)
    print(json.dumps({key: round(value, 2) for key, value in result.items()}))


if __name__ == "__main__":
    main()
