"""docker-compose.yml as Compose's own parser sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def compose(*profiles: str) -> dict[str, Any]:
    """The project with these profiles, every default filled in."""
    parser = Path(sys.executable).with_name("docker-compose")
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    command = [str(parser), "--project-directory", str(ROOT), *chosen, "config", "--format", "json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    project: dict[str, Any] = json.loads(result.stdout)
    return project


def make_certificates(project: dict[str, Any], folder: Path) -> None:
    """Run the command of `certificates-setup` into `folder`, without changing owners."""
    words = [
        word.replace("/certificates", str(folder)).replace("/authority", str(folder / "authority"))
        for word in project["services"]["certificates-setup"]["command"]
    ]
    words = [word.rpartition("=")[0] if word.startswith("--part=") else word for word in words]
    done = subprocess.run([sys.executable, "-m", "shipper", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def certificates_of(project: dict[str, Any], service: str) -> tuple[str, str]:
    """Whose certificates a service mounts, and where: (part, folder in the container)."""
    for volume in project["services"][service].get("volumes", []):
        if volume["type"] == "volume" and volume["source"].startswith("certificates-"):
            return volume["source"].removeprefix("certificates-"), volume["target"]
    raise AssertionError(f"{service} mounts no certificates")
