"""Java layouts that need more than a head line: Spring Boot, Tomcat, java.util.logging, Kafka, log4j's TTCC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp, read_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_LEVEL = r"(?P<level>TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|OFF|SEVERE|CONFIG|FINE|FINER|FINEST)"
_SPRING = re.compile(
    rf" +{_LEVEL} +(?:\[(?P<sleuth>[^\]]*)\] +)?(?P<pid>\d+) --- (?P<brackets>\[[^\]]*\](?: ?\[[^\]]*\])*)"
    r" *(?P<logger>[^\s:]+) *: (?P<message>.*)",
    re.DOTALL,
)
_CORRELATION = re.compile(r"([0-9a-f]{16,32})-([0-9a-f]{16})|[\s\-]*")
_TRACE_ID = re.compile(r"[0-9a-f]{16,32}")
_CATALINA = re.compile(
    rf" {_LEVEL} \[(?P<thread>[^\]]*)\] (?P<class>[\w$]+(?:\.[\w$]+)+)\.(?P<method>[a-z_$<][\w$<>]*)"
    r"(?! - )(?: (?P<message>.*)|$)",
    re.DOTALL,
)
_JUL = re.compile(
    r" (?P<class>[\w$\-]+(?:\.[\w$\-]+)+)(?: (?P<method>[\w$<>]+))?(?:\s+" + _LEVEL + r": (?P<message>.*))?\s*",
    re.DOTALL,
)
_JUL_MESSAGE = re.compile(rf"{_LEVEL}:(?: (?P<message>.*)|$)", re.DOTALL)
_KAFKA = re.compile(rf"\] {_LEVEL} (?P<message>.*) \((?P<logger>[\w$]+(?:\.[\w$]+)+)(?::(?P<line>\d+))?\)", re.DOTALL)
_COMPONENT = re.compile(r"\[(?P<component>[^\]]{1,200})\][,:.]? +(?P<message>\S.*)", re.DOTALL)
_TTCC = re.compile(
    rf"\d{{1,12}} \[(?P<thread>[^\]]+)\] {_LEVEL} +(?P<logger>[\w$.]+)(?: (?P<ndc>\S+))? - (?P<message>.*)", re.DOTALL
)
_CASSANDRA = re.compile(rf" ?{_LEVEL} +\[(?P<thread>[^\]]+)\] ")
_CASSANDRA_REST = re.compile(
    r" (?P<file>[\w$]+\.java)(?::(?P<line>\d+) -| \(line (?P<line2>\d+)\)) (?P<message>.*)", re.DOTALL
)
_DROPWIZARD = re.compile(rf"{_LEVEL} +\[(?=\d)")
_DROPWIZARD_REST = re.compile(
    r"\] (?:\[(?P<thread>[^\]]*)\] )?(?P<logger>[\w$]+(?:\.[\w$]+)+): (?P<message>.*)", re.DOTALL
)
_SPARK = re.compile(
    rf"(?P<y>\d\d)/(?P<m>\d\d)/(?P<d>\d\d) (?P<clock>\d\d:\d\d:\d\d(?:[.,]\d{{3}})?) {_LEVEL} +"
    r"(?P<logger>[\w$.]+): (?P<message>.*)",
    re.DOTALL,
)
_JBOSS = re.compile(
    rf" {_LEVEL} +\[(?P<logger>[\w$.\-]+)\] \((?P<thread>[^()]*(?:\([^()]*\)[^()]*)*)\) (?P<message>.*)", re.DOTALL
)
_ZOOKEEPER = re.compile(
    rf"(?: \[myid:(?P<myid>\d*)\])? - {_LEVEL} +\[(?P<thread>[^\]]*):(?P<logger>[\w$.]+)@(?P<line>\d+)\] - "
    r"(?P<message>.*)",
    re.DOTALL,
)
_JETTY = re.compile(
    r": ?(?P<level>INFO|WARN|DBUG|DEBUG|IGNORED|IGNORE) ?:(?P<logger>[\w$.\-]*):(?P<thread>[^:\s]*): (?P<message>.*)",
    re.DOTALL,
)
_JETTY_LEVELS = {"DBUG": "DEBUG", "IGNORED": "TRACE", "IGNORE": "TRACE"}
_NAMES = {
    "level": "log.level",
    "logger": "log.logger",
    "class": "log.logger",
    "method": "log.origin.function",
    "thread": "process.thread.name",
    "file": "log.origin.file.name",
    "message": "message",
    "ndc": "labels.ndc",
    "myid": "labels.myid",
}


class SpringBoot(TextFormat):
    """`… INFO 4711 --- [app] [  main] c.a.Orders  : text`, with Sleuth's and Micrometer's ids."""

    name = "spring-boot"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if " --- [" in line[:400] else None
        match = None if found is None else _SPRING.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields = {"@timestamp": found[0], **_named(match), "process.pid": int(match["pid"][:18])}
        _brackets(fields, [part.strip() for part in match["brackets"][1:-1].replace("] [", "][").split("][")])
        if match["sleuth"] is not None:
            _sleuth(fields, match["sleuth"])
        return fields


def _brackets(fields: Fields, parts: list[str]) -> None:
    """`[app] [thread] [trace-span]`; the first and the last may be missing."""
    if len(parts) > 1 and "," in parts[0]:
        _sleuth(fields, parts.pop(0))
    if len(parts) > 1:
        ids = _CORRELATION.fullmatch(parts[-1])
        if ids is not None:
            parts.pop()
            if ids[1]:
                fields["trace.id"], fields["span.id"] = ids[1], ids[2]
    if len(parts) > 1 and parts[0]:
        fields["service.name"] = parts[0]
    if parts[-1]:
        fields["process.thread.name"] = parts[-1]


def _sleuth(fields: Fields, text: str) -> None:
    """`app,trace,span,exported`."""
    app, *ids = [part.strip() for part in text.split(",")]
    if app and app != "-":
        fields["service.name"] = app
    for name, value in zip(("trace.id", "span.id"), ids, strict=False):
        if _TRACE_ID.fullmatch(value):
            fields[name] = value


class Tomcat(TextFormat):
    """Catalina's one-line and two-line layouts; the latter is that of java.util.logging everywhere."""

    name = "tomcat"
    continuation = Continuation.ANY
    first = "0123456789JFMASOND"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        if found is None:
            return None
        stamp, end = found
        match = _CATALINA.fullmatch(line, end)
        if match is None and line[end - 1] in "Mm":  # AM, PM
            match = _JUL.fullmatch(line, end)
        return None if match is None else {"@timestamp": stamp, **_named(match)}

    def absorbs(self, lines: list[str], line: str) -> bool:
        return len(lines) == 1 and _JUL_MESSAGE.fullmatch(line) is not None

    def complete(self, fields: Fields, more: list[str]) -> None:
        match = _JUL_MESSAGE.fullmatch(more[0]) if "log.level" not in fields else None
        if match is not None:
            fields.update(_named(match))
            more = more[1:]
        fields["message"] = "\n".join([fields.get("message", ""), *more])


