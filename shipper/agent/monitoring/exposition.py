"""The status in Prometheus's text format, version 0.0.4: every series has its help, and no label can grow without end.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and the naming rules beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shipper.agent.monitoring.counters import COUNTS
from shipper.agent.monitoring.health import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Series = tuple[str, str, str, Iterable[tuple[Mapping[str, str], float]]]
    """(name, type, help, samples with their labels)."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "shipper_agent_"
_MARKS = 100
_NONE: Mapping[str, str] = {}


def exposition(status: Mapping[str, Any], files: int) -> bytes:
    """The whole page; at most `files` files, those that lag most."""
    lines: list[str] = []
    for name, kind, text, samples in _series(status, files):
        lines += (f"# HELP {name} {text}", f"# TYPE {name} {kind}")
        lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return ("\n".join(lines) + "\n").encode()


def metric_name(count: str) -> str:
    """What a count of the agent is called."""
    if COUNTS[count].unit:
        return f"{_PREFIX}{count.removeprefix('bytes_')}_bytes_total"
    records = "records_" if count in ("read", "delivered", "dead_lettered") else ""
    return f"{_PREFIX}{records}{count}_total"


def _series(status: Mapping[str, Any], files: int) -> Iterator[Series]:
    yield _one("info", "gauge", "The agent's version.", 1, version=status["version"])
    yield from _health(status)
    for count, what in COUNTS.items():
        yield metric_name(count), "counter", what.help, [(_NONE, status["counts"].get(count, 0))]
    others = sorted(set(status["counts"]) - set(COUNTS))[:_MARKS]
    text = "Records that a codec marked, by mark."
    yield f"{_PREFIX}marked_total", "counter", text, [({"mark": name}, status["counts"][name]) for name in others]
    queue = status["queue"]
    yield _one("queue_records", "gauge", "Records read and not yet acknowledged.", queue["records"])
    yield _one("queue_bytes", "gauge", "Bytes of memory that they take.", queue["bytes"])
    yield _one("queue_limit_bytes", "gauge", "Bytes that they may take.", queue["limit"])
    yield from _files(status, files)
    yield from _output(status["output"]["connections"])
    yield from _hosts(status["output"]["hosts"])
    yield from _kept(status)
    yield from _process(status)


def _health(status: Mapping[str, Any]) -> Iterator[Series]:
    yield _one("healthy", "gauge", "1 if nothing is wrong that somebody must mend.", status["health"]["healthy"])
    yield _one("ready", "gauge", "1 once all files were looked at.", status["ready"])
    found = {each["name"] for each in status["health"]["reasons"]}
    samples = [({"reason": name}, float(name in found)) for name in REASONS]
    yield f"{_PREFIX}unhealthy", "gauge", "1 for each reason why the agent is not healthy.", samples


def _files(status: Mapping[str, Any], limit: int) -> Iterator[Series]:
    known, oldest = status["files"], status["oldest_unacknowledged"]
    yield _one("lag_bytes", "gauge", "Bytes of all sources that are not acknowledged.", status["lag"]["bytes"])
    yield _one("lag_files", "gauge", "Sources with such bytes.", status["lag"]["files"])
    age = oldest["age_seconds"] if oldest else 0
    yield _one("oldest_unacknowledged_age_seconds", "gauge", "Age of the oldest record not acknowledged.", age)
    yield _one("files", "gauge", "Sources known.", len(known))
    yield _one("files_open", "gauge", "Files open.", sum(each["open"] for each in known))
    yield _one("files_left_out", "gauge", "Files that nobody reads.", len(status["left_out"]))
    behind = sorted((each for each in known if each["lag_bytes"]), key=lambda each: -each["lag_bytes"])[:limit]
    name = f"{_PREFIX}file_lag_bytes"
    yield name, "gauge", "Of the files that lag most.", [({"path": each["path"]}, each["lag_bytes"]) for each in behind]
    aged = [({"path": each["path"]}, each["lag_seconds"]) for each in behind if each["lag_seconds"] is not None]
    yield f"{_PREFIX}file_lag_seconds", "gauge", "Age of their oldest record that is not acknowledged.", aged


def _output(connections: list[dict[str, Any]]) -> Iterator[Series]:
    def of(field: str) -> list[tuple[Mapping[str, str], float]]:
        return [({"connection": str(number)}, each[field]) for number, each in enumerate(connections)]

    up = [({"connection": str(number)}, float(each["state"] == "connected")) for number, each in enumerate(connections)]
    yield f"{_PREFIX}output_connected", "gauge", "1 while the connection stands.", up
    yield f"{_PREFIX}output_failures_total", "counter", "Times that the connection failed.", of("failures")
    yield f"{_PREFIX}output_parcels_total", "counter", "Parcels that were acknowledged.", of("parcels")
    text = "Records that the peer had already."
    yield f"{_PREFIX}output_duplicates_total", "counter", text, of("duplicates")


def _hosts(hosts: list[dict[str, Any]]) -> Iterator[Series]:
    labels = [{"number": str(number), "host": each["host"]} for number, each in enumerate(hosts)]

    def of(field: str) -> list[tuple[Mapping[str, str], float]]:
        return [(label, float(each[field])) for label, each in zip(labels, hosts, strict=True)]

    up = [(label, float(each["state"] != "failing")) for label, each in zip(labels, hosts, strict=True)]
    yield f"{_PREFIX}output_host_up", "gauge", "0 while the host of the output fails.", up
    yield f"{_PREFIX}output_host_failures_total", "counter", "Times that the host failed.", of("failed")
    yield f"{_PREFIX}output_host_connects_total", "counter", "Connections to the host that stood.", of("connects")
    yield f"{_PREFIX}output_host_in_flight_records", "gauge", "Records on their way to the host.", of("in_flight")


def _kept(status: Mapping[str, Any]) -> Iterator[Series]:
    spools = status["spools"].items()
    used = [({"spool": name}, each["bytes"]) for name, each in spools]
    yield f"{_PREFIX}spool_bytes", "gauge", "Bytes on disk of sources that cannot be read again.", used
    limits = [({"spool": name}, each["limit"]) for name, each in spools]
    yield f"{_PREFIX}spool_limit_bytes", "gauge", "Bytes that they may take.", limits
    letters = status["dead_letters"]
    yield _one("dead_letters", "gauge", "Dead letters that wait for a replay.", letters["count"])
    yield _one("dead_letters_bytes", "gauge", "Bytes on disk of dead letters.", letters["bytes"])
    yield _one("dead_letters_limit_bytes", "gauge", "Bytes that they may take.", letters["limit"])
    failures = status["registry"]["commit_failures"]
    yield _one("registry_commit_failures_total", "counter", "Times that the disk refused the registry.", failures)


def _process(status: Mapping[str, Any]) -> Iterator[Series]:
    """The names that every exporter uses."""
    started = datetime.fromisoformat(status["started"]).timestamp()
    text = "Start time, seconds since the epoch."
    yield "process_start_time_seconds", "gauge", text, [(_NONE, started)]
    yield "process_resident_memory_bytes", "gauge", "Resident memory.", [(_NONE, status["memory_rss"])]
    yield "process_cpu_seconds_total", "counter", "User and system CPU time.", [(_NONE, status["cpu"]["seconds"])]
    yield "process_open_fds", "gauge", "Open file descriptors.", [(_NONE, status["descriptors"])]
    yield "process_max_fds", "gauge", "File descriptors at most.", [(_NONE, status["descriptor_limit"])]


def _one(name: str, kind: str, text: str, value: float, **labels: str) -> Series:
    return f"{_PREFIX}{name}", kind, text, [(labels, value)]


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
