"""Fetches the Elasticsearch server into the cache: by its Maven coordinates, verified, whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from jgo.maven import MavenContext, PythonResolver

from shipper.errors import UnavailableError, UsageError
from shipper.stack.cache import disk_errors, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
    """(what, bytes in all) -> a context manager that yields `advance(bytes)`."""

GROUP = "org.elasticsearch.distribution.integ-test-zip"
DEFAULT_VERSION = "8.19.3"

KNOWN_SHA512 = {
    "8.19.3": (
        "fdff76ed667a361d2326088e345eff58344499e06bf636e42b6d8e89fbc18d8a"
        "aa94dd90ca500933f969c4cf92b9ad20391c0e5bf1fa119a7a3ae3adb49d6d4a"
    ),
    "9.5.2": (
        "235e25fde8307c6dec328a905930e572aae6d113ba627b12015885ad9c608ad6"
        "7655b721341aa4e656a41a24c67b2519f1e518710aa553e57fcf8613430eb192"
    ),
}
"""What we tried; for other versions the repository's own checksum counts."""

_ATTEMPTS = 4


@contextlib.contextmanager
def silent(_what: str, _size: int) -> Iterator[Callable[[int], None]]:
    """A progress that shows nothing."""
    yield lambda _count: None


def repositories(environment: Mapping[str, str] | None = None) -> dict[str, str] | None:
    """The Maven repository named by `$SHIPPER_MAVEN_REPOSITORY` (a mirror, say); None for the public one."""
    named = (os.environ if environment is None else environment).get("SHIPPER_MAVEN_REPOSITORY")
    return {"named": named.rstrip("/")} if named else None


def server(version: str, cache: Path, progress: Progress = silent, pause: Callable[[float], None] = time.sleep) -> Path:
    """The unpacked server of `version`, fetched if the cache lacks it (some 97 MB); `pause` waits between attempts.

    Raises:
        UsageError: the repository has no such version.
        UnavailableError: it cannot be reached, sent damaged bytes, or the cache cannot be written.
    """
    target = cache / f"elasticsearch-{version}"
    if target.exists():
        return target
    with whole(target) as scratch:
        archive = _download(version, scratch, progress, pause)
        verify(archive, version, lambda suffix: _checksum(version, scratch, suffix))
        _unpack(archive, scratch / target.name)
    return target


def verify(archive: Path, version: str, checksum: Callable[[str], str | None]) -> str:
    """Hold `archive` against the known or the repository's checksum; says which one it fitted.

    `checksum(suffix)` gives the repository's hex digest for `sha512` or `sha1`, or None if it has none. Where there
    is none at all, the checksums inside the archive must do.

    Raises:
        UnavailableError: it does not fit.
    """
    expected = {"sha512": KNOWN_SHA512.get(version)}
    if expected["sha512"] is None:
        expected = {suffix: checksum(suffix) for suffix in ("sha512", "sha1")}
    for suffix, digest in expected.items():
        if digest is None:
            continue
        with archive.open("rb") as file:
            actual = hashlib.file_digest(file, suffix).hexdigest()
        if actual != digest:
            raise UnavailableError(
                f"the download of Elasticsearch {version} is damaged: its {suffix} does not fit",
                hint="run the command again; if it stays so, do not trust the repository",
            )
        return suffix
    try:
        with zipfile.ZipFile(archive) as zipped:
            broken = zipped.testzip()
    except zipfile.BadZipFile as error:
        broken = str(error)
    if broken is not None:
        raise UnavailableError(
            f"the download of Elasticsearch {version} is damaged: {broken}", hint="run the command again"
        )
    return "crc32"


def _download(version: str, scratch: Path, progress: Progress, pause: Callable[[float], None]) -> Path:
    for attempt in range(1, _ATTEMPTS + 1):
        shutil.rmtree(scratch / "m2", ignore_errors=True)
        try:
            return _resolve(version, "zip", scratch, progress)
        except RuntimeError as error:  # jgo's word for "not there"
            raise UsageError(
                f"there is no Elasticsearch {version} in the repository", hint=f"the default is {DEFAULT_VERSION}"
            ) from error
        except OSError as error:
            if error.errno is not None:  # of the disk; the network's errors carry no number
                with disk_errors(scratch):
                    raise
            if attempt == _ATTEMPTS:
                raise UnavailableError(
                    f"Elasticsearch {version} cannot be downloaded ({attempt} attempts): {type(error).__name__}",
                    hint="check the network and its proxy settings, then run the command again",
                ) from error
            pause(2**attempt / 2)
    raise AssertionError


def _checksum(version: str, scratch: Path, suffix: str) -> str | None:
    try:
        text = _resolve(version, f"zip.{suffix}", scratch, silent).read_text("ascii")
    except (RuntimeError, OSError):
        return None
    return text.split()[0].lower()


def _resolve(version: str, packaging: str, scratch: Path, progress: Progress) -> Path:
    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress),
        repo_cache=scratch / "m2",
        remote_repos=repositories(),
        timeout=30,
    )
    component = context.project(GROUP, "elasticsearch").at_version(version)
    return Path(component.artifact(packaging=packaging).resolve())


def _unpack(archive: Path, target: Path) -> None:
    """Unpack the archive's one top folder as `target`, keeping what is runnable."""
    raw = target.with_name("unpacked")
    with disk_errors(target), zipfile.ZipFile(archive) as zipped:
        zipped.extractall(raw)
        for entry in zipped.infolist():
            path = raw / entry.filename
            runnable = entry.is_dir() or (entry.external_attr >> 16) & 0o100
            path.chmod(0o755 if runnable else 0o644)
        (top,) = raw.iterdir()
        top.rename(target)
