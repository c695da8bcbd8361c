"""Filter `translate`: replaces a value by what a dictionary says."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from shipper.grok.oniguruma import RegexError, compile_regex, quote
from shipper.logstash_runner.event import clone
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration, fixed_list
from shipper.logstash_runner.filter.dictionary import DictionaryError, FileDictionary
from shipper.logstash_runner.plugin import (
    Boolean,
    EcsCompatibility,
    FieldReference,
    FilterOptions,
    Hash,
    Number,
    PathOption,
    String,
    one_of,
)
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.template import compile_template
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

    Entries = Callable[[], Mapping[str, Any]]

_log = logging.getLogger(__name__)
_NOTHING = object()


class TranslateOptions(FilterOptions, frozen=True):
    """`field` and `destination` are the old names of `source` and `target`."""

    source: FieldReference | None = None
    target: FieldReference | None = None
    field: FieldReference | None = None
    destination: FieldReference | None = None
    dictionary: Hash = msgspec.field(default_factory=dict)
    dictionary_path: PathOption | None = None
    dictionary_file_max_bytes: Number = 134_217_728
    yaml_dictionary_code_point_limit: Number = 134_217_728
    yaml_load_strategy: Annotated[str, one_of("one_shot", "streaming")] = "one_shot"
    refresh_interval: Number = 300
    refresh_behaviour: Annotated[str, one_of("merge", "replace")] = "merge"
    exact: Boolean = True
    regex: Boolean = False
    override: Boolean | None = None
    fallback: String | None = None
    iterate_on: String | None = None
    ecs_compatibility: EcsCompatibility = "v8"


class TranslateFilter:
    """Looks one field up, or each element of a list (`iterate_on`)."""

    options: ClassVar[type[TranslateOptions]] = TranslateOptions

    def __init__(self, options: TranslateOptions, context: Context) -> None:
        source = options.source or options.field
        if source is None:
            raise context.refuse("source => # SETTING MISSING (the filter `translate` needs it)", "add source => …")
        default = "translation" if options.ecs_compatibility == "disabled" and not options.iterate_on else source
        target = options.target or options.destination or default
        self._source, self._target = parse_reference(source), parse_reference(target)
        self._override = self._source == self._target if options.override is None else options.override
        self._iterate = None if options.iterate_on is None else parse_reference(options.iterate_on)
        self._fallback = None if options.fallback is None else compile_template(options.fallback)
        self._find = _lookup(options, context)
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        try:
            if self._iterate is None:
                changed = self._single(event)
            elif self._iterate == self._source:
                changed = self._values(event)
            else:
                changed = self._objects(event)
        except EventFault as fault:
            _log.warning("translate: %s", fault)
            return
        if changed:
            self._matched(event)

    def _skips(self, event: Event) -> bool:
        return not event.includes(self._source) or (not self._override and event.includes(self._target))

    def _single(self, event: Event) -> bool:
        if self._skips(event):
            return False
        value = event.get(self._source)
        if isinstance(value, list):
            value = value[0] if value else None
        found = self._found(ruby_text(value), event)
        if found is not _NOTHING:
            event.set(self._target, clone(found))
        return found is not _NOTHING or self._source == self._target

    def _values(self, event: Event) -> bool:
        if self._skips(event):
            return False
        found = [self._found(ruby_text(item), event) for item in fixed_list(event.get(self._source))]
        made = [None if item is _NOTHING else clone(item) for item in found]
        event.set(self._target, made)
        return any(item not in (None, False) for item in made) or self._source == self._target

    def _objects(self, event: Event) -> bool:
        assert self._iterate is not None
        matched = False
        for number, _ in enumerate(fixed_list(event.get(self._iterate))):
            at = (*self._iterate, str(number))
            value = event.get((*at, *self._source))
            found = _NOTHING if value is None else self._found(ruby_text(value), event)
            if found is not _NOTHING:
                event.set((*at, *self._target), clone(found))
                matched = True
        return matched or self._source == self._target

    def _found(self, text: str, event: Event) -> Any:
        found = self._find(text)
        return self._fallback(event) if found is _NOTHING and self._fallback is not None else found


def _lookup(options: TranslateOptions, context: Context) -> Callable[[str], Any]:
    if options.dictionary_path is not None and options.dictionary:
        raise context.refuse(
            "The configuration options 'dictionary' and 'dictionary_path' are mutually exclusive", "keep one of them"
        )
    entries: Entries
    if options.dictionary_path is None:
        fixed = options.dictionary

        def entries() -> Mapping[str, Any]:
            return fixed
    else:
        try:
            file = FileDictionary(
                options.dictionary_path,
                options.refresh_interval,
                context.clock,
                merge=options.refresh_behaviour == "merge",
            )
        except DictionaryError as error:
            raise context.refuse(str(error), "mend the file") from error
        entries = file.entries
    if options.exact:
        return _regex_lookup(entries, context) if options.regex else lambda text: entries().get(text, _NOTHING)
    return _replacing(entries)


def _regex_lookup(entries: Entries, context: Context) -> Callable[[str], Any]:
    try:
        for key in entries():
            compile_regex(key)
    except RegexError as error:
        raise context.refuse(str(error), "mend the key") from error

    def find(text: str) -> Any:
        return next((value for key, value in entries().items() if compile_regex(key).search(text)), _NOTHING)

    return find


def _replacing(entries: Entries) -> Callable[[str], Any]:
    """Every key inside the text is replaced by its value; a key is itself there, also where `regex` is set."""

    def find(text: str) -> Any:
        known = entries()
        if not known:
            return _NOTHING
        union = "|".join(map(quote, known))
        made = compile_regex(union).sub(lambda match: ruby_text(known.get(match.group())), text)
        return _NOTHING if made == text else made

    return find
