"""Filter `prune`: keeps or removes top-level fields by name or value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from shipper.grok.oniguruma import RegexError, compile_regex
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.plugin import Array, Boolean, FilterOptions, Hash
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.template import compile_template
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import regex

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context


class PruneOptions(FilterOptions, frozen=True):
    """Patterns of names, and field -> pattern of its value."""

    interpolate: Boolean = False
    whitelist_names: Array = ()
    blacklist_names: Array = (r"%\{[^}]+\}",)
    whitelist_values: Hash = msgspec.field(default_factory=dict)
    blacklist_values: Hash = msgspec.field(default_factory=dict)


class PruneFilter:
    """Decides on the fields as they were; `@timestamp` and `@version` are fields like others."""

    options: ClassVar[type[PruneOptions]] = PruneOptions

    def __init__(self, options: PruneOptions, context: Context) -> None:
        self._options = options
        self._whitelist = [ruby_text(name) for name in options.whitelist_names]
        self._blacklist = [ruby_text(name) for name in options.blacklist_names]
        values = [*options.whitelist_values.values(), *options.blacklist_values.values()]
        for value in values:
            if not isinstance(value, str):
                kind = "Array" if isinstance(value, list) else type(value).__name__
                raise context.refuse(f"no implicit conversion of {kind} into String", "write one pattern as text")
        if not options.interpolate:
            try:
                for pattern in (*self._whitelist, *self._blacklist, *values):
                    compile_regex(pattern)
            except RegexError as error:
                raise context.refuse(str(error), "mend the regular expression") from error
        self._matched = Decoration(options)

    def apply(self, event: Event) -> None:
        gone: dict[str, list[Any] | None] = {}
        if self._whitelist:
            kept = self._regexes(self._whitelist, event)
            gone.update((name, None) for name in event.data if not _any(kept, name))
        if self._blacklist:
            unwanted = self._regexes(self._blacklist, event)
            gone.update((name, None) for name in event.data if _any(unwanted, name))
        self._by_value(event, self._options.whitelist_values, gone, keep=True)
        self._by_value(event, self._options.blacklist_values, gone, keep=False)
        for name, items in gone.items():
            path = parse_reference(name)
            if items is None:
                event.remove(path)
            else:
                event.set(path, [item for item in event.data.get(name) or [] if item not in items])
        self._matched(event)

    def _by_value(
        self, event: Event, patterns: dict[str, str], gone: dict[str, list[Any] | None], *, keep: bool
    ) -> None:
        for given, pattern in patterns.items():
            name = compile_template(given)(event) if self._options.interpolate else given
            value = event.data.get(name)
            if value is None or value is False:
                continue
            found = self._regexes([pattern], event)[0]
            if isinstance(value, list):
                items = [item for item in value if _matches(found, item) != keep]
                if items:
                    gone[name] = None if len(items) == len(value) else items
            elif _matches(found, value) != keep:
                gone[name] = None

    def _regexes(self, patterns: Iterable[str], event: Event) -> list[regex.Pattern[str]]:
        try:
            if self._options.interpolate:
                return [compile_regex(compile_template(pattern)(event)) for pattern in patterns]
            return [compile_regex(pattern) for pattern in patterns]
        except RegexError as error:
            raise EventFault(str(error)) from error


def _any(patterns: list[regex.Pattern[str]], name: str) -> bool:
    return any(pattern.search(name) for pattern in patterns)


def _matches(pattern: regex.Pattern[str], value: Any) -> bool:
    if not isinstance(value, str):
        raise EventFault(f"undefined method 'match' for {ruby_text(value)}: values are matched as text only")
    return pattern.search(value) is not None
