"""Cost of `shipper logstash run`: agent-shaped logs over Lumberjack through the real pipelines into a `_bulk` sink.

    .venv/bin/python benchmarks/runner.py [--events 200000] [--foreign]

One sender (windows of 2048, four open, compressed once beforehand), one sink that only answers, both in this process's
children; CPU and memory are those of the runner alone. `--foreign` sends what Filebeat would: one access log line in
ten is parsed by grok and date.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

import psutil

from shipper.lumberjack.frames import encode_compressed, encode_events, encode_window

WINDOW = 2048
OPEN_WINDOWS = 4
_ITEM = b'{"create":{"status":201}}'


def sink(listener: socket.socket) -> None:
    """Read each body, answer that all is well."""
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()


def answer(peer: socket.socket) -> None:
    with peer, peer.makefile("rb", buffering=1 << 20) as stream:
        while stream.readline():
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = stream.read(length)
            plain = zlib.decompress(body, 31) if body.startswith(b"\x1f\x8b") else body
            said = b'{"errors":false,"items":[%b]}' % b",".join([_ITEM] * (plain.count(b"\n") // 2))
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said))


def document(number: int, *, foreign: bool) -> bytes:
    stamp = f"2026-11-23T10:{number // 60000 % 60:02d}:{number // 1000 % 60:02d}.{number % 1000:03d}Z"
    base = {
        "@timestamp": stamp,
        "message": f"request {number} handled in {number % 900} ms for user {number % 5000}",
        "log": {
            "level": "info",
            "logger": "shop.api",
            "file": {"path": "/var/log/shop/api.log"},
            "offset": number * 280,
        },
        "service": {"name": "shop", "version": "1.4.2"},
        "host": {"name": "web-1", "hostname": "web-1"},
        "event": {"dataset": "shop.log", "duration": number * 1000},
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200}},
        "ecs": {"version": "8.17.0"},
    }
    if foreign:
        if number % 10 == 0:
            base["message"] = (
                f"192.0.2.{number % 250} - - [23/Nov/2026:10:00:00 +0000] "
                f'"GET /p/{number} HTTP/1.1" 200 {number} "-" "curl/8"'
            )
    else:
        base["@metadata"] = {"_id": f"abcdefghijklmnop-1-{number * 280}", "stream": "logs", "shipper": "0.1.0"}
    return json.dumps(base, separators=(",", ":")).encode()


def windows(events: int, *, foreign: bool) -> list[tuple[int, bytes]]:
    made = []
    for begin in range(0, events, WINDOW):
        payloads = [document(number, foreign=foreign) for number in range(begin, min(begin + WINDOW, events))]
        made.append((len(payloads), encode_window(len(payloads)) + encode_compressed(encode_events(payloads), 1)))
    return made


def send(address: tuple[str, int], prepared: list[tuple[int, bytes]]) -> float:
    """Seconds from the first byte to the last acknowledgement."""
    began = time.monotonic()
    with socket.create_connection(address) as peer:
        open_windows = sent = acked = 0
        while acked < len(prepared):
            if sent < len(prepared) and open_windows < OPEN_WINDOWS:
                peer.sendall(prepared[sent][1])
                sent += 1
                open_windows += 1
                continue
            answer = b""
            while len(answer) < 6:
                answer += peer.recv(6 - len(answer))
            if int.from_bytes(answer[2:], "big"):
                acked += 1
                open_windows -= 1
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--foreign", action="store_true")
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0))
    multiprocessing.Process(target=sink, args=(listener,), daemon=True).start()
    prepared = windows(options.events, foreign=options.foreign)
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        environment = {
            **os.environ,
            "SHIPPER_HOME": folder,
            "SHIPPER_ES_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "SHIPPER_WRITER_PASSWORD": "x",
            "SHIPPER_CAMPAIGN_PASSWORD": "x",
            "SHIPPER_HTTP_PASSWORD": "x",
            "SHIPPER_BEATS_PORT": "0",
            "SHIPPER_HTTP_PORT": "0",
            "SHIPPER_SIGNED_PORT": "0",
        }
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "shipper", "logstash", "run", "--port-file", str(ready)], env=environment
        )
        while not ready.exists():
            time.sleep(0.005)
            if process.poll() is not None:
                sys.exit("the runner did not start")
        started = time.monotonic() - began
        runner = psutil.Process(process.pid)
        host, _, port = json.loads(ready.read_text())["beats"].rpartition(":")
        send((host, int(port)), prepared[:4])
        before = runner.cpu_times()
        seconds = send((host, int(port)), prepared)
        after = runner.cpu_times()
        cpu = after.user + after.system - before.user - before.system
        peak = next(
            int(line.split()[1]) // 1024
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")
        )
        process.terminate()
        process.wait()
    print(
        f"start {started:.2f} s | {options.events / seconds:,.0f} events/s | "
        f"{cpu / options.events * 1e6:.1f} us CPU/event | peak {peak} MiB | {options.events:,} events"
    )


if __name__ == "__main__":
    main()
