"""The little of HTTP that a scraper and a probe need: one GET, one answer, and the connection ends."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

LONGEST = 8192
"""Bytes of a request's head at most."""
_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.[01]")
_HOST = re.compile(rb"\r?\nhost:[ \t]*([!-~]*)[ \t]*(?=\r?\n)", re.IGNORECASE)
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"

    def encoded(self, *, head_only: bool = False) -> bytes:
        """As it goes over the wire."""
        allow = "Allow: GET, HEAD\r\n" if self.status == 405 else ""
        head = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\nContent-Type: {self.kind}\r\n"
            f"Content-Length: {len(self.body)}\r\nCache-Control: no-store\r\n"
            f"X-Content-Type-Options: nosniff\r\n{allow}Connection: close\r\n\r\n"
        )
        return head.encode() + (b"" if head_only else self.body)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be answered."""

    path: str
    head_only: bool


def read_request(data: bytes, *, any_host: bool) -> Request | Answer | None:
    """The request at the begin of `data`, the answer to one that cannot be served, or None: more must come.

    Args:
        data: all that came so far.
        any_host: whether a request may name any host; else only an address or `localhost`, so that a web page cannot
            ask through a name that it points at this host (DNS rebinding).
    """
    end = _end(data)
    if end < 0:
        if len(data) > LONGEST:
            return Answer(431, b"the request is too long\n")
        first = data[: data.find(b"\n")] if b"\n" in data else data[:32]
        return None if _may_be_request(first) else Answer(400, b"this is no HTTP request\n")
    line, _, _ = data.partition(b"\n")
    matched = _LINE.fullmatch(line.rstrip(b"\r"))
    if matched is None or end > LONGEST:
        return Answer(400, b"this is no HTTP request\n")
    if matched[1] not in (b"GET", b"HEAD"):
        return Answer(405, b"only GET is answered here\n")
    host = _HOST.search(data, 0, end)
    if host is not None and not any_host and not _is_own(host[1].decode("ascii")):
        return Answer(403, b"name this host by its address\n")
    return Request(matched[2].partition(b"?")[0].decode("ascii"), matched[1] == b"HEAD")


def _end(data: bytes) -> int:
    """Where the head ends, its last line's end included; -1 if it is not whole."""
    ends = [found + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (found := data.find(mark)) >= 0]
    return min(ends, default=-1)


def _may_be_request(first: bytes) -> bool:
    return re.match(rb"[A-Z]{1,16}( |$)", first) is not None


def _is_own(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name in ("", "localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
