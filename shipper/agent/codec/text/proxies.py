"""Access logs of proxies and gateways that are not written as nginx and Apache write theirs.

Sources: Envoy's default and Istio's format strings, AWS's documents of load balancer and S3 server access logs, Squid's
native format, uWSGI's request log.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import TextFormat
from shipper.agent.codec.stamp import Stamp, read_stamp
from shipper.ecs.instant import SECOND, parse_epoch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.agent.codec.format import Fields, Memory

_ENVOY = re.compile(
    r'\[(?P<time>[^\]]{19,35})\] "(?P<method>\S+) (?P<target>\S+) (?P<protocol>\S+)" (?P<status>\d{1,3}) (?P<flags>\S+)'
    r'(?: (?P<details>[a-z]\S*|-) (?P<terminated>\S+) "(?P<failure>[^"]*)")?'
    r" (?P<received>\d+|-) (?P<sent>\d+|-) (?P<ms>\d+|-) (?P<upstream_ms>\d+|-)"
    r' "(?P<forwarded>[^"]*)" "(?P<agent>[^"]*)" "(?P<id>[^"]*)" "(?P<authority>[^"]*)" "(?P<upstream>[^"]*)"'
    r"(?: (?P<cluster>\S+)(?: (?P<local>\S+) (?P<downstream>\S+) (?P<remote>\S+) (?P<sni>\S+) (?P<route>\S+))?)?"
)
_BALANCER = re.compile(
    r"(?:(?P<type>https?|h2|wss?|grpcs) )?(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z) (?P<elb>\S+) (?P<client>\S+:\d+) "
    r"(?P<target>\S+) (?P<before>-1|\d+\.\d+) (?P<behind>-1|\d+\.\d+) (?P<after>-1|\d+\.\d+) "
    r"(?P<status>\d{3}|-) (?P<backend_status>\d{3}|-) (?P<received>\d+) (?P<sent>\d+) "
    r'"(?P<request>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)" (?P<cipher>\S+) (?P<tls>\S+)'
    r'(?: (?P<group>\S+) "(?P<trace>[^"]*)" "(?P<domain>[^"]*)"(?P<rest>.*))?',
    re.DOTALL,
)
_S3 = re.compile(
    r"(?P<owner>[0-9a-f]{64}|-) (?P<bucket>\S+) \[(?P<time>[^\]]{20,30})\] (?P<ip>\S+) (?P<requester>\S+) (?P<id>\S+) "
    r'(?P<operation>[A-Z][\w.]+) (?P<key>\S+) (?:"(?P<request>[^"]*)"|-) (?P<status>\d{3}|-) (?P<error>\S+) '
    r"(?P<sent>\d+|-) (?P<size>\d+|-) (?P<ms>\d+|-) (?P<turn>\d+|-) "
    r'(?:"(?P<referrer>[^"]*)"|-) (?:"(?P<agent>[^"]*)"|-) (?P<version>\S+)(?P<rest>.*)',
    re.DOTALL,
)
_SQUID = re.compile(
    r"(?P<time>\d{9,10}\.\d{3}) +(?P<ms>\d+) (?P<client>\S+) (?P<result>[A-Z][A-Z_]+)/(?P<status>\d{3}) "
    r"(?P<sent>\d+) (?P<method>[A-Z]+|-|NONE) (?P<url>\S+) (?P<user>\S+) "
    r"(?P<hierarchy>[A-Z_]+)/(?P<peer>\S+) (?P<type>\S+)"
)
_UWSGI = re.compile(
    r"\[pid: (?P<pid>\d{1,10})\|app: (?P<app>[^|]*)\|req: (?P<req>[^\]]*)\] (?P<client>\S+) \((?P<user>[^)]*)\) "
    r"\{[^}]*\} \[(?P<time>[^\]]{20,30})\] (?P<request>.+?) => generated (?P<sent>\d+) bytes "
    r"in (?P<took>\d+) (?P<unit>msecs|micros) (?:via [\w\-]+\(\) )?\((?P<version>HTTP/\S+) (?P<status>\d{3})\)"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_BYTES = {"received": "http.request.body.bytes", "sent": "http.response.body.bytes"}
_WORDS = {"agent": "user_agent.original", "referrer": "http.request.referrer", "user": "user.name"}
_LISTED = {
    "envoy": {
        "flags": "envoy.response_flags", "details": "envoy.response_code_details", "failure": "envoy.transport_failure",
        "upstream": "envoy.upstream_host", "cluster": "envoy.upstream_cluster", "route": "envoy.route_name",
        "id": "http.request.id", "terminated": "envoy.connection_termination_details",
    },
    "elb": {
        "type": "aws.elb.type", "elb": "aws.elb.name", "group": "aws.elb.target_group.arn",
        "trace": "aws.elb.trace_id", "cipher": "tls.cipher",
    },
    "s3": {
        "owner": "aws.s3access.bucket_owner", "bucket": "aws.s3access.bucket", "requester": "aws.s3access.requester",
        "id": "aws.s3access.request_id", "operation": "aws.s3access.operation", "key": "aws.s3access.key",
        "error": "aws.s3access.error_code", "version": "aws.s3access.version_id",
    },
    "squid": {
        "result": "squid.result_code", "hierarchy": "squid.hierarchy_code", "type": "http.response.mime_type",
    },
    "uwsgi": {"app": "uwsgi.app", "req": "uwsgi.request"},
}  # fmt: skip
"""Which part of a line goes to which field, beside the parts that all share."""


class Envoy(TextFormat):
    """`[2026-01-31T12:00:00.310Z] "GET /a HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "agent" "id" "shop" "10.0.2.1"`."""

    name = "envoy"
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _ENVOY.fullmatch(line)
        stamp = None if match is None else read_stamp(match["time"])
        if match is None or stamp is None:
            return None
        fields = _shared("envoy", line, stamp, match)
        if match["method"] != "-":
            web.request(fields, f"{match['method']} {match['target']} {match['protocol']}")
        web.address(fields, "source", match["forwarded"].split(",")[0].strip())
        if "source.address" not in fields and match["remote"]:
            web.address(fields, "source", match["remote"])
        if "url.domain" not in fields:
            web.authority(fields, match["authority"])
        if match["upstream_ms"] != "-":
            fields["envoy.upstream_service_time_ms"] = int(match["upstream_ms"][:15])
        return fields


class LoadBalancer(TextFormat):
    """AWS's application and classic load balancers."""

    name = "aws-elb"
    first = "0123456789hwg"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _BALANCER.fullmatch(line)
        stamp = None if match is None else read_stamp(match["time"])
        if match is None or stamp is None:
            return None
        fields = _shared("elb", line, stamp, match)
        web.address(fields, "source", match["client"])
        request = match["request"].split(" ")
        if request[0] != "-":
            web.request(fields, match["request"].strip())
        if match["target"] != "-":
            web.address(fields, "destination", match["target"])
        if match["backend_status"] != "-":
            fields["aws.elb.backend.http.response.status_code"] = int(match["backend_status"])
        times = [web.seconds_ns(match[part]) for part in ("before", "behind", "after")]
        if all(time is not None for time in times):
            fields["event.duration"] = sum(time for time in times if time is not None)
        web.tls(fields, match["tls"])
        return fields


