"""Lines that begin with a time and name a level: the layout is read off the line itself.

`2026-01-01 12:00:00,123 - shop.checkout - INFO - text`, `12:00:00 [main] WARN  c.a.Orders: text`,
`[2026-01-01T12:00:00Z] ERROR (pid 12) text`, … The words between time and text are told apart by what they look like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import WORDS
from shipper.agent.codec.stamp import Stamp, match_stamp
from shipper.ecs.instant import parse_epoch

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_LEVEL = "|".join(
    sorted(WORDS | {word.upper() for word in WORDS} | {word.capitalize() for word in WORDS}, key=len, reverse=True)
)
_SEPARATOR = re.compile(r"[ \t]*(?:[|:;,]|--+|-(?= )|=>|::)?[ \t]*")
_BRACKETED = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|<([^<>]*)>|\{([^{}]*)\}")
_LEVEL_WORD = re.compile(rf"(?!Exception in thread |panic serving |[Ff]atal error)({_LEVEL})(?=[\s:;,|\]/\-\[(]|$)")
_DOTTED = re.compile(r"[A-Za-z_$][\w$\-]*(?:[./][\w$*\-]+)+(?:\[[^\]]*\])?")
_KNOWN_LOGGERS = frozenset([
    "root", "__main__", "__mp_main__", "main", "uvicorn", "gunicorn", "hypercorn", "werkzeug", "asyncio", "celery",
    "kombu", "django", "flask", "tornado", "aiohttp", "sqlalchemy", "urllib3", "requests", "httpx", "httpcore",
    "scrapy", "py", "botocore", "boto3", "paramiko", "apscheduler", "alembic", "pika", "kafka", "multiprocessing",
    "concurrent", "fastapi", "starlette", "airflow", "dagster", "prefect", "ray", "dask", "distributed",
])  # fmt: skip
_NAME = re.compile(r"[A-Za-z_$][\w$.\-/]*")
_THREAD = re.compile(
    r"(?:main|MainThread|Main|Thread[\- ]?\d+.*|.*-(?:thread|exec|worker|Worker|pool|executor)-?\d*.*|pool-\d+.*"
    r"|[\w.\-]+-\d+(?:-[\w\-]+)*"
    r"|Process-\d+|MainProcess|ForkPoolWorker-\d+|AsyncIO.*|thread \d+)"
)
_PID = re.compile(r"(?:pid[:= ]?\s*)?(\d{1,10})(?:[:/](\d{1,20}))?")
_PID_BEFORE = re.compile(r"[ \t]*(?:\[\d{1,10}\]:?[ \t]*)?[ \-|:\[]*")
_MDC = re.compile(r"\[(?:\(null\)|(?P<pairs>[\w.\-]+=[^\[\],=]*(?:, ?[\w.\-]+=[^\[\],=]*)*))\] - ")
_MDC_IDS = {"traceId": "trace.id", "trace_id": "trace.id", "trace.id": "trace.id", "spanId": "span.id",
            "span_id": "span.id", "span.id": "span.id", "transaction.id": "transaction.id"}  # fmt: skip
_CLASS = re.compile(r"(?:[\w$]+\.)*[A-Z][\w$]*")
_EPOCH_BRACKET = re.compile(r"\[(\d{10})(?=\] )")
_FRAME = re.compile(r"\(([\w$]+\.java):([\w$<>]+)\((\d{1,9})\)\)")
"""Hadoop's `(NativeCodeLoader.java:<clinit>(62))`."""
_LOGGER_NEXT = re.compile(r":?\s+(?:\[[^\[\]]*\] )?[a-z][\w$]*(?:\.[\w$]+)+(?:\s|:|$)")
_TWISTED = re.compile(r"([\w.]+)#(debug|info|warn|error|critical)")
_PROSE = frozenset({"log", "exception", "success", "config", "fine", "finer", "finest", "alert", "notice"})
"""Words that begin a sentence: `Log opened.` has no level."""
_THREADED = re.compile(r"(\S[^/]{0,100})/(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)")
_NUMBERED = re.compile(r"([\w.]{1,200}) +:(\d{1,7})")
_PLUGIN = re.compile(r"(?:input|output|filter|custom|parser|engine|storage|multiline|lua)(?::[\w.\-]+)+")
_FACILITY = re.compile(r"/([A-Za-z][\w\-]{0,60})(?=: )")
"""Icinga's `information/ApiListener: text`."""
_LETTER = re.compile(r"([TDIWEF])(?:! | (?=[\w./\-]{1,300}\.(?:cc|h|cpp|c|cu|py):\d{1,7}\] ))")
"""Telegraf's `E! text`, TensorFlow's `I tensorflow/core/x.cc:182] text`."""
_LETTERS = frozenset("TDIWEF")
_EPOCH = re.compile(r"(\d{10}(?:\.\d{1,9})?): ")
_PLACE = re.compile(r"([\w./\\\-]+\.\w{1,5}):(\d+)")


