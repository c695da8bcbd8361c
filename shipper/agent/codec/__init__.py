"""Bytes of a log file become ECS documents: `make_decoder` gives the decoder of one source generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.settings import CodecSettings

if TYPE_CHECKING:
    from shipper.agent.codec.base import Decoder

__all__ = ["CodecSettings", "make_decoder"]


def make_decoder(
    settings: CodecSettings, *, fallback_time: float, resume: bytes = b"", end: int = 0, nested_only: bool = False
) -> Decoder:
    """The decoder of one source generation.

    Args:
        settings: what the user said about the source.
        fallback_time: seconds since the epoch for records before any stamp: the file's modification time when it was
            first seen. It must be the same after every restart.
        resume: `Decoded.resume` of the last acknowledged batch, or empty.
        end: `Decoded.end` of that batch, or 0: the plain offset of the first byte that will be fed.
        nested_only: give every document as a nested dict, none as bytes.
    """
    from shipper.agent.codec.decoder import LogDecoder, nanoseconds  # noqa: PLC0415 - the formats load when needed
    from shipper.agent.codec.encoding import UTF8, EncodedDecoder, canonical  # noqa: PLC0415 - as above

    def of_utf8(resume: bytes, end: int) -> Decoder:
        return LogDecoder(settings, nanoseconds(fallback_time), resume=resume, end=end, nested_only=nested_only)

    encoding = canonical(settings.encoding)
    if encoding == UTF8:
        return of_utf8(resume, end)
    return EncodedDecoder(encoding, of_utf8, resume=resume, end=end)
