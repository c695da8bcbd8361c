"""W3C extended logs: IIS, HTTP.sys, CloudFront; columns are named by the `#Fields:` line, which outlives a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from shipper.agent.codec import web
from shipper.agent.codec.format import Preamble, TextFormat
from shipper.agent.codec.stamp import Stamp, read_stamp
from shipper.ecs.coerce import is_address

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_COLUMN = r"[\w\-]+(?:\([\w\-]+\))?"
_DIRECTIVE = re.compile(
    rf"#(?:Fields: ?(?P<fields>{_COLUMN}(?:[ \t]+{_COLUMN})+)\s*|Software: .*|Version: \d\.\d\s*"
    r"|(?:Start-|End-)?Date: (?P<date>\d{4}-\d\d-\d\d).*|Remark: .*)"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d[ \t]\d\d:\d\d:\d\d")
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_WITHOUT_REFERER = (
    "date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip",
    "cs(User-Agent)", "sc-status", "sc-substatus", "sc-win32-status", "time-taken",
)  # fmt: skip
_DEFAULTS = {
    len(columns): columns
    for columns in (_WITHOUT_REFERER, (*_WITHOUT_REFERER[:10], "cs(Referer)", *_WITHOUT_REFERER[10:]))
}
"""IIS 7 and IIS 8.5, for files whose head is gone."""
_FIELDS = "w3c.fields"
_DATE = "w3c.date"
_WORDS = {
    "cs-method": "http.request.method", "cs-username": "user.name", "cs(Cookie)": "iis.access.cookie",
    "s-sitename": "iis.access.site_name", "s-computername": "iis.access.server_name",
    "s-reason": "iis.error.reason_phrase", "s-queuename": "iis.error.queue_name", "cs-protocol": "url.scheme",
    "x-edge-location": "cloudfront.edge_location", "x-edge-result-type": "cloudfront.result_type",
    "x-edge-request-id": "cloudfront.request_id",
}  # fmt: skip
_NUMBERS = {
    "s-port": "destination.port", "c-port": "source.port", "sc-bytes": "http.response.body.bytes",
    "cs-bytes": "http.request.body.bytes", "sc-substatus": "iis.access.sub_status",
    "sc-win32-status": "iis.access.win32_status",
}  # fmt: skip
_DECODED = {"cs(User-Agent)": "user_agent.original", "cs(Referer)": "http.request.referrer"}


class W3C(TextFormat):
    """One request a line, times in UTC."""

    name = "w3c"
    first = "#0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:
        if line[0] == "#":
            return _directive(line, memory)
        values = _values(line)
        columns = memory.get(_FIELDS)
        if columns is None and _DAY.match(line):
            columns = _DEFAULTS.get(len(values))
            if columns is None or not is_address(values[2]) or values[3].upper() not in web.METHODS:
                return None
        if columns is None or len(columns) != len(values):
            return None
        part = {key: value for key, value in zip(columns, values, strict=True) if value not in ("-", "")}
        stamp = _stamp(part, memory)
        return None if stamp is None else {"@timestamp": stamp, "message": line, **_fields(part)}


def _directive(line: str, memory: Memory) -> Fields | None:
    match = _DIRECTIVE.fullmatch(line)
    if match is None:
        return None
    if match["fields"]:
        memory[_FIELDS] = match["fields"].split()
    if match["date"]:
        memory[_DATE] = match["date"]
    return Preamble()


def _values(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    if '"' not in line:
        return line.split()
    return [(quoted or bare).replace('""', '"') for quoted, bare in _TOKEN.findall(line)]


def _stamp(part: dict[str, str], memory: Memory) -> Stamp | None:
    date, time = part.pop("date", memory.get(_DATE)), part.pop("time", None)
    stamp = read_stamp(f"{date} {time}") if date and time else None
    return None if stamp is None else stamp._replace(zoned=True)


def _fields(part: dict[str, str]) -> Fields:
    fields: Fields = {}
    for prefix, key in (("source", "c-ip"), ("destination", "s-ip")):
        if key in part:
            web.address(fields, prefix, f"[{part.pop(key)}]")
    _url(fields, part)
    if "sc-status" in part and part["sc-status"].isdigit():
        web.status(fields, part.pop("sc-status")[:9])
    taken = part.pop("time-taken", "")
    nanoseconds = web.seconds_ns(taken)
    if nanoseconds is not None:  # IIS writes whole milliseconds, others seconds with decimals
        fields["event.duration"] = nanoseconds if "." in taken else nanoseconds // 1000
    version = part.pop("cs-version", part.pop("cs-protocol-version", ""))
    if version:
        fields["http.version"] = version.removeprefix("HTTP/")
    for key, value in part.items():
        _column(fields, key, value)
    return fields


def _column(fields: Fields, key: str, value: str) -> None:
    if key in _NUMBERS and value.isdigit():
        fields[_NUMBERS[key]] = int(value[:18])
    elif key in _DECODED:
        fields[_DECODED[key]] = unquote_plus(value, errors="replace")
    elif key in _WORDS:
        fields[_WORDS[key]] = value
    else:
        fields[f"w3c.{key.strip(')').replace('(', '_')}"] = value


def _url(fields: Fields, part: dict[str, str]) -> None:
    stem = part.pop("cs-uri-stem", part.pop("cs-uri", ""))
    query = part.pop("cs-uri-query", "")
    if stem:
        web.target(fields, f"{stem}?{query}" if query else stem)
    host = part.pop("cs-host", part.pop("cs(Host)", ""))
    if host:
        web.authority(fields, host)
