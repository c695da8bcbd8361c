"""Filter `grok`: named parts of a text become fields."""

from __future__ import annotations

import fnmatch
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from shipper.grok.expression import Expression, UnknownPatternError
from shipper.grok.library import builtin, parse_patterns
from shipper.grok.oniguruma import RegexError
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration, fixed_list
from shipper.logstash_runner.filter.convert import leading_float, leading_integer
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
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.grok.expression import Capture
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

_log = logging.getLogger(__name__)


class GrokOptions(FilterOptions, frozen=True):
    """`match`: field -> an expression or several."""

    match: Hash = msgspec.field(default_factory=dict)
    patterns_dir: Array = ()
    patterns_files_glob: String = "*"
    pattern_definitions: Hash = msgspec.field(default_factory=dict)
    break_on_match: Boolean = True
    named_captures_only: Boolean = True
    keep_empty_captures: Boolean = False
    overwrite: Array = ()
    target: FieldReference | None = None
    tag_on_failure: Array = ("_grokparsefailure",)
    tag_on_timeout: String = "_groktimeout"
    timeout_millis: Number = 30_000
    timeout_scope: Annotated[str, one_of("pattern", "event")] = "pattern"
    ecs_compatibility: EcsCompatibility = "v8"


class GrokFilter:
    """Tries the expressions of each field in order."""

    options: ClassVar[type[GrokOptions]] = GrokOptions

    def __init__(self, options: GrokOptions, context: Context) -> None:
        self._options = options
        library = _library(options)
        try:
            self._fields = [
                (
                    name,
                    [
                        Expression(ruby_text(text), library, named_only=options.named_captures_only)
                        for text in fixed_list(texts)
                    ],
                )
                for name, texts in options.match.items()
            ]
        except UnknownPatternError as error:
            raise context.refuse(
                str(error),
                "define it in pattern_definitions or in a file of patterns_dir; patterns of products are not built in",
            ) from error
        except RegexError as error:
            raise context.refuse(str(error), "mend the expression") from error
        target = () if options.target is None else parse_reference(options.target)
        self._overwrite = {ruby_text(name) for name in options.overwrite}
        self._target = target
        self._seconds = options.timeout_millis / 1000 or None
        self._matched = Decoration(options)
        self._tags = [ruby_text(tag) for tag in options.tag_on_failure]

    def apply(self, event: Event) -> None:
        matched = False
        try:
            for name, expressions in self._fields:
                if self._field(name, expressions, event):
                    matched = True
                    if self._options.break_on_match:
                        break
        except TimeoutError:
            _log.warning("grok: a match took longer than %s ms", self._options.timeout_millis)
            event.tag(self._options.tag_on_timeout)
            return
        if matched:
            self._matched(event)
        else:
            for tag in self._tags:
                event.tag(tag)

    def _field(self, name: str, expressions: list[Expression], event: Event) -> bool:
        try:
            value = event.get(parse_reference(name))
            if isinstance(value, list):
                matches = [self._text(expressions, ruby_text(item), event) for item in value]
                return any(matches)
            return self._text(expressions, ruby_text(value), event)
        except EventFault as fault:
            _log.debug("grok: %s", fault)
            return False

    def _text(self, expressions: list[Expression], text: str, event: Event) -> bool:
        matched = False
        for expression in expressions:
            found = expression.search(text, self._seconds)
            matched = found is not None
            if found is None:
                continue
            for capture, value in found:
                self._set(capture, value, event)
            if self._options.break_on_match:
                break
        return matched

    def _set(self, capture: Capture, value: str | None, event: Event) -> None:
        if not value and not self._options.keep_empty_captures:
            return
        typed: Any = value
        if value is not None and capture.kind == "int":
            typed = leading_integer(value)
        elif value is not None and capture.kind == "float":
            typed = leading_float(value)
        path = (*self._target, *parse_reference(capture.field))
        present = None if capture.field in self._overwrite else event.get(path)
        if present is None:
            event.set(path, typed)
        elif isinstance(present, list):
            event.set(path, [*present, typed])
        elif isinstance(present, str):
            event.set(path, [present, typed])


def _library(options: GrokOptions) -> Mapping[str, str]:
    """Built-in patterns, then files, then definitions: the last one counts."""
    library = dict(builtin(ecs=options.ecs_compatibility != "disabled"))
    for place in options.patterns_dir:
        for path in _pattern_files(Path(ruby_text(place)), options.patterns_files_glob):
            library.update(parse_patterns(path.read_text("utf-8", "replace")))
    library.update((name, ruby_text(text)) for name, text in options.pattern_definitions.items())
    return library


def _pattern_files(place: Path, glob: str) -> list[Path]:
    if place.is_dir():
        return sorted(path for path in place.iterdir() if path.is_file() and fnmatch.fnmatch(path.name, glob))
    return [place] if place.is_file() else []
