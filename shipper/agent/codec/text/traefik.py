"""Traefik's access log in its common format: an access line, then count, router, server and duration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import TextFormat
from shipper.agent.codec.text.access import AccessLog

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_TAIL = re.compile(r' (?P<count>\d{1,18}) "(?P<router>[^"]*)" "(?P<server>[^"]*)" (?P<ms>\d{1,12})ms')
_ACCESS = AccessLog()


class TraefikText(TextFormat):
    """`… 304 0 "-" "Mozilla/5.0" 262 "host@docker" "http://172.19.0.3:80" 2ms`."""

    name = "traefik"

    def parse(self, line: str, memory: Memory) -> Fields | None:
        begin = line.rfind('" ', 0, line.rfind(' "', 0, line.rfind(' "'))) if line.endswith("ms") else -1
        tail = None if begin < 0 else _TAIL.fullmatch(line, begin + 1)
        fields = None if tail is None else _ACCESS.parse(line[: begin + 1], memory)
        if tail is None or fields is None:
            return None
        fields["message"] = line
        fields["event.duration"] = int(tail["ms"]) * 1_000_000
        fields["traefik.access.request_count"] = int(tail["count"])
        for name, value in (("router_name", tail["router"]), ("server_url", tail["server"])):
            if value not in ("", "-"):
                fields[f"traefik.access.{name}"] = value
        return fields