class Headline(TextFormat):
    """A time, then a level within the next words; or a time alone."""

    name = "headline"
    continuation = Continuation.ANY
    weak = True

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        start = 1 if line[0] in "[(<" else 0
        found = match_stamp(line, start) or _epoch(line)
        if found is None:
            return None
        stamp, end = found
        if start:
            if line[end : end + 1] not in ("]", ")", ">"):
                return None
            end += 1
        fields, end = ({}, end + 1) if _EPOCH_BRACKET.match(line) else read_prefix(line, end)
        fields["@timestamp"] = stamp
        fields["message"] = line[end:]
        take_mdc(fields)
        return fields


def _epoch(line: str) -> tuple[Stamp, int] | None:
    """`1767225600: text`, as mosquitto writes it; `[1767225600] text`, as Nagios does."""
    match = _EPOCH.match(line) or _EPOCH_BRACKET.match(line)
    epoch = None if match is None else parse_epoch(match[1])
    return None if match is None or epoch is None else (Stamp(epoch, zoned=True), match.end(1))


def read_prefix(line: str, at: int) -> tuple[Fields, int]:
    """The words between time and message from `at` on -> (fields, where the message begins).

    Words are taken only up to the last one that is surely no part of the message: the level, or a bracket, or a
    logger before a separator.
    """
    fields: Fields = {}
    sure = _SEPARATOR.match(line, at).end()  # type: ignore[union-attr]  # matches the empty text
    here = sure
    for _ in range(8):
        here = _SEPARATOR.match(line, here).end()  # type: ignore[union-attr]  # matches the empty text
        after = _word(fields, line, here)
        if after is None:
            break
        here = after
        sure = here
    if "process.pid" in fields and "log.logger" in fields:
        _pid_or_thread(fields, line[at:sure])
    return fields, _SEPARATOR.match(line, sure).end()  # type: ignore[union-attr]  # matches the empty text


def _pid_or_thread(fields: Fields, prefix: str) -> None:
    """`[7] INFO Shop.Orders - text`: a thread of log4net or log4j, no process, where a class stands as the logger."""
    number = f"[{fields['process.pid']}]"
    if number in prefix and "process.thread.id" not in fields and _CLASS.fullmatch(fields["log.logger"]) is not None:
        fields["process.thread.id"] = fields.pop("process.pid")


def take_mdc(fields: Fields) -> None:
    """Logback's and log4net's context between logger and text: `[traceId=4bf9, user=ann] - text`, `[(null)] - text`."""
    match = _MDC.match(fields["message"]) if "log.logger" in fields else None
    if match is None:
        return
    fields["message"] = fields["message"][match.end() :]
    for pair in (match["pairs"] or "").split(","):
        key, _, value = pair.strip().partition("=")
        if key and value:
            fields.setdefault(_MDC_IDS.get(key, f"labels.{key.replace('.', '_')}"), value)


def _word(fields: Fields, line: str, at: int) -> int | None:
    """Take one word of the prefix; where it ends, or None where the message has begun."""
    bracket = _BRACKETED.match(line, at)
    if bracket is not None and not (bracket[0][0] == "(" and "log.logger" in fields and _FRAME.match(line, at)):
        return _bracket_word(fields, line, bracket)
    if "log.level" in fields:
        return _bare(fields, line, at)
    level = _LEVEL_WORD.match(line, at)
    if level is not None:
        return _level(fields, line, level)
    letter = _LETTER.match(line, at)
    if letter is not None:
        fields["log.level"] = letter[1]
        return letter.end(1) + (line[letter.end(1)] == "!")
    return _bare(fields, line, at)


def _bracket_word(fields: Fields, line: str, bracket: re.Match[str]) -> int | None:
    content = (bracket[1] or bracket[2] or bracket[3] or bracket[4] or "").strip()
    end = bracket.end()
    named = bracket[2] and "log.level" not in fields and content.lower() not in WORDS and _NAME.fullmatch(content)
    if named and not _names_level(line[end : end + 80], plain=False):  # `(VI_1) Entering MASTER STATE` is text
        return None
    if _bracketed(fields, content):
        return end
    if "log.level" in fields and bracket[1] is not None and _LOGGER_NEXT.match(line, end) is not None:
        fields.setdefault("process.thread.name" if "process.thread.name" not in fields else "labels.mdc", content)
        return end
    return None


