"""What a user may say about the text of a source."""

from __future__ import annotations

from shipper.agent.codec.chronology import zone_of
from shipper.agent.processor.redact import RedactSettings
from shipper.config import Settings, Size


class CodecSettings(Settings, frozen=True):
    """How bytes become documents.

    Attributes:
        codec: a format's name, or `auto`: found per source and adapted per line.
        timezone: of stamps that name none: `local`, `UTC`, an IANA name or `+02:00`.
        max_record_bytes: a longer record is cut and flagged `truncated`.
        max_fields: leaf fields of a document; the rest is kept as text in `shipper.overflow`.
        redact: secrets and personal data that never leave.
    """

    codec: str = "auto"
    timezone: str = "local"
    max_record_bytes: Size = Size(1 << 20)
    max_fields: int = 1000
    redact: RedactSettings = RedactSettings()

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an unknown format or zone, or limits without sense.
        """
        from shipper.agent.codec.registry import NAMES  # noqa: PLC0415 - the formats are many; a model needs names only

        if self.codec != "auto" and self.codec not in NAMES:
            raise ValueError(f"unknown codec {self.codec!r}; known: auto, {', '.join(sorted(NAMES))}")
        zone_of(self.timezone)
        if not 1024 <= self.max_record_bytes <= 64 << 20:
            raise ValueError("max_record_bytes must be between 1KiB and 64MiB")
        if not 10 <= self.max_fields <= 10_000:
            raise ValueError("max_fields must be between 10 and 10000")
