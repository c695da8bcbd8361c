"""CPU and memory of `shipper agent run --once` into acknowledging sinks that decode nothing.

    python benchmarks/agent.py [--events 300000] [--rounds 3]

CPU is user + system of the agent process, its start included; the sinks run in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

WORDS = ("order", "payment", "user", "cart", "timeout", "retry", "cache", "miss", "queue", "worker", "started", "slow")


def make_lines(path: Path, events: int) -> float:
    """ECS JSON lines of about 284 bytes, as ecs-logging writes them; the mean size."""
    rng = random.Random(42)
    with path.open("w") as file:
        for number in range(events):
            document = {
                "@timestamp": f"2026-03-01T12:{number // 60000 % 60:02d}:{number // 1000 % 60:02d}.{number % 1000:03}Z",
                "log.level": rng.choice(["info", "info", "info", "warning", "error"]),
                "message": " ".join(rng.choices(WORDS, k=9)),
                "ecs": {"version": "8.11.0"},
                "log": {"logger": "shop.orders", "origin": {"function": "handle", "file": {"line": number % 400}}},
                "process": {"pid": 4711, "thread": {"name": "MainThread"}},
                "trace": {"id": f"{rng.getrandbits(64):016x}"},
            }
            file.write(json.dumps(document, separators=(",", ":")) + "\n")
    return path.stat().st_size / events


def lumberjack_sink(pipe: Connection) -> None:
    """Acknowledges each window; looks at frame headers only."""
    server = socket.create_server(("127.0.0.1", 0))
    pipe.send(server.getsockname()[1])
    while True:
        connection, _ = server.accept()
        reader = connection.makefile("rb", 1 << 20)
        while head := reader.read(6):
            kind, number = head[1:2], struct.unpack(">I", head[2:])[0]
            if kind == b"W":
                count = number
            elif kind == b"C":
                reader.read(number)
                connection.sendall(b"2A" + struct.pack(">I", count))


def bulk_sink(pipe: Connection) -> None:
    """Answers each request with success."""
    server = socket.create_server(("127.0.0.1", 0))
    pipe.send(server.getsockname()[1])
    answer = b'{"errors":false}'
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)
    while True:
        connection, _ = server.accept()
        reader = connection.makefile("rb", 1 << 20)
        length = 0
        while line := reader.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            elif line == b"\r\n":
                reader.read(length)
                connection.sendall(reply)


SINKS = {"lumberjack": (lumberjack_sink, "logstash"), "bulk": (bulk_sink, "elasticsearch+http")}


def one_run(folder: Path, log: Path, url: str) -> dict[str, float]:
    """CPU seconds, wall seconds and peak MiB of one run on a fresh state."""
    state = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-m", "shipper", "agent", "run", "--once", "--path", str(log), "--output", url]
    begin = time.monotonic()
    process = subprocess.Popen([*command, "--state", str(state)], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the agent failed"
    wall = time.monotonic() - begin
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "rss": usage.ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, small = folder / "bench.log", folder / "small.log"
        mean = make_lines(log, arguments.events)
        make_lines(small, 1)
        print(f"{arguments.events} events, {mean:.0f} bytes each")
        for sink, (serve, scheme) in SINKS.items():
            ours, theirs = multiprocessing.Pipe()
            server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
            server.start()
            url = f"{scheme}://127.0.0.1:{ours.recv()}"
            start = one_run(folder, small, url)["cpu"]
            runs = [one_run(folder, log, url) for _ in range(arguments.rounds)]
            server.kill()
            cpu = statistics.median(run["cpu"] for run in runs)
            wall = statistics.median(run["wall"] for run in runs)
            print(
                f"{sink:11} {1e6 * (cpu - start) / arguments.events:5.2f} us/event without the start "
                f"({start:.2f} s), {cpu:.2f} CPU-s whole, {arguments.events / wall:,.0f} events/s, "
                f"{max(run['rss'] for run in runs):.0f} MiB peak"
            )


if __name__ == "__main__":
    main()
