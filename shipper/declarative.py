"""Finds the declarative folders: in the project around the working directory, else those that came with the package."""

from __future__ import annotations

from pathlib import Path

from shipper.errors import UsageError

NAMES = ("logstash", "alert_rules", "kibana_saved_objects", "docker-compose.yml", "shipper.example.yml")
"""What `shipper init` copies out and `find` finds."""

COMPANIONS = ("docker", "scripts/make-secrets", "docs/runbooks")
"""What the Compose file and the rules need beside them: copied out as well, but no sign of a project of ours."""

_PACKAGE = Path(__file__).parent


def find(name: str, start: Path | None = None) -> Path:
    """The file or folder `name`: nearest above `start` (default: the working directory), else the package's own.

    A folder counts as ours only beside another of `NAMES`, so that a stray `logstash/` on the way is passed over.

    Raises:
        UsageError: it is nowhere.
    """
    here = (Path.cwd() if start is None else start).absolute()
    for folder in (here, *here.parents):
        if (folder / name).exists() and sum((folder / other).exists() for other in NAMES) > 1:
            return folder / name
    return packaged(name)


def packaged(name: str) -> Path:
    """The file or folder as it came with the package: inside the wheel, or in the checkout of an editable install.

    Raises:
        UsageError: the installation lacks it.
    """
    for candidate in (_PACKAGE / "declarative" / name, _PACKAGE.parent / name):
        if candidate.exists():
            return candidate
    raise UsageError(
        f"{name} is neither above the working directory nor in the package",
        where=str(Path.cwd()),
        hint="run `shipper init DIR` and work inside DIR, or name the path",
    )
