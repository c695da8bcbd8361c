"""Elasticsearch's and Logstash's own plain text logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_HEAD = re.compile(
    r"\]\[(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL|CRITICAL|DEPRECATION) *\]\[(?P<logger>[A-Za-z][^\]]{0,200}?) *\]"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_LOGSTASH = re.compile(
    r"(?:\[(?P<pipeline>[^\]]{1,200})\])?(?:\[(?P<plugin>[0-9a-f]{8,64})\])? (?P<message>.*)", re.DOTALL
)
_ELASTICSEARCH = re.compile(
    r" ?\[(?P<node>[^\]\s]{1,200})\]"
    r"(?: ?\[(?P<index>[a-z0-9.][^\]\s/]{0,254})(?:/[\w\-]{20,24})?\](?:\[(?P<shard>\d{1,5})\])?)?"
    r" *(?P<message>.*)",
    re.DOTALL,
)
_TOOK = re.compile(r"\btook_millis\[(\d{1,12})\]")


class Elastic(TextFormat):
    """`[2026-01-31T12:00:00,177][INFO ][o.e.n.Node] [node-1] started`; Logstash names a pipeline instead of a node."""

    name = "elastic"
    continuation = Continuation.ANY
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        head = None if found is None else _HEAD.fullmatch(line, found[1])
        if found is None or head is None:
            return None
        level = "warning" if head["level"] == "DEPRECATION" else head["level"]
        fields: Fields = {"@timestamp": found[0], "log.level": level, "log.logger": head["logger"]}
        rest = head["rest"]
        if "logstash" in head["logger"] or rest.startswith("["):
            _logstash(fields, rest)
        else:
            _elasticsearch(fields, rest)
        return fields


def _logstash(fields: Fields, rest: str) -> None:
    match = _LOGSTASH.fullmatch(rest)
    fields["message"] = rest.strip() if match is None else match["message"]
    if match is not None and match["pipeline"]:
        fields["logstash.log.pipeline_id"] = match["pipeline"]
    if match is not None and match["plugin"]:
        fields["logstash.log.plugin_id"] = match["plugin"]


def _elasticsearch(fields: Fields, rest: str) -> None:
    match = _ELASTICSEARCH.fullmatch(rest)
    if match is None:
        fields["message"] = rest.strip()
        return
    fields["message"] = match["message"]
    for name, value in (("node.name", match["node"]), ("index.name", match["index"]), ("shard.id", match["shard"])):
        if value:
            fields[f"elasticsearch.{name}"] = value
    took = _TOOK.search(match["message"][:512]) if "slowlog" in fields["log.logger"] else None
    if took is not None:
        fields["event.duration"] = int(took[1]) * 1_000_000
