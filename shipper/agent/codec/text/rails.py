"""What Rails says about a request, alone on a line or inside Ruby's Logger; and Puma's lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import read_stamp
from shipper.agent.codec.structured.json_line import JsonLine
from shipper.agent.codec.text.logfmt import Logfmt
from shipper.ecs.coerce import is_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_TAG = re.compile(r"\[([^\[\]\s]{1,200})\] ")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}")
_STARTED = re.compile(r'Started (?P<method>[A-Z]{3,10}) "(?P<target>[^"]*)" for (?P<ip>\S+) at (?P<time>\S.{15,40})')
_PROCESSING = re.compile(
    r"Processing by (?P<controller>[A-Z][\w:]*)#(?P<action>[\w!?]+)(?: as (?P<format>\S+))?", re.ASCII
)
_COMPLETED = re.compile(
    r"Completed (?P<status>\d{3}) [\w '\-]+ in (?P<took>\d{1,9}(?:\.\d+)?)ms(?: \((?P<parts>.*)\))?"
)
_PART = re.compile(r"(?P<name>Views|ActiveRecord|Allocations|GC): (?P<value>\d{1,12}(?:\.\d{1,6})?)")
_PARTS = {"Views": "duration.view", "ActiveRecord": "duration.active_record", "Allocations": "allocations",
          "GC": "duration.gc"}  # fmt: skip
_PROCESSED = {"controller": "rails.controller.class", "action": "rails.controller.action",
              "format": "rails.request.format"}  # fmt: skip
_RAISED = re.compile(r"(?P<type>[A-Z]\w*(?:::[A-Z]\w*)*(?:Error|Exception|NotFound|Invalid\w*)) \((?P<message>.*)\):")
_WORDS = ("Started ", "Processing by ", "Completed ")
_PUMA = re.compile(r"\[(?P<pid>\d{1,10})\] (?P<message>(?:[*\-!+] |Puma starting |=== puma ).*)", re.DOTALL)
_PUMA_ANY = re.compile(r"\[(?P<pid>\d{1,10})\] (?P<message>.+)", re.DOTALL)
_LOGFMT, _JSON = Logfmt(), JsonLine()


def read_rails(text: str) -> Fields | None:
    """The fields of a message of Rails, its tags cut off; None where it is none. Only `Started …` has a time."""
    at, tags = _tags(text)
    if not text.startswith((*_WORDS, "method="), at):
        raised = _RAISED.fullmatch(text, at)
        if raised is None:
            return {**tags, "message": text[at:]} if tags else None
        return {**tags, "message": text[at:], "error.type": raised["type"], "error.message": raised["message"]}
    rest = text[at:].rstrip()
    fields = _request(rest)
    if fields is None:
        return {**tags, "message": text[at:]} if tags else None
    return {"message": rest, **fields, **tags}


def _tags(text: str) -> tuple[int, Fields]:
    """`[request id] [address] `, the tags that Rails' guide shows -> (where the text begins, fields)."""
    match = _TAG.match(text)
    if match is None or _UUID.fullmatch(match[1]) is None:
        return 0, {}
    fields: Fields = {"http.request.id": match[1]}
    second = _TAG.match(text, match.end())
    if second is None or not is_address(second[1]):
        return match.end(), fields
    web.address(fields, "source", f"[{second[1]}]")
    return second.end(), fields


def _request(text: str) -> Fields | None:
    if text.startswith("Started "):
        return _started(text)
    if text.startswith("Completed "):
        return _completed(text)
    if text.startswith("method="):
        return _LOGFMT.parse(text, {})
    match = _PROCESSING.fullmatch(text)
    if match is None:
        return None
    return {_PROCESSED[name]: value for name, value in match.groupdict().items() if value}


def _started(text: str) -> Fields | None:
    match = _STARTED.fullmatch(text)
    stamp = None if match is None else read_stamp(match["time"])
    if match is None or stamp is None:
        return None
    fields: Fields = {"@timestamp": stamp, "http.request.method": match["method"]}
    web.target(fields, match["target"], match["method"])
    web.address(fields, "source", f"[{match['ip']}]")
    return fields


def _completed(text: str) -> Fields | None:
    match = _COMPLETED.fullmatch(text)
    if match is None:
        return None
    fields: Fields = {"event.duration": round(float(match["took"]) * 1_000_000)}
    web.status(fields, match["status"])
    for part in _PART.finditer(match["parts"] or ""):
        value = part["value"]
        fields.setdefault(f"rails.request.{_PARTS[part['name']]}", float(value) if "." in value else int(value))
    return fields


def read_ruby(text: str) -> Fields | None:
    """What stands inside a line of Ruby's Logger: Rails' lines, lograge's pairs or JSON."""
    if text.startswith("{") and text.rstrip().endswith("}"):
        return _JSON.parse(text, {})
    return read_rails(text)


class Rails(TextFormat):
    """`Started GET "/a" for 1.2.3.4 at …`, `Processing by A#b as HTML`, `Completed 200 OK in 12ms (…)`."""

    name = "rails"
    continuation = Continuation.TRACE
    first = "[SPC"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        return read_rails(line) if line[0] == "[" or line.startswith(_WORDS) else None


class Puma(TextFormat):
    """`[1234] * Listening on http://0.0.0.0:3000`: the master's and the workers' lines in cluster mode."""

    name = "puma"
    continuation = Continuation.TRACE
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:
        match = (_PUMA_ANY if memory.get("puma") else _PUMA).fullmatch(line)
        if match is None:
            return None
        memory["puma"] = True
        return {"process.pid": int(match["pid"]), "message": match["message"]}


RAILS_FORMATS: Sequence[TextFormat] = (Rails(), Puma())
