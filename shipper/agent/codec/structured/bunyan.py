"""pino and bunyan: numeric levels, `time`, `pid`, `hostname`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common, is_time

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()


class Bunyan(JsonLogger):
    """`name` is the logger, `v` is bunyan's format version, `src` the place in the source."""

    name = "bunyan"

    def recognises(self, entry: Entry) -> bool:
        level = entry.get("level")
        if not isinstance(level, int) or level < 10 or not is_time(entry.get("time")):
            return False
        return "pid" in entry or "hostname" in entry or "msg" in entry or "v" in entry

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {}
        if isinstance(rest.get("v"), int) and rest["v"] in (0, 1):
            del rest["v"]
        if isinstance(rest.get("name"), str):
            fields["log.logger"] = rest.pop("name")
        source = rest.get("src")
        if isinstance(source, dict) and "file" in source:
            del rest["src"]
            fields["log.origin.file.name"] = source["file"]
            fields["log.origin.file.line"] = source.get("line")
            fields["log.origin.function"] = source.get("func")
        if isinstance(rest.get("stack"), str) and "err" not in rest:  # pino before 7: the error's keys at the root
            fields["error.stack_trace"] = rest.pop("stack")
            if isinstance(rest.get("type"), str):
                fields["error.type"] = rest.pop("type")
        return {**_COMMON.fields(rest), **fields}
