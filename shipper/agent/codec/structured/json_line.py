"""A line that is a JSON object, of whatever logger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.format import SeveralFields, TextFormat
from shipper.agent.codec.structured.bunyan import Bunyan
from shipper.agent.codec.structured.clef import Clef
from shipper.agent.codec.structured.clouds import Cloudflare, CloudTrail, GoogleEntry, Nextcloud
from shipper.agent.codec.structured.common import Common
from shipper.agent.codec.structured.ecs import EcsJson
from shipper.agent.codec.structured.elasticsearch import Elasticsearch7
from shipper.agent.codec.structured.gelf import Gelf
from shipper.agent.codec.structured.hclog import Hclog
from shipper.agent.codec.structured.journald import Journald
from shipper.agent.codec.structured.load import load
from shipper.agent.codec.structured.log4j2 import Log4j2
from shipper.agent.codec.structured.loguru import Loguru
from shipper.agent.codec.structured.mongodb import MongoDb
from shipper.agent.codec.structured.otlp import Otlp
from shipper.agent.codec.structured.postgresql import PostgreSqlJson
from shipper.agent.codec.structured.tracing import Tracing
from shipper.agent.codec.structured.traefik import Traefik
from shipper.agent.codec.structured.web_json import WebJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory
    from shipper.agent.codec.structured.base import JsonLogger

LOGGERS: Sequence[JsonLogger] = (
    EcsJson(),
    Bunyan(),
    Loguru(),
    Clef(),
    Gelf(),
    Otlp(),
    MongoDb(),
    Traefik(),
    GoogleEntry(),
    CloudTrail(),
    Cloudflare(),
    Nextcloud(),
    WebJson(),
    Hclog(),
    Journald(),
    Log4j2(),
    PostgreSqlJson(),
    Elasticsearch7(),
    Tracing(),
    Common(),
)
"""The first that recognises an entry takes it; the last takes all."""

_SURE = frozenset({"@timestamp", "log.level"})
"""An object without either may be what a text logger prints."""


class JsonLine(TextFormat):
    """One JSON object a line."""

    name = "json"
    first = "{"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] != "{":
            return None
        entry = load(line)
        if entry is None:
            return None
        logger = next(logger for logger in LOGGERS if logger.recognises(entry))
        fields = logger.fields(entry)
        if "message" not in fields and logger.name not in ("ecs", "otlp"):
            fields["message"] = line
        return fields

    def interrupts(self, line: str, memory: Memory) -> Fields | None:
        fields = self.parse(line, memory)
        sure = isinstance(fields, SeveralFields) or (fields is not None and not _SURE.isdisjoint(fields))
        return fields if sure else None
