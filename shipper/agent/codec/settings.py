"""What a user may say about the text of a source."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal

from shipper.agent.codec.chronology import zone_of
from shipper.agent.codec.encoding import canonical
from shipper.agent.processor.redact import RedactSettings
from shipper.config import Settings, Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import TextFormat


class CodecSettings(Settings, frozen=True):
    """How bytes become documents.

    Attributes:
        codec: a format's name, or `auto`: found per source and adapted per line.
        encoding: of the bytes: `auto` (a byte order mark, else UTF-8) or a name that Python knows.
        timezone: of stamps that name none: `local`, `UTC`, an IANA name or `+02:00`.
        max_record_bytes: a longer record is cut and flagged `truncated`.
        max_fields: leaf fields of a document; the rest is kept as text in `shipper.overflow`.
        pattern: a layout of one's own, instead of `codec`: named groups, or grok's `%{NAME:field}`.
        patterns: further names for `%{NAME}` in it.
        time_format: `strptime` layout of its time, where it is none of the usual ones.
        continuation: which lines follow a line that it matches: none, trace, indented or any.
        redact: secrets and personal data that never leave.
    """

    codec: str = "auto"
    encoding: str = "auto"
    timezone: str = "local"
    max_record_bytes: Size = Size(1 << 20)
    max_fields: int = 1000
    pattern: str = ""
    patterns: dict[str, str] = {}  # noqa: RUF012 - msgspec copies an empty default
    time_format: str = ""
    continuation: Literal["none", "trace", "indented", "any"] = "any"
    redact: RedactSettings = RedactSettings()

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an unknown format or zone, a pattern that cannot work, or limits without sense.
        """
        from shipper.agent.codec.registry import NAMES  # noqa: PLC0415 - the formats are many; a model needs names only

        if self.codec != "auto" and self.codec not in NAMES:
            longer = [name for name in sorted(NAMES) if name.startswith(self.codec)]
            near = longer or difflib.get_close_matches(self.codec, ("auto", *NAMES), n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"unknown codec {self.codec!r}; {meant}known: auto, {', '.join(sorted(NAMES))}")
        if self.pattern:
            self.formats()
        elif self.patterns or self.time_format:
            raise ValueError("patterns and time_format belong to a pattern, and there is none")
        canonical(self.encoding)
        zone_of(self.timezone)
        if not 1024 <= self.max_record_bytes <= 64 << 20:
            raise ValueError("max_record_bytes must be between 1KiB and 64MiB")
        if not 10 <= self.max_fields <= 10_000:
            raise ValueError("max_fields must be between 10 and 10000")

    def formats(self) -> Sequence[TextFormat]:
        """The formats that come into question, the surest first."""
        from shipper.agent.codec.registry import candidates  # noqa: PLC0415 - as above

        if not self.pattern:
            return candidates(self.codec)
        from shipper.agent.codec.text.pattern import user_pattern  # noqa: PLC0415 - few need it

        definitions = tuple(sorted(self.patterns.items()))
        return (user_pattern(self.pattern, definitions, self.time_format, self.continuation),)
