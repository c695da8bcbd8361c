"""Filter `kv`: `key=value` pairs in a text become fields."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from shipper.grok.oniguruma import RegexError, compile_regex, quote
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import (
    Array,
    Boolean,
    EcsCompatibility,
    FieldReference,
    FilterOptions,
    Hash,
    Number,
    String,
    one_of,
)
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.template import compile_template
from shipper.logstash_runner.words import ruby_inspect, ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import regex

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

    Change = Callable[[str], str]

_log = logging.getLogger(__name__)
_Transform = Annotated[str, one_of("lowercase", "uppercase", "capitalize")]


class KvOptions(FilterOptions, frozen=True):
    """The `…_split` options are sets of characters, the `…_pattern` ones regular expressions."""

    allow_duplicate_values: Boolean = True
    allow_empty_values: Boolean = False
    default_keys: Hash = msgspec.field(default_factory=dict)
    ecs_compatibility: EcsCompatibility = "v8"
    exclude_keys: Array = ()
    field_split: String = " "
    field_split_pattern: String | None = None
    include_brackets: Boolean = True
    include_keys: Array = ()
    prefix: String = ""
    recursive: Boolean = False
    remove_char_key: String | None = None
    remove_char_value: String | None = None
    source: String = "message"
    tag_on_failure: Array = ("_kv_filter_error",)
    tag_on_timeout: String = "_kv_filter_timeout"
    target: FieldReference | None = None
    timeout_millis: Number = 30_000
    transform_key: _Transform | None = None
    transform_value: _Transform | None = None
    trim_key: String | None = None
    trim_value: String | None = None
    value_split: String = "="
    value_split_pattern: String | None = None
    whitespace: Annotated[str, one_of("strict", "lenient")] = "lenient"


class KvFilter:
    """Scans one field."""

    options: ClassVar[type[KvOptions]] = KvOptions

    def __init__(self, options: KvOptions, context: Context) -> None:
        self._options = options
        try:
            self._scan, self._split = _patterns(options, context)
            self._key = _changes(options.trim_key, options.remove_char_key, options.transform_key)
            self._value = _changes(options.trim_value, options.remove_char_value, options.transform_value)
        except RegexError as error:
            raise context.refuse(str(error), "escape special characters") from error
        self._prefix = compile_template(options.prefix)
        self._include = [compile_template(ruby_text(key)) for key in options.include_keys]
        self._exclude = [compile_template(ruby_text(key)) for key in options.exclude_keys]
        self._defaults = options.default_keys
        self._target = None if options.target is None else parse_reference(options.target)
        self._seconds = options.timeout_millis / 1000 or None
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        try:
            found = self._pairs(event)
            if not found:
                return
            if self._target is not None:
                event.set(self._target, found)
            else:
                for key, value in found.items():
                    event.set(parse_reference(key), value)
            self._matched(event)
        except TimeoutError:
            event.tag(self._options.tag_on_timeout)
        except EventFault as fault:
            _log.debug("kv: %s", fault)
            for tag in self._options.tag_on_failure:
                event.tag(ruby_text(tag))

    def _pairs(self, event: Event) -> dict[str, Any]:
        value = event.get(parse_reference(self._options.source))
        found: dict[str, Any] = {}
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                self._parse(item, event, found)
            elif isinstance(value, list) and item is not None:  # Ruby matches nil against anything
                raise EventFault(f"kv cannot parse {ruby_inspect(item)}")
        for key, default in self._defaults.items():
            found.setdefault(key, list(default) if isinstance(default, list) else default)
        return found

    def _parse(self, text: str, event: Event, found: dict[str, Any]) -> None:
        if self._split.search(text, timeout=self._seconds) is None:
            return
        included = {render(event) for render in self._include}
        excluded = {render(event) for render in self._exclude}
        for match in self._scan.finditer(text, timeout=self._seconds):
            candidates = match.groups()[1:]
            value = next((item for item in candidates if item is not None), "")
            if value == "" and not self._options.allow_empty_values:
                continue
            key = self._key(match.group(1))
            if (included and key not in included) or key in excluded:
                continue
            self._add(self._prefix(event) + key, self._value(value), event, found)

    def _add(self, key: str, value: str, event: Event, found: dict[str, Any]) -> None:
        present = found.get(key)
        if not self._options.allow_duplicate_values and key in found and value in present:  # type: ignore[operator]  # text or a list of it
            return
        kept: Any = value
        if self._options.recursive:
            inner: dict[str, Any] = {}
            self._parse(value, event, inner)
            kept = inner or value
        if key not in found:
            found[key] = kept
        elif isinstance(present, list):
            present.append(kept)
        else:
            found[key] = [present, kept]


def _patterns(options: KvOptions, context: Context) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """(one pair, what separates key and value)."""
    for name in ("value_split", "field_split_pattern", "value_split_pattern"):
        if getattr(options, name) == "":
            raise context.refuse(f"Configuration option '{name}' must be a non-empty string", "give it a value")
    field_split = options.field_split_pattern or f"[{options.field_split}]"
    value_split = options.value_split_pattern or f"[{options.value_split}]"
    for pattern in (field_split, value_split):
        compile_regex(pattern)  # so that the error shows what was written, not what is made of it
    field_split, value_split = _group(field_split), _group(value_split)
    if options.whitespace == "lenient":
        value_split = f" *{value_split} *"
    by_pattern = options.value_split_pattern is not None or options.field_split_pattern is not None
    key = (
        _until_pattern(f"{value_split}|{field_split}")
        if by_pattern
        else _until(options.value_split + options.field_split)
    )
    unquoted = _until(options.field_split) if options.field_split_pattern is None else _until_pattern(field_split)
    pairs = ['""', "''"] + (["()", "[]", "<>"] if options.include_brackets else [])
    quoted = [f"{quote(pair[0])}{_until(quote(pair[1]))}?{quote(pair[1])}" for pair in pairs]
    value = "|".join([*quoted, unquoted])
    scan = f"{key}{value_split}(?:{value})?(?:{field_split}|$)"
    return compile_regex(scan), compile_regex(value_split)


def _group(pattern: str) -> str:
    return f"(?:{pattern})"


def _until(characters: str) -> str:
    return rf"((?:\\.|[^{characters}])+)"


def _until_pattern(pattern: str) -> str:
    return rf"((?:(?!{pattern})(?:\\.|.))+)"


def _changes(trim: str | None, remove: str | None, transform: str | None) -> Change:
    steps: list[Change] = []
    if trim is not None:
        trimming = compile_regex(f"^[{trim}]+|[{trim}]+$")
        steps.append(lambda text: trimming.sub("", text))
    if remove is not None:
        removing = compile_regex(f"[{remove}]")
        steps.append(lambda text: removing.sub("", text))
    if transform is not None:
        steps.append({"lowercase": str.lower, "uppercase": str.upper, "capitalize": _capitalized}[transform])

    def change(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return change


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:].lower()
