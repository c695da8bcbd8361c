"""The agent's command line, as people type it, and files for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter


def write(path, prefix, count, mode="a"):
    """Write `count` ECS lines with the messages `PREFIX 0`, `PREFIX 1` …"""
    with path.open(mode) as file:
        for number in range(count):
            document = {"@timestamp": "2026-03-01T12:00:00.000Z", "log.level": "info", "message": f"{prefix} {number}"}
            file.write(json.dumps(document) + "\n")


def shipper(*arguments, **environment):
    """Run `shipper agent ARGUMENTS` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "shipper", "agent", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def messages(documents):
    """How often each message is there."""
    return Counter(document["message"] for document in documents)
