"""Amazon's text logs: Lambda's platform and runtimes, VPC flow logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, Preamble, TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_ID = r"(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
_PLATFORM = re.compile(rf"(?P<kind>START|END|REPORT) RequestId: {_ID}(?P<rest>.*)", re.DOTALL)
_VERSION = re.compile(r" Version: (?P<version>\S+)")
_DURATION = re.compile(r"\tDuration: (?P<ms>\d{1,9}(?:\.\d+)?) ms")
_NODE = re.compile(rf"\t(?:{_ID}|undefined)\t(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\t(?P<message>.*)", re.DOTALL)
_PYTHON = re.compile(r"\[(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)\]\t(?=\d)")
_PYTHON_REST = re.compile(rf"\t{_ID}\t(?P<message>.*)", re.DOTALL)
_FLOW_DEFAULT = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
_FLOW = re.compile(r"[2-9] \d{12} eni-[0-9a-f]+ ")
_FLOW_HEAD = re.compile(r"version account-id (?:[a-z][a-z0-9\-]* ?)+")
_FLOW_MEMORY = "vpcflow.names"
_FLOW_NAMES = {"account-id": "cloud.account.id", "instance-id": "cloud.instance.id", "region": "cloud.region"}
_FLOW_NUMBERS = {"packets": "network.packets", "bytes": "network.bytes"}
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp", "132": "sctp"}


class Lambda(TextFormat):
    """`REPORT RequestId: …`, Node's `time<tab>id<tab>INFO<tab>text`, Python's `[INFO]<tab>time<tab>id<tab>text`."""

    name = "aws-lambda"
    continuation = Continuation.ANY
    first = "SER[0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] in "SER":
            return self._platform(line)
        head = _PYTHON.match(line) if line[0] == "[" else None
        if head is None and line[0] == "[":
            return None
        found = match_stamp(line, 0 if head is None else head.end())
        layout = _NODE if head is None else _PYTHON_REST
        match = None if found is None or line[found[1] : found[1] + 1] != "\t" else layout.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        level = match["level"] if head is None else head["level"]
        fields: Fields = {"@timestamp": found[0], "log.level": level, "message": match["message"]}
        if match["id"]:
            fields["faas.execution"] = match["id"]
        return fields

    @staticmethod
    def _platform(line: str) -> Fields | None:
        match = _PLATFORM.fullmatch(line)
        if match is None:
            return None
        fields: Fields = {"message": line.rstrip(), "faas.execution": match["id"]}
        version = _VERSION.match(match["rest"])
        if version is not None:
            fields["faas.version"] = version["version"]
        took = _DURATION.search(match["rest"][:256])
        if took is not None:
            fields["event.duration"] = round(float(took["ms"]) * 1_000_000)
            fields["faas.coldstart"] = "Init Duration: " in match["rest"]
        return fields


class VpcFlow(TextFormat):
    """`2 123456789010 eni-1235 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1714816800 1714816860 ACCEPT OK`."""

    name = "aws-vpcflow"
    first = "23456789v"

    def parse(self, line: str, memory: Memory) -> Fields | None:
        if line[0] == "v":
            if _FLOW_HEAD.fullmatch(line) is None:
                return None
            memory[_FLOW_MEMORY] = line.split()
            return Preamble()
        values = line.split() if _FLOW.match(line) else []
        names = memory.get(_FLOW_MEMORY, _FLOW_DEFAULT)
        if not values or len(values) != len(names):
            return None
        return _flow(line, {name: value for name, value in zip(names, values, strict=True) if value != "-"})


def _flow(line: str, part: dict[str, str]) -> Fields:
    fields: Fields = {"message": line}
    if part.get("end", "").isdigit():
        fields["@timestamp"] = fields["event.end"] = int(part.pop("end"))
    if part.get("start", "").isdigit():
        fields["event.start"] = int(part.pop("start"))
    for prefix, side in (("source", "src"), ("destination", "dst")):
        if f"{side}addr" in part:
            web.address(fields, prefix, f"[{part.pop(f'{side}addr')}]:{part.pop(f'{side}port', '')}")
    protocol = part.pop("protocol", "")
    if protocol:
        fields["network.iana_number"] = protocol
        if protocol in _PROTOCOLS:
            fields["network.transport"] = _PROTOCOLS[protocol]
    for key, value in part.items():
        if key in _FLOW_NUMBERS and value.isdigit():
            fields[_FLOW_NUMBERS[key]] = int(value[:18])
        else:
            fields[_FLOW_NAMES.get(key, f"aws.vpcflow.{key.replace('-', '_')}")] = value
    return fields


CLOUD_FORMATS: Sequence[TextFormat] = (Lambda(), VpcFlow())