class S3Access(TextFormat):
    """Amazon S3's server access log."""

    name = "aws-s3"
    first = "0123456789abcdef-"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _S3.fullmatch(line) if " [" in line[:220] else None
        stamp = None if match is None else read_stamp(match["time"])
        if match is None or stamp is None:
            return None
        fields = _shared("s3", line, stamp, match)
        web.address(fields, "source", f"[{match['ip']}]")
        if match["request"] not in (None, "-"):
            web.request(fields, match["request"])
        if match["size"] != "-":
            fields["aws.s3access.object_size"] = int(match["size"][:18])
        for word in match["rest"].split():
            if word.lower().startswith("tlsv"):
                web.tls(fields, word)
        return fields


class Squid(TextFormat):
    """`1767225600.779    180 192.168.0.224 TCP_MISS/200 411 GET http://a.example/ - HIER_DIRECT/1.2.3.4 text/html`."""

    name = "squid"
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _SQUID.fullmatch(line)
        epoch = None if match is None else parse_epoch(match["time"])
        if match is None or epoch is None:
            return None
        fields = _shared("squid", line, Stamp(epoch, zoned=True), match)
        web.address(fields, "source", f"[{match['client']}]")
        if match["peer"] != "-":
            web.address(fields, "destination", f"[{match['peer']}]")
        if match["method"] in web.METHODS:
            fields["http.request.method"] = match["method"]
        web.target(fields, match["url"], match["method"])
        return fields


class Uwsgi(TextFormat):
    """`[pid: 9|app: 0|req: 1/1] 10.0.0.1 () {…} [Wed Oct 11 14:32:52 2026] GET /a => generated 9 bytes in 1 ms…`."""

    name = "uwsgi"
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _UWSGI.fullmatch(line)
        stamp = None if match is None else read_stamp(match["time"])
        if match is None or stamp is None:
            return None
        fields = _shared("uwsgi", line, stamp, match)
        web.address(fields, "source", f"[{match['client']}]")
        web.request(fields, f"{match['request']} {match['version']}")
        fields["process.pid"] = int(match["pid"])
        fields["event.duration"] = int(match["took"][:12]) * (1_000_000 if match["unit"] == "msecs" else 1000)
        return fields


def _shared(kind: str, line: str, stamp: Stamp, match: re.Match[str]) -> Fields:
    """Time, text, status, sizes, milliseconds and the words of `_LISTED`; `-` and empty parts are left out."""
    part = {key: value for key, value in match.groupdict().items() if value not in (None, "", "-")}
    fields: Fields = {"@timestamp": stamp, "message": line}
    if "status" in part:
        web.status(fields, part["status"])
    for key, name in _BYTES.items():
        if key in part:
            fields[name] = int(part[key][:18])
    if "ms" in part:
        fields["event.duration"] = int(part["ms"][:12]) * (SECOND // 1000)
    names: Mapping[str, str] = {**_WORDS, **_LISTED[kind]}
    fields.update({names[key]: value for key, value in part.items() if key in names})
    return fields


PROXY_FORMATS: Sequence[TextFormat] = (Envoy(), LoadBalancer(), S3Access(), Squid(), Uwsgi())
