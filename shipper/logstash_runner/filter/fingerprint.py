"""Filter `fingerprint`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import uuid
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import regex

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration, read_of, write_of
from shipper.logstash_runner.filter.murmur import murmur3_32, murmur3_128
from shipper.logstash_runner.plugin import Array, Boolean, EcsCompatibility, FilterOptions, String, one_of
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

_DIGESTS = ("SHA1", "SHA256", "SHA384", "SHA512", "MD5")
_NO_PUNCTUATION = regex.compile(r"[^\p{P}\p{S}]")
_MASK64 = 0xFFFFFFFFFFFFFFFF


class FingerprintOptions(FilterOptions, frozen=True):
    """`key` makes a digest a keyed one (HMAC); for IPV4_NETWORK it is the length of the prefix."""

    source: Array = ("message",)
    target: String | None = None
    key: String | None = None
    base64encode: Boolean = False
    method: Annotated[
        str,
        one_of(
            "SHA1", "SHA256", "SHA384", "SHA512", "MD5", "MURMUR3", "MURMUR3_128", "IPV4_NETWORK", "UUID", "PUNCTUATION"
        ),
    ] = "SHA1"
    concatenate_sources: Boolean = False
    concatenate_all_fields: Boolean = False
    ecs_compatibility: EcsCompatibility = "v8"


class FingerprintFilter:
    """Writes a digest of fields into one field."""

    options: ClassVar[type[FingerprintOptions]] = FingerprintOptions

    def __init__(self, options: FingerprintOptions, context: Context) -> None:
        self._options = options
        default = "fingerprint" if options.ecs_compatibility == "disabled" else "[event][hash]"
        self._write = write_of(options.target or default)
        self._sources = [ruby_text(name) for name in options.source]
        self._reads = [(name, read_of(name)) for name in sorted(self._sources)]
        self._digest = _function(options, context)
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        options = self._options
        if options.method == "UUID":
            self._write(event, str(uuid.uuid4()))
        elif options.method == "PUNCTUATION":
            self._punctuation(event)
        elif options.concatenate_all_fields:
            data = event.data
            self._write(event, self._digest(_joined([(name, data[name]) for name in sorted(data)])))
        elif options.concatenate_sources:
            self._write(event, self._digest(_joined([(name, read(event)) for name, read in self._reads])))
        else:
            self._each(event)
        self._matched(event)

    def _each(self, event: Event) -> None:
        """Several sources: the last one that is there stays."""
        for name in self._sources:
            path = parse_reference(name)
            if event.includes(path):
                value = event.get(path)
                made: Any = (
                    [self._digest(_scalar(item)) for item in value]
                    if isinstance(value, list)
                    else self._digest(_scalar(value))
                )
                self._write(event, made)

    def _punctuation(self, event: Event) -> None:
        for name in sorted(self._sources):
            path = parse_reference(name)
            if event.includes(path):
                value = event.get(path)
                if not isinstance(value, str):
                    raise EventFault("undefined method 'gsub': PUNCTUATION works on text")
                self._write(event, _NO_PUNCTUATION.sub("", value))


def _joined(pairs: Iterable[tuple[str, Any]]) -> str:
    parts: list[str] = [""]
    for name, value in pairs:
        parts.append(name)
        _collect(value, parts)
    parts.append("")
    return "|".join(parts)


def _canonical(value: Any) -> str:
    """Objects (their keys sorted) and lists as texts joined by bars."""
    parts: list[str] = []
    _collect(value, parts)
    return "|".join(parts)


def _collect(value: Any, parts: list[str]) -> None:
    kind = type(value)
    if kind is str:
        parts.append(value)
    elif kind is int:
        parts.append(str(value))
    elif kind is dict and value:
        for name in sorted(value):
            parts.append(name)
            _collect(value[name], parts)
    elif kind is list and value:
        for item in value:
            _collect(item, parts)
    else:
        parts.append("" if kind is dict or kind is list else ruby_text(value))


def _scalar(value: Any) -> Any:
    return _canonical(value) if isinstance(value, dict | list) else value


def _function(options: FingerprintOptions, context: Context) -> Callable[[Any], Any]:
    if options.method == "IPV4_NETWORK":
        if options.key is None:
            raise context.refuse("Key value is empty. please fill in a subnet prefix length", "add key => 24")
        prefix = options.key
        return lambda value: _network(value, prefix)
    if options.method == "MURMUR3":
        return _murmur3
    if options.method == "MURMUR3_128":
        if options.base64encode:
            return lambda value: base64.b64encode(_murmur3_128(value)).decode()
        return lambda value: _murmur3_128(value).hex()
    if options.method not in _DIGESTS:
        return str
    hashed = _hashed(options.method.lower(), None if options.key is None else options.key.encode())
    if options.base64encode:
        return lambda value: base64.b64encode(hashed(ruby_text(value).encode("utf-8", "replace"))).decode()
    return lambda value: hashed(ruby_text(value).encode("utf-8", "replace")).hex()


def _hashed(name: str, key: bytes | None) -> Callable[[bytes], bytes]:
    if key is not None:
        return lambda data: hmac.digest(key, data, name)
    constructor = getattr(hashlib, name)  # several times faster than hashlib.new
    return lambda data: bytes(constructor(data, usedforsecurity=False).digest())


def _network(value: Any, prefix: str) -> str:
    try:
        return str(ipaddress.ip_network(f"{value}/{prefix}", strict=False).network_address)
    except ValueError as error:
        raise EventFault(str(error)) from error


def _murmur3(value: Any) -> int:
    """Of a number's 64 bits or of a text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return murmur3_32((value & _MASK64).to_bytes(8, "little"))
    return murmur3_32(ruby_text(value).encode("utf-8", "replace"))


def _murmur3_128(value: Any) -> bytes:
    """Of a number's 32 or 64 bits, as many as it needs, or of a text; Logstash's seed is 2."""
    if isinstance(value, int) and not isinstance(value, bool):
        size = 4 if -(1 << 31) <= value < 1 << 31 else 8
        return murmur3_128((value & ((1 << 8 * size) - 1)).to_bytes(size, "little"), 2)
    return murmur3_128(ruby_text(value).encode("utf-8", "replace"), 2)
