"""What is said of this host and this agent in each record."""

from __future__ import annotations

import platform
import socket
from typing import Any

from shipper import __version__


def host_facts(name: str | None = None) -> dict[str, Any]:
    """ECS `host` without addresses; `name` replaces the machine's own."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    system = {
        "type": platform.system().lower(),
        "kernel": platform.release(),
        "platform": release.get("ID"),
        "version": release.get("VERSION_ID"),
    }
    hostname = socket.gethostname()
    return {
        "name": name or hostname,
        "hostname": hostname,
        "architecture": platform.machine(),
        "os": {key: value for key, value in system.items() if value},
    }


def agent_facts(agent_id: str) -> dict[str, Any]:
    """ECS `agent`."""
    return {"id": agent_id, "type": "shipper", "version": __version__}