class Log4j(TextFormat):
    """Kafka, ZooKeeper, WildFly, Cassandra, Spark, Jetty, TTCC."""

    name = "log4j"
    continuation = Continuation.ANY
    first = "0123456789[TDIWEF "

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] == "[":
            return self._bracketed(line)
        ttcc = _TTCC.fullmatch(line)
        if ttcc is not None:
            return _named(ttcc)
        if line[0].isdigit():
            return self._after_stamp(line)
        dropwizard = _DROPWIZARD.match(line)
        if dropwizard is not None:
            found = match_stamp(line, dropwizard.end())
            text = None if found is None else _DROPWIZARD_REST.fullmatch(line, found[1])
            return (
                None
                if found is None or text is None
                else {"@timestamp": found[0], **_named(dropwizard), **_named(text)}
            )
        head = _CASSANDRA.match(line)
        found = None if head is None else match_stamp(line, head.end())
        rest = None if found is None else _CASSANDRA_REST.fullmatch(line, found[1])
        if head is None or found is None or rest is None:
            return None
        return {"@timestamp": found[0], **_named(head), **_named(rest)}

    def complete(self, fields: Fields, more: list[str]) -> None:
        """Dropwizard writes `! ` before each line of a trace."""
        marked = all(line.startswith("!") for line in more)
        super().complete(fields, [_unmarked(line) for line in more] if marked else more)

    @staticmethod
    def _bracketed(line: str) -> Fields | None:
        found = match_stamp(line, 1)
        match = None if found is None else _KAFKA.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields = {"@timestamp": found[0], **_named(match)}
        component = _COMPONENT.fullmatch(match["message"])
        if component is not None:
            fields["kafka.log.component"], fields["message"] = component["component"], component["message"]
        return fields

    @staticmethod
    def _after_stamp(line: str) -> Fields | None:
        found = match_stamp(line)
        match = None if found is None else _JBOSS.fullmatch(line, found[1]) or _ZOOKEEPER.fullmatch(line, found[1])
        if found is not None and match is not None:
            return {"@timestamp": found[0], **_named(match)}
        jetty = None if found is None or line[found[1] : found[1] + 1] != ":" else _JETTY.fullmatch(line, found[1])
        if found is not None and jetty is not None:
            level = _JETTY_LEVELS.get(jetty["level"], jetty["level"])
            return {"@timestamp": found[0], **_named(jetty), "log.level": level}
        spark = _SPARK.fullmatch(line) if line[2:3] == "/" else None
        stamp = None if spark is None else read_stamp(f"20{spark['y']}-{spark['m']}-{spark['d']} {spark['clock']}")
        return None if spark is None or stamp is None else {"@timestamp": stamp, **_named(spark)}


def _unmarked(line: str) -> str:
    text = line[1:].removeprefix(" ")
    return f"\t{text}" if text.startswith(("at ", "... ")) else text


def _named(match: re.Match[str]) -> Fields:
    part = match.groupdict()
    found: Fields = {_NAMES[key]: value for key, value in part.items() if key in _NAMES and value}
    place = part.get("line") or part.get("line2")
    if place:
        found["log.origin.file.line"] = int(place[:9])
    return found


JAVA_FORMATS: Sequence[TextFormat] = (SpringBoot(), Tomcat(), Log4j())
