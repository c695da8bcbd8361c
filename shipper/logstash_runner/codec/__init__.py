"""The codecs: `CODECS` declares their options; `make_decoder` and `make_encoder` build what inputs and outputs use."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.errors import ConfigError
from shipper.logstash_runner.codec.decode import Decoder, JsonDecoder, JsonLinesDecoder, PlainDecoder
from shipper.logstash_runner.codec.rubydebug import render
from shipper.logstash_runner.plugin import Boolean, CodecOptions, OutsideSubsetError, String, bind, find
from shipper.logstash_runner.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.tree import Plugin

    Encode = Callable[[Event], bytes]


class PlainOptions(CodecOptions, frozen=True, kw_only=True):
    """`format` is what outputs write."""

    charset: String = "UTF-8"
    format: String | None = None


class LineOptions(PlainOptions, frozen=True, kw_only=True):
    """As plain, a delimiter after each event."""

    delimiter: String = "\n"


class JsonOptions(CodecOptions, frozen=True, kw_only=True):
    """One JSON text."""

    charset: String = "UTF-8"


class JsonLinesOptions(JsonOptions, frozen=True, kw_only=True):
    """A delimiter after each JSON text."""

    delimiter: String = "\n"


class RubydebugOptions(CodecOptions, frozen=True, kw_only=True):
    """For people; `metadata` shows `@metadata` too."""

    metadata: Boolean = False


def _plain_decoder(options: Any) -> Decoder:
    return PlainDecoder(options.charset)


def _plain_encoder(options: Any) -> Encode:
    text = compile_template(options.format if options.format is not None else "%{@timestamp} %{host} %{message}")
    return lambda event: text(event).encode()


def _line_encoder(options: Any) -> Encode:
    text = _plain_encoder(options)
    end = options.delimiter.encode()
    return lambda event: text(event) + end


def _json_lines_encoder(options: Any) -> Encode:
    end = options.delimiter.encode()
    return lambda event: event.encode() + end


def _rubydebug_encoder(options: Any) -> Encode:
    if options.metadata:
        return lambda event: render(event.whole()).encode() + b"\n"
    return lambda event: render(event.document()).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Codec:
    """One codec: its options and its two halves; None where it has no such half."""

    options: type[CodecOptions]
    decoder: Callable[[Any], Decoder] | None
    encoder: Callable[[Any], Encode] | None


CODECS: Mapping[str, Codec] = {
    "json": Codec(JsonOptions, lambda options: JsonDecoder(options.charset), lambda _: lambda event: event.encode()),
    "json_lines": Codec(
        JsonLinesOptions,
        lambda options: JsonLinesDecoder(options.charset, options.delimiter.encode()),
        _json_lines_encoder,
    ),
    "line": Codec(
        LineOptions, lambda options: PlainDecoder(options.charset, options.delimiter.encode()), _line_encoder
    ),
    "plain": Codec(PlainOptions, _plain_decoder, _plain_encoder),
    "rubydebug": Codec(RubydebugOptions, None, _rubydebug_encoder),
}
"""Codecs of the subset."""

OUTSIDE = frozenset({
    "avro", "cef", "cloudfront", "cloudtrail", "collectd", "dots", "edn", "edn_lines", "es_bulk", "fluent", "graphite",
    "msgpack", "multiline", "netflow", "protobuf",
})  # fmt: skip
"""Codecs that only Logstash has."""


def make_decoder(plugin: Plugin, environment: Mapping[str, str]) -> Decoder:
    """The decoding half of a codec.

    Raises:
        ConfigError: unknown, wrongly configured, or it cannot decode.
    """
    declared, options = _bound(plugin, environment)
    if declared.decoder is None:
        raise ConfigError(f"the codec `{plugin.name}` cannot read", where=str(plugin.place), hint="use json or plain")
    return declared.decoder(options)


def make_encoder(plugin: Plugin, environment: Mapping[str, str]) -> Encode:
    """The encoding half of a codec.

    Raises:
        ConfigError: unknown, wrongly configured, or it cannot encode.
    """
    declared, options = _bound(plugin, environment)
    if declared.encoder is None:
        raise ConfigError(f"the codec `{plugin.name}` cannot write", where=str(plugin.place), hint="use json_lines")
    return declared.encoder(options)


def _bound(plugin: Plugin, environment: Mapping[str, str]) -> tuple[Codec, Any]:
    declared = find(plugin, "codec", CODECS, OUTSIDE)
    options = bind(plugin, "codec", declared.options, environment)
    charset = getattr(options, "charset", "UTF-8")
    try:
        codecs.lookup(charset)
    except LookupError:
        raise OutsideSubsetError(f"the charset {charset} is not known", where=str(plugin.place)) from None
    return declared, options
