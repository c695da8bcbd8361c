"""From bytes to documents (JSON objects, `@metadata` among them), with the fields that Logstash's codecs add in ECS v8.

| codec | a message | a stream (stdin, tcp) |
|---|---|---|
| plain, line | `message`, and the same text as `event.original` | one document a line |
| json | the object, its text as `event.original`; each element of an array, without it | as json_lines |
| json_lines | one document a line | likewise |

Text that is no JSON becomes `message` with the tag `_jsonparsefailure`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from shipper.logstash_runner.codec.framing import Lines
from shipper.logstash_runner.words import rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    Document = dict[str, Any]

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Decoder(Protocol):
    """A codec's decoding half."""

    def decode(self, data: bytes) -> list[Document]:
        """The documents of one whole message."""

    def stream(self) -> Stream:
        """A reader for one byte stream."""


class Stream:
    """Reads one byte stream line by line."""

    def __init__(self, decode: Callable[[bytes], list[Document]], delimiter: bytes = b"\n") -> None:
        self._decode = decode
        self._lines = Lines(delimiter)

    def feed(self, data: bytes) -> list[Document]:
        """The documents that `data` completes."""
        return [document for line in self._lines.feed(data) for document in self._decode(line)]

    def flush(self) -> list[Document]:
        """What the end of the stream leaves."""
        return [document for line in self._lines.flush() for document in self._decode(line)]


class PlainDecoder:
    """Codec `plain`, and `line` for messages."""

    def __init__(self, charset: str = "UTF-8", delimiter: bytes = b"\n") -> None:
        self._charset = charset
        self._delimiter = delimiter

    def decode(self, data: bytes) -> list[Document]:
        text = to_text(data, self._charset)
        return [{"message": text, "event": {"original": text}}]

    def stream(self) -> Stream:
        return Stream(self._line, self._delimiter)

    def _line(self, line: bytes) -> list[Document]:
        return self.decode(line.removesuffix(b"\r") if self._delimiter == b"\n" else line)


class JsonDecoder:
    """Codec `json`."""

    def __init__(self, charset: str = "UTF-8") -> None:
        self._charset = charset

    def decode(self, data: bytes) -> list[Document]:
        documents = parse_documents(data, self._charset)
        if len(documents) == 1 and "_jsonparsefailure" not in documents[0].get("tags", ()):
            _add_original(documents[0], to_text(data, self._charset))
        return documents

    def stream(self) -> Stream:
        return JsonLinesDecoder(self._charset).stream()


class JsonLinesDecoder:
    """Codec `json_lines`."""

    def __init__(self, charset: str = "UTF-8", delimiter: bytes = b"\n") -> None:
        self._charset = charset
        self._delimiter = delimiter

    def decode(self, data: bytes) -> list[Document]:
        stream = self.stream()
        return stream.feed(data) + stream.flush()

    def stream(self) -> Stream:
        return Stream(self._line, self._delimiter)

    def _line(self, line: bytes) -> list[Document]:
        return parse_documents(line, self._charset) if line.strip() else []


def parse_documents(data: bytes, charset: str = "UTF-8") -> list[Document]:
    """The object, or the objects of an array, in a JSON text; else the text as a failed document."""
    try:
        value = orjson.loads(data if charset == "UTF-8" else to_text(data, charset))
    except orjson.JSONDecodeError:
        value = _leniently(data, charset)
    else:
        if rounded(value):
            value = _leniently(data, charset)
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    return [{"message": to_text(data, charset), "tags": ["_jsonparsefailure"]}]


def to_text(data: bytes, charset: str = "UTF-8") -> str:
    """Text of any bytes; what is not of the charset becomes U+FFFD."""
    return data.decode("utf-8" if charset == "UTF-8" else charset, "replace")


def _leniently(data: bytes, charset: str) -> Any:
    """What Jackson reads and orjson does not: half surrogates, integers of any size, floats beyond all bounds."""
    try:
        value = json.loads(to_text(data, charset), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return _mended(value)


def _refuse(name: str) -> None:
    raise ValueError(name)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _add_original(document: Document, text: str) -> None:
    event = document.setdefault("event", {})
    if isinstance(event, dict):
        event.setdefault("original", text)
