"""Ruby's Logger, `E, [2026-01-01T12:00:00.123456 #77] ERROR -- shop: text`, and Sidekiq's lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp, read_stamp
from shipper.agent.codec.text.rails import RAILS_FORMATS, read_ruby

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_LINE = re.compile(
    r"[DIWEFA], \[(?P<time>\S{19,40}) #(?P<pid>\d{1,10})\] +(?P<level>DEBUG|INFO|WARN|ERROR|FATAL|ANY) -- "
    r"(?P<program>[^:]{0,100}): (?P<message>.*)",
    re.DOTALL,
)


_SIDEKIQ = re.compile(
    r" (?:pid=(?P<pid>\d{1,10}) tid=(?P<tid>\w+)(?P<context>(?: [a-z_]+=\S+)*)"
    r"|(?P<pid2>\d{1,10}) TID-(?P<tid2>\w+)(?: (?P<class>[A-Z]\S*) JID-(?P<jid>\w+))?(?: \S+)?) ?"
    r"(?P<level>DEBUG|INFO|WARN|ERROR|FATAL): (?P<message>.*)",
    re.DOTALL,
)


class RubyLogger(TextFormat):
    """The program's name may be empty."""

    name = "ruby"
    continuation = Continuation.ANY
    first = "DIWEFA"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _LINE.fullmatch(line)
        stamp = None if match is None else read_stamp(match["time"])
        if match is None or stamp is None:
            return None
        fields: Fields = {"@timestamp": stamp, "log.level": match["level"], "message": match["message"]}
        fields["process.pid"] = int(match["pid"])
        if match["program"].strip():
            fields["log.logger"] = match["program"].strip()
        inside = read_ruby(match["message"])
        if inside is not None:
            inside.pop("@timestamp", None)
            fields = {**inside, **fields, "message": inside["message"]}
        return fields


class Sidekiq(TextFormat):
    """`2026-01-31T12:00:00.123Z pid=77 tid=abc class=HardJob jid=b4 INFO: start`; before 6 `77 TID-abc …`."""

    name = "sidekiq"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        match = None if found is None else _SIDEKIQ.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        fields["process.pid"] = int(match["pid"] or match["pid2"])
        context = {"tid": match["tid"] or match["tid2"], "class": match["class"], "jid": match["jid"]}
        for pair in (match["context"] or "").split():
            key, _, value = pair.partition("=")
            context[key] = value
        fields.update({f"labels.{key}": value for key, value in context.items() if value})
        return fields


RUBY_FORMATS: Sequence[TextFormat] = (RubyLogger(), Sidekiq(), *RAILS_FORMATS)
