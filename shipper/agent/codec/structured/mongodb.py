"""MongoDB's JSON log, since 4.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.structured.base import JsonLogger

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry


class MongoDb(JsonLogger):
    """`{"t":{"$date":…},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":…,"attr":{…}}`."""

    name = "mongodb"

    def recognises(self, entry: Entry) -> bool:
        moment = entry.get("t")
        return isinstance(moment, dict) and "$date" in moment and {"s", "c", "msg"} <= entry.keys()

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {
            "@timestamp": rest.pop("t")["$date"],
            "log.level": str(rest.pop("s"))[:1],
            "message": str(rest.pop("msg")),
            "mongodb.log.component": rest.pop("c"),
            "mongodb.log.context": rest.pop("ctx", None),
            "mongodb.log.id": rest.pop("id", None),
        }
        attributes = rest.get("attr")
        if isinstance(attributes, dict):
            took, remote = attributes.get("durationMillis"), attributes.get("remote")
            if isinstance(took, int) and not isinstance(took, bool) and 0 <= took < 1e12:
                fields["event.duration"] = took * 1_000_000
            if isinstance(remote, str):
                web.address(fields, "source", remote)
        fields.update({f"mongodb.log.{key}": value for key, value in rest.items()})
        return {name: value for name, value in fields.items() if value is not None}
