"""`%{…}` inside option values, compiled once to a function of the event.

| written | becomes |
|---|---|
| `%{a}`, `%{[a][b]}` | the field; the reference itself, untouched, where it is missing or null |
| `%{+YYYY.MM}`, `%{{yyyy-MM}}` | `@timestamp` by a Joda or a java.time pattern |
| `%{+%s}`, `%{}` | `@timestamp` in whole seconds since the epoch |
| `%{{TIME_NOW}}` | the current time |
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from shipper.clock import SystemClock
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.timeformat import PatternError, java_writer, joda_writer
from shipper.logstash_runner.timestamp import SECOND, iso
from shipper.logstash_runner.words import java_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.clock import Clock
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.timeformat import Writer

    Render = Callable[[Event], str]

_SYSTEM = SystemClock()


def is_dynamic(text: str) -> bool:
    """Whether the text depends on the event."""
    at = text.find("%{")
    return at >= 0 and text.find("}", at) >= 0


@functools.lru_cache(maxsize=10_000)
def compile_template(text: str, clock: Clock = _SYSTEM) -> Render:
    """A function that fills the references of `text` in.

    The function raises `EventFault` where Logstash raises: a malformed reference, a pattern that does not exist.
    """
    if not is_dynamic(text):
        return lambda _: text
    parts = _parts(text, clock)
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    return lambda event: "".join([part if isinstance(part, str) else part(event) for part in parts])


def _parts(text: str, clock: Clock) -> list[str | Render]:
    parts: list[str | Render] = []
    at = 0
    opens, closes = text.find("%{"), text.find("}", text.find("%{"))
    while opens >= 0 and closes >= 0:
        if opens > at:
            parts.append(text[at:opens])
        inner = text[opens + 2 : closes]
        if inner.startswith("{") and closes + 1 >= len(text):
            parts.append(_failing("index out of bounds"))
        elif inner.startswith("{") and text[closes + 1] == "}":
            closes += 1
            parts.append(_java_time(inner[1:], clock))
        elif inner in ("", "+", "+%", "+%s"):
            parts.append(_epoch)
        elif inner.startswith("+"):
            parts.append(_time(joda_writer, inner[1:]))
        else:
            parts.append(_field(inner))
        at = closes + 1
        opens = text.find("%{", at)
        closes = text.find("}", opens) if opens >= 0 else -1
    if at < len(text):
        parts.append(text[at:])
    return parts


def _field(reference: str) -> Render:
    literal = f"%{{{reference}}}"
    try:
        path = parse_reference(reference)
    except EventFault as fault:
        return _failing(str(fault))

    def render(event: Event) -> str:
        value = event.get(path)
        if type(value) is str:
            return value
        return literal if value is None else java_text(value)

    return render


def _epoch(event: Event) -> str:
    timestamp = event.timestamp
    return "" if timestamp is None else str(timestamp.ns // SECOND)


def _java_time(pattern: str, clock: Clock) -> Render:
    if pattern == "TIME_NOW":
        return _now(clock)
    return _time(java_writer, pattern)


def _now(clock: Clock) -> Render:
    last: tuple[int, str] = (-1, "")

    def render(_: Event) -> str:
        nonlocal last
        micros = int(clock.time() * 1_000_000)
        second, fraction = divmod(micros, 1_000_000)
        known, head = last
        if second != known:
            head = iso(second * SECOND)[:20]
            last = (second, head)
        return f"{head}{fraction // 1000:03d}Z" if fraction % 1000 == 0 else f"{head}{fraction:06d}Z"

    return render


def _time(compiler: Callable[[str], Writer], pattern: str) -> Render:
    try:
        write = compiler(pattern)
    except PatternError as error:
        return _failing(str(error))

    def render(event: Event) -> str:
        timestamp = event.timestamp
        if timestamp is None:
            return ""
        try:
            return write(timestamp)
        except (OverflowError, ValueError) as error:
            raise EventFault(f"{timestamp} cannot be written as {pattern}") from error

    return render


def _failing(message: str) -> Render:
    def render(_: Event) -> str:
        raise EventFault(message)

    return render
