"""The JSON of one event."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

from shipper.lumberjack.frames import FrameError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def decode_event(payload: bytes) -> dict[str, Any]:
    """The object in `payload`; escaped half surrogates (text that was no UTF-8 at its source) become U+FFFD.

    Raises:
        FrameError: not JSON, not UTF-8, or not an object.
    """
    try:
        event = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        if not _SURROGATE.search(payload):
            raise FrameError(f"an event is not JSON: {error}") from None
        event = _repaired(payload)
    if type(event) is not dict:
        raise FrameError("an event is not a JSON object")
    return event


def _repaired(payload: bytes) -> Any:
    try:
        value = json.loads(payload, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"an event is not JSON: {error}") from None
    text = json.dumps(value, ensure_ascii=False)
    return orjson.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
