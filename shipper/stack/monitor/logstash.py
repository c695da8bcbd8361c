"""Statistics of one Logstash from its HTTP API: the node, and each pipeline.

Source: https://www.elastic.co/guide/en/logstash/8.19/node-stats-api.html (`GET /_node/stats`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import urllib3

from shipper.errors import ProtocolError, UnavailableError
from shipper.stack.monitor.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.stack.monitor.settings import LogstashSettings

LARGEST_ANSWER = 8 * 2**20
"""Bytes; a Logstash with hundreds of pipelines answers with some hundred KiB."""

_TIMEOUT = 10.0


def fetch(settings: LogstashSettings) -> dict[str, Any]:
    """The answer of `GET /_node/stats`.

    Raises:
        UnavailableError: it cannot be reached, or says no.
        ProtocolError: what answers is no Logstash, or its answer is endless.
    """
    headers = {}
    if settings.user is not None and settings.password is not None:
        headers = urllib3.make_headers(basic_auth=f"{settings.user}:{settings.password.reveal()}")
    verify = None if settings.ca_file is None else str(settings.ca_file)
    try:
        with urllib3.PoolManager(ca_certs=verify, timeout=_TIMEOUT, retries=False) as pool:
            url = settings.url.rstrip("/") + "/_node/stats"
            answer = pool.request("GET", url, headers=headers, preload_content=False, redirect=False)
            body = answer.read(LARGEST_ANSWER + 1, decode_content=True)
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise UnavailableError(
            f"Logstash cannot be asked: {type(error).__name__}", where=settings.url, hint="check `api.http.host`"
        ) from error
    if answer.status != 200:
        raise UnavailableError(f"Logstash said {answer.status}", where=settings.url, hint="check `user` and `password`")
    if len(body) > LARGEST_ANSWER:
        raise ProtocolError(f"the answer is larger than {LARGEST_ANSWER:,} bytes", where=settings.url)
    try:
        stats = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ProtocolError("the answer is no JSON object", where=settings.url) from error
    return stats


def samples(stats: Mapping[str, Any], url: str, most: int) -> list[Sample]:
    """The node, then its pipelines by name, at most `most` of them; what an older version does not say is absent.

    Raises:
        ProtocolError: the answer is not Logstash's.
    """
    try:
        uuid = str(stats["id"])
        about = {
            "service.type": "logstash",
            "service.version": stats.get("version"),
            "host.name": stats.get("host"),
            "logstash.node.id": uuid,
            "logstash.node.name": stats.get("name"),
        }
        pipelines = sorted(stats.get("pipelines", {}).items())
        node = Sample("logstash.node", uuid, uuid, about | _node(stats, max(0, len(pipelines) - most)))
        return [node, *_pipelines(pipelines[:most], uuid, about)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ProtocolError(f"this is not what Logstash answers: {error!r}", where=url) from error


def _node(stats: Mapping[str, Any], left_out: int) -> dict[str, Any]:
    jvm, process, own = stats.get("jvm", {}), stats.get("process", {}), "logstash.node"
    memory, collectors = jvm.get("mem", {}), jvm.get("gc", {}).get("collectors", {})
    percent = process.get("cpu", {}).get("percent")
    return {
        f"{own}.status": stats.get("status"),
        f"{own}.uptime": jvm.get("uptime_in_millis"),
        f"{own}.heap.used.bytes": memory.get("heap_used_in_bytes"),
        f"{own}.heap.used.pct": _fraction(memory.get("heap_used_in_bytes"), memory.get("heap_max_in_bytes")),
        f"{own}.gc.old.time": collectors.get("old", {}).get("collection_time_in_millis"),
        f"{own}.gc.young.time": collectors.get("young", {}).get("collection_time_in_millis"),
        f"{own}.cpu.pct": None if percent is None else percent / 100,
        f"{own}.open_files": process.get("open_file_descriptors"),
        f"{own}.left_out": left_out,
        **_events(stats.get("events", {}), own),
    }


def _pipelines(pipelines: list[tuple[str, Any]], uuid: str, about: Mapping[str, Any]) -> Iterator[Sample]:
    own = "logstash.pipeline"
    for name, stat in pipelines:
        queue, dead, reloads = (stat.get(key) or {} for key in ("queue", "dead_letter_queue", "reloads"))
        fields = {
            **about,
            f"{own}.name": name,
            f"{own}.queue.type": queue.get("type"),
            f"{own}.queue.events": queue.get("events_count", queue.get("events")),
            f"{own}.queue.bytes": queue.get("queue_size_in_bytes"),
            f"{own}.queue.used.pct": _fraction(queue.get("queue_size_in_bytes"), queue.get("max_queue_size_in_bytes")),
            f"{own}.dead_letters.bytes": dead.get("queue_size_in_bytes"),
            f"{own}.dead_letters.dropped": dead.get("dropped_events"),
            f"{own}.reloads.failed": reloads.get("failures"),
            **_events(stat.get("events") or {}, own),
        }
        yield Sample("logstash.pipeline", uuid, name, fields)


def _events(events: Mapping[str, Any], own: str) -> dict[str, Any]:
    """Since the start; `time` is what workers spent on them, `blocked` what inputs waited for the queue (ms)."""
    return {
        f"{own}.events.in": events.get("in"),
        f"{own}.events.filtered": events.get("filtered"),
        f"{own}.events.out": events.get("out"),
        f"{own}.events.time": events.get("duration_in_millis"),
        f"{own}.events.blocked": events.get("queue_push_duration_in_millis"),
    }


def _fraction(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None
