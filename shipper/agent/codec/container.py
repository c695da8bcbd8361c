"""Lines as container runtimes wrap them: Docker's json-file and CRI (containerd, CRI-O), joined per stream."""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from shipper.ecs.instant import parse_iso

_CRI = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF](?::[A-Za-z]+)*) (.*)",
    re.DOTALL | re.ASCII,
)
_DOCKER_KEYS = frozenset({"log", "stream", "time", "attrs"})


class Wrapped(NamedTuple):
    """One line of a container's output.

    Attributes:
        stream: `stdout` or `stderr`.
        time: nanoseconds since the epoch.
        text: a line, or a part of one.
        partial: the line goes on in the stream's next entry.
    """

    stream: str
    time: int | None
    text: str
    partial: bool


def unwrap(line: str) -> Wrapped | None:
    """The container's own text inside `line`; None where no runtime wrapped it."""
    if line.startswith('{"log":"') and line.endswith("}"):
        return _docker(line)
    if "1" <= line[:1] <= "9" and (" stdout " in line[:50] or " stderr " in line[:50]):
        return _cri(line)
    return None


def _docker(line: str) -> Wrapped | None:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(entry, dict) or "time" not in entry or not _DOCKER_KEYS.issuperset(entry):
        return None
    text, time, stream = entry["log"], entry["time"], entry.get("stream", "stdout")
    if not isinstance(text, str) or not isinstance(time, str) or not isinstance(stream, str):
        return None
    parsed = parse_iso(time)
    return Wrapped(stream, None if parsed is None else parsed[0], text.rstrip("\r\n"), not text.endswith("\n"))


def _cri(line: str) -> Wrapped | None:
    match = _CRI.fullmatch(line)
    if match is None:
        return None
    parsed = parse_iso(match[1])
    if parsed is None:
        return None
    return Wrapped(match[2], parsed[0], match[4], match[3].startswith("P"))
