"""One line in, one flat document out."""

from __future__ import annotations

from typing import Any

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.processor.redact import RedactSettings
from shipper.event import iter_fields


def convert(text: str | bytes, codec: str = "auto", timezone: str = "UTC") -> list[dict[str, Any]]:
    """Documents of `text`, nested, unredacted; untimed records are of 2026-01-01."""
    settings = CodecSettings(codec=codec, timezone=timezone, redact=RedactSettings(enabled=False))
    decoder = make_decoder(settings, fallback_time=1_767_225_600.0, nested_only=True)
    data = text.encode() if isinstance(text, str) else text
    return [dict(document) for part in (decoder.feed(data), decoder.flush()) for document in part.each()]  # type: ignore[arg-type]  # nested_only


def flat(text: str | bytes, codec: str = "auto", timezone: str = "UTC") -> dict[str, Any]:
    """The only document of `text` by dotted names, without `ecs.version`."""
    (document,) = convert(text, codec, timezone)
    return {name: value for name, value in iter_fields(document) if name != "ecs.version"}
