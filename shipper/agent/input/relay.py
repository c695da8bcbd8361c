"""A syslog message as one line of the spool, with what a relay must add (RFC 3164 §4.3, RFC 5424)."""

from __future__ import annotations

import re

_HEAD = re.compile(rb"<\d{1,3}>")
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_BSD_WITHOUT_HOST = re.compile(
    rb"(<\d{1,3}>" + _MONTH + rb" [ \d]\d \d\d:\d\d:\d\d )([^\s:\[]{1,48}(?:\[[^\]\s]*\])?:)"
)
_HAS_TIME = re.compile(rb"<\d{1,3}>(?:1 |\d{4}-\d\d-\d\d|\d{0,8}:? ?[*.]?" + _MONTH + rb"\b)")
_CONTROLS = {b"\n": b"#012", b"\r": b"#015", b"\0": b"#000"}
_CONTROL = re.compile(rb"[\n\r\0]")
_USER_NOTICE = b"<13>"


def as_line(message: bytes, peer: str, now: str) -> bytes:
    """One line without its end, or nothing where the message is nothing.

    A message without a priority gets 13, one without a time `now`, one without a host `peer`; control characters that
    would end the line are written as rsyslog writes them (`#012`), and read back by the codec.

    Args:
        message: as it came.
        peer: host name or address of the sender; `-` if it is not known.
        now: ISO 8601 UTC.
    """
    message = message.strip(b"\n\r\0")
    if not message:
        return b""
    message = _CONTROL.sub(lambda match: _CONTROLS[match.group()], message)
    head = _HEAD.match(message)
    if head is None:
        return b"%b1 %b %b - - - - %b" % (_USER_NOTICE, now.encode(), peer.encode(), message)
    without_host = _BSD_WITHOUT_HOST.match(message)
    if without_host is not None:
        return b"%b%b %b" % (without_host[1], peer.encode(), message[without_host.start(2) :])
    if _HAS_TIME.match(message):
        return message
    return b"%b1 %b %b - - - - %b" % (head.group(), now.encode(), peer.encode(), message[head.end() :])
