"""HashiCorp's hclog as JSON: Vault, Consul, Nomad, Terraform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()
_NAMES = {
    "@level": "level",
    "@message": "message",
    "@module": "logger",
    "@caller": "caller",
    "@timestamp": "@timestamp",
}


class Hclog(JsonLogger):
    """`{"@level":"info","@message":"started","@module":"agent.server","@timestamp":…, "addr":…}`."""

    name = "hclog"

    def recognises(self, entry: Entry) -> bool:
        return "@level" in entry and "@message" in entry

    def fields(self, entry: Entry) -> Fields:
        own = {_NAMES[key]: value for key, value in entry.items() if key in _NAMES}
        fields = _COMMON.fields(own)
        rest = _COMMON.fields({key: value for key, value in entry.items() if key not in _NAMES})
        return {**{key if key not in fields else f"labels.{key}": value for key, value in rest.items()}, **fields}
