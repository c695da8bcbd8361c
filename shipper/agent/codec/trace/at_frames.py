"""Traces whose frames say `at …`: Java and its kin, Node and browsers, .NET and Mono."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import TENTATIVE, Failure, TraceFormat
from shipper.agent.codec.trace.head import read_head

_OPENS = re.compile(
    r'Exception in thread "|Unhandled exception\. [A-Z]|Unhandled Exception: [A-Z]|Uncaught [A-Z]\w*(?:Error|Exception)'
    r"|(?:/|[A-Z]:\\|file://|node:)\S*\.[cm]?[jt]sx?:\d+$|node:\w\S*:\d+$"
)
_NAMED = re.compile(
    r"(?:[\w$]+\.)*[\w$]*(?:Exception|Error|Throwable|Fault)(?:\d|\$[\w$]+)?"
    r"(?: \[\w+\]| \(0x[0-9A-Fa-f]{8}\))?(?::(?:\s.*|$)|$)"
)
_FRAME = re.compile(
    r"[\s|]+(?:eval )?at (?:"
    r"(?=[^\s(]*[.>])[^\s(]+(?:\(| \([^()]*\) \[0x)"  # a.b.C.m(File.java:1), A.B`1.M (T t) [0x00000]
    r"|.*\((?:[^()]*:\d+(?::\d+)?|native|<anonymous>|unknown location|index \d+)\)"  # f (file.js:1:2)
    r"|(?:async )?\S+:\d+:\d+$|<anonymous>|lambda_method\()"
)
_LINK = re.compile(
    r"\s*(?:Caused by: ?\S|Suppressed: |Wrapped by: |Causing: |\.\.\. \d+ (?:more|common frames omitted|frames? )"
    r"|\[CIRCULAR REFERENCE:|--- End of |---> |-+> \(Inner Exception)"
)
_MORE = re.compile(r"\s+(?:at|eval at) \S|\s+- (?:locked|waiting|parking)|[\s|]*\.{3}|Node\.js v\d")
_REASON = re.compile(r"\[[A-Z]\w*: .*\](?P<props> \{)?$")
"""What Node writes of a thrown value that is no error."""
_NODE_WARNING = re.compile(r"\(node:\d+\) (?:UnhandledPromiseRejectionWarning: |Uncaught )?(?=\S)")
_NESTED = re.compile(r"\s*nested exception is:?\s*$")


class AtTrace(TraceFormat):
    """Java, Node and .NET share the word, so they share the machine.

    States: `may` after a line that names an exception, `source` at Node's quoted source, `named` between a head and its
    first frame, `nested` before the head of a nested exception, `frames`, `props` inside Node's `{ code: … }`.
    """

    name = "at"

    def opens(self, line: str) -> str | None:
        if _OPENS.match(line):
            return "named" if '"' in line or not line[-1:].isdigit() or " " in line else "source"
        return TENTATIVE if _NAMED.match(line) else None

    def joins(self, line: str) -> str | None:
        if _FRAME.match(line):
            return "props" if line.endswith("{") else "frames"
        return "named" if _LINK.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _LINK.match(line):
            return "frames" if line.lstrip().startswith("...") else "named"
        if _MORE.match(line):
            return "props" if line.endswith("{") else "frames"
        if state == "props":
            return "frames" if line == "}" else "props" if line[0].isspace() else None
        if _NESTED.match(line):
            return "nested"
        if state == "nested":
            return "named"
        if state == "source":
            reason = _REASON.match(line)
            if reason is not None:
                return "props" if reason["props"] else "named"
            return "named" if _NAMED.match(line) else "source" if line[0].isspace() else None
        return state if state in (TENTATIVE, "named") and line[0].isspace() else None

    def awaits(self, state: str) -> bool:
        return state in (TENTATIVE, "named")

    def read(self, lines: list[str]) -> Failure | None:
        if not any(_FRAME.match(line) or _LINK.match(line) for line in lines):
            return None
        for index, line in enumerate(lines):
            failure = read_head(_NODE_WARNING.sub("", line.lstrip(), count=1))
            if failure is not None:
                return Failure(failure.type, _whole_message(failure.message, lines[index + 1 :]))
            if _FRAME.match(line):
                return None
        return None


def _whole_message(message: str | None, following: list[str]) -> str | None:
    """The rest of a message of several lines; without .NET's inner exceptions."""
    if message is None:
        return None
    parts = [message.split(" ---> ", 1)[0]]
    for line in following:
        if _FRAME.match(line) or _LINK.match(line) or _MORE.match(line) or len(parts) == 50:
            break
        parts.append(line)
    else:
        return parts[0]
    return "\n".join(parts).strip("\n")
