"""Ships one file with each shipper in turn, round after round, and compares what it cost.

CPU is user + system of the whole shipper process until it has ended; "net" leaves out a run over one line, which is
start and stop. Ratios are medians of pairs of the same round: the machine drifts.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.agent_bench.data import KINDS, write
from benchmarks.agent_bench.peers import PEERS, Job, found
from benchmarks.agent_bench.sinks import Sink

if TYPE_CHECKING:
    import resource

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An agent that is installed has its bytecode."""
PATIENCE = 300.0
"""Seconds in which a run must have delivered everything."""


def run(name: str, program: str, kind: str, log: Path, events: int, sink: Sink) -> dict[str, float]:
    """One run from a fresh state: CPU and wall seconds, peak MiB, bytes an event."""
    with tempfile.TemporaryDirectory() as folder:
        job = Job(program, kind, log, sink.port, Path(folder))
        sink.reset()
        begin = time.monotonic()
        with (job.folder / "stderr").open("wb") as stderr:
            process = subprocess.Popen(PEERS[name][0](job), stdout=subprocess.DEVNULL, stderr=stderr, env=_ENVIRONMENT)
        while sink.events < events and process.poll() is None and time.monotonic() < begin + PATIENCE:
            time.sleep(0.005)
        wall = time.monotonic() - begin
        if process.returncode is not None:
            raise SystemExit(f"error: {name} ended early: {(job.folder / 'stderr').read_text()[-2000:]}")
        usage = ended(process, asked=name != "shipper")
    if sink.events < events:
        raise SystemExit(f"error: {name} delivered {sink.events} of {events} events within {PATIENCE:.0f} s")
    cpu = usage.ru_utime + usage.ru_stime
    return {"cpu": cpu, "wall": wall, "rss": usage.ru_maxrss / 1024, "bytes": sink.size / events}


def ended(process: subprocess.Popen[bytes], *, asked: bool) -> resource.struct_rusage:
    """What the process used in all; `asked`: it does not end by itself, and is killed if it does not obey."""
    if asked:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + (10 if asked else PATIENCE)
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    while not pid:
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.01)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def compare(kind: str, shape: str, events: int, rounds: int, programs: dict[str, str]) -> dict[str, object]:
    """All shippers that can, round after round."""
    able = {name: program for name, program in programs.items() if kind in PEERS[name][1]}
    with tempfile.TemporaryDirectory() as folder:
        log, one = Path(folder) / f"{shape}.log", Path(folder) / f"{shape}-one.log"
        mean = write(log, shape, events)
        write(one, shape, 1)
        sink = Sink(kind)
        try:
            start = {name: run(name, program, kind, one, 1, sink)["cpu"] for name, program in able.items()}
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in able}
            for _ in range(rounds):
                for name, program in able.items():
                    runs[name].append(run(name, program, kind, log, events, sink))
        finally:
            sink.close()
    rows = {name: summary(events, start[name], done, runs["shipper"]) for name, done in runs.items()}
    return {
        "sink": kind,
        "lines": shape,
        "events": events,
        "bytes_a_line": round(mean),
        "rounds": rounds,
        "peers": rows,
    }


def summary(
    events: int, start: float, runs: list[dict[str, float]], ours: list[dict[str, float]]
) -> dict[str, float | list[float]]:
    """What one shipper needed; `ratio` is our whole CPU to its own, in pairs."""
    cpu = [run["cpu"] for run in runs]
    ratios = [round(our["cpu"] / its["cpu"], 2) for our, its in zip(ours, runs, strict=True)]
    return {
        "us_per_event": round(1e6 * statistics.median(cpu) / events, 2),
        "us_net": round(1e6 * (statistics.median(cpu) - start) / events, 2),
        "cpu_seconds": [round(each, 2) for each in cpu],
        "start_cpu_seconds": round(start, 2),
        "events_per_second": round(events / statistics.median(run["wall"] for run in runs)),
        "peak_mib": round(max(run["rss"] for run in runs)),
        "bytes_per_event": round(statistics.median(run["bytes"] for run in runs)),
        "ratio": ratios,
    }


def show(result: dict[str, object]) -> None:
    """For people."""
    what = f"{result['events']} {result['lines']} lines of {result['bytes_a_line']} B to {result['sink']}"
    print(f"{what}, rounds: {result['rounds']}")
    rows = result["peers"]
    assert isinstance(rows, dict)
    for name, row in rows.items():
        print(
            f"  {name:10} {row['us_per_event']:6.2f} us/event ({row['us_net']:.2f} net), "
            f"{row['events_per_second']:8,d} events/s, {row['peak_mib']:4d} MiB, "
            f"{row['bytes_per_event']:4d} B/event sent"
            + ("" if name == "shipper" else f", ours/its CPU {row['ratio']}")
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", choices=sorted(KINDS), action="append", help="default: all")
    parser.add_argument("--sink", choices=("lumberjack", "bulk"), action="append", help="default: both")
    parser.add_argument("--peer", metavar="NAME=PATH", action="append", default=[], help=f"one of {', '.join(PEERS)}")
    parser.add_argument("--only", metavar="NAME", action="append", help="run these peers only, beside ours")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    named = dict(each.partition("=")[::2] for each in arguments.peer)
    unknown = (named.keys() | set(arguments.only or ())) - PEERS.keys()
    if unknown or not all(named.values()):
        parser.error(f"write --peer NAME=PATH with NAME one of {', '.join(PEERS)}")
    programs = found(named)
    if arguments.only:
        programs = {name: path for name, path in programs.items() if name in ("shipper", *arguments.only)}
    results = []
    for shape in arguments.lines or KINDS:
        for kind in arguments.sink or ("lumberjack", "bulk"):
            results.append(compare(kind, shape, arguments.events, arguments.rounds, programs))
            if not arguments.json:
                show(results[-1])
    if arguments.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
