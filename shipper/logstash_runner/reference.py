"""Field references: `name`, `[a][b]`, `[list][0]`, `[@metadata][x]`."""

from __future__ import annotations

import functools

from shipper.logstash_runner.fault import EventFault

METADATA = "@metadata"


@functools.lru_cache(maxsize=10_000)
def parse_reference(text: str) -> tuple[str, ...]:
    """The keys on the way to a field.

    Raises:
        EventFault: brackets that do not fit together; Logstash finds out only when the reference is used.
    """
    if "[" not in text and "]" not in text:
        return (text,)
    keys: list[str] = []
    depth = begin = 0
    previous = ""
    for at, character in enumerate(text):
        if character == "[":
            _check(begin == at, text)
            depth += 1
            begin = at + 1
        elif character == "]":
            _check(depth > 0 and (begin < at or previous == "]"), text)
            if begin < at:
                keys.append(text[begin:at])
            depth -= 1
            begin = at + 1
        else:
            _check(previous != "]", text)
        previous = character
    _check(depth == 0 and bool(keys), text)
    return tuple(keys)


def is_reference(text: str) -> bool:
    """Whether the brackets fit together."""
    try:
        parse_reference(text)
    except EventFault:
        return False
    return True


def _check(valid: bool, text: str) -> None:
    if not valid:
        raise EventFault(f"Invalid FieldReference: `{text}`")
