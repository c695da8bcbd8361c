"""The configuration that the demonstration's agent runs with; the same words as in shipper.example.yml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

METRICS_SECONDS = 2
"""Between two samples and heartbeats: alerts cannot resolve before a heartbeat has passed their window."""


def agent_config(logs: Path, beats: str) -> str:
    """YAML for an agent that tails the shop's files in `logs` and sends to Logstash at `beats` (host:port)."""
    patterns = {"web": "web.access.log*", "checkout": "checkout.json*", "inventory": "inventory.log*"}
    document = {
        "inputs": [
            {
                "type": "file",
                "paths": [str(logs / pattern)],
                "service": {"name": name, "environment": "demo"},
                "codec": {"timezone": "local"} if name == "inventory" else {},
            }
            for name, pattern in patterns.items()
        ],
        "output": {"type": "logstash", "hosts": [beats]},
        "metrics": {"interval": f"{METRICS_SECONDS}s"},
    }
    return yaml.safe_dump(document, sort_keys=False)