def _level(fields: Fields, line: str, level: re.Match[str]) -> int | None:
    if not level[1].isupper() and level[1].lower() in _PROSE and line[level.end() : level.end() + 1] == " ":
        return None
    fields["log.level"] = level[1]
    facility = _FACILITY.match(line, level.end())
    if facility is not None:
        fields["log.logger"] = facility[1]
    return level.end() if facility is None else facility.end()


def _bare(fields: Fields, line: str, at: int) -> int | None:
    frame = _FRAME.match(line, at) if "log.logger" in fields else None
    if frame is not None:
        fields["log.origin.file.name"], fields["log.origin.function"] = frame[1], frame[2]
        fields["log.origin.file.line"] = int(frame[3])
        return frame.end()
    place = _PLACE.match(line, at)
    if place is not None and "log.origin.file.name" not in fields:
        fields["log.origin.file.name"], fields["log.origin.file.line"] = place[1], int(place[2][:9])
        return place.end() + (line[place.end() : place.end() + 2] == "] ")
    if line[at : at + 1].isdigit():
        pid = _PID.match(line, at)
        if (
            pid is None
            or "process.pid" in fields
            or line[pid.end() : pid.end() + 1] not in (" ", "\t", ":")
            or "log.level" in fields
        ):
            return None
        fields["process.pid"] = int(pid[1])
        return pid.end()
    return _logger(fields, line, at)


def _logger(fields: Fields, line: str, at: int) -> int | None:
    name = _DOTTED.match(line, at) or _NAME.match(line, at)
    if name is None or "log.logger" in fields:
        return None
    text, after = name[0], line[name.end() :]
    surely = name.re is _DOTTED or text.split(".")[0] in _KNOWN_LOGGERS or "_" in text
    ended = re.match(r"\s*(?:[:|]\s|-{1,2}\s)", after) is not None
    before_level = "log.level" not in fields and _names_level(after, plain=name.re is _NAME and "_" not in text)
    if text.endswith((".", "-", "/")) or not after or (name.re is _DOTTED and text.startswith(("http", "/"))):
        return None
    if not (
        before_level or (surely and "log.level" in fields) or (ended and "log.level" in fields and " - " in after[:4])
    ):
        return None
    fields["log.logger"] = text
    return name.end()


def _names_level(after: str, *, plain: bool) -> bool:
    """Does a level follow a name? After a `plain` word and a blank only in capitals: `Connection error` is prose."""
    level = _LEVEL_WORD.match(_PID_BEFORE.sub("", after, count=1))
    return level is not None and (not plain or level[1].isupper() or not after[:2].strip().isalpha())


def _marked(fields: Fields, content: str) -> bool:
    """Take what some loggers put into brackets.

    Twisted's `[web.server#info]`, Gitea's `[I]`, Minecraft's `[Server thread/INFO]`, Salt's `[salt.minion  :123 ]`,
    Fluent Bit's `[output:es:es.0]`, Akka's actors.
    """
    threaded = _THREADED.fullmatch(content)
    if threaded is not None and "log.level" not in fields:
        fields["process.thread.name"], fields["log.level"] = threaded[1], threaded[2]
        return True
    numbered = _NUMBERED.fullmatch(content)
    if numbered is not None and "log.logger" not in fields:
        fields["log.logger"], fields["log.origin.file.line"] = numbered[1], int(numbered[2])
        return True
    if "log.level" in fields and "log.logger" not in fields and _PLUGIN.fullmatch(content) is not None:
        fields["log.logger"] = content
        return True
    twisted = _TWISTED.fullmatch(content)
    if twisted is not None and "log.level" not in fields:
        fields["log.logger"], fields["log.level"] = twisted[1], twisted[2]
        return True
    if content in _LETTERS and "log.level" not in fields:
        fields["log.level"] = content
        return True
    if content.startswith("akka") and "://" in content:
        fields.setdefault("log.logger", content)
        return True
    return False


def _bracketed(fields: Fields, content: str) -> bool:
    """Take the content of a bracket; False where it is part of the message."""
    if content in ("", "-") or _marked(fields, content):
        return True
    if content in WORDS or content.lower() in WORDS:
        return bool(fields.setdefault("log.level", content) == content)
    pid = _PID.fullmatch(content)
    if pid is not None:
        if "process.pid" in fields:
            fields.setdefault("process.thread.id", int(pid[1]))
        else:
            fields["process.pid"] = int(pid[1])
        return True
    place = _PLACE.fullmatch(content)
    if place is not None:
        fields["log.origin.file.name"], fields["log.origin.file.line"] = place[1], int(place[2][:9])
        return True
    if _THREAD.fullmatch(content) is not None and "process.thread.name" not in fields:
        fields["process.thread.name"] = content
        return True
    if "log.logger" not in fields and _NAME.fullmatch(content) is not None:
        fields["log.logger"] = content
        return True
    return False
