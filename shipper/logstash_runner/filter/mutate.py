"""Filter `mutate`: rename, replace, convert and so on, always in the same order."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from shipper.grok.oniguruma import RegexError, compile_regex
from shipper.logstash_runner.event import clone, writer
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration, fixed_list, path_of, read_of, static_path, write_of
from shipper.logstash_runner.filter.convert import CONVERTERS
from shipper.logstash_runner.filter.substitute import Replacement, substitute
from shipper.logstash_runner.plugin import Array, FilterOptions, Hash, String
from shipper.logstash_runner.reference import METADATA, parse_reference
from shipper.logstash_runner.template import compile_template
from shipper.logstash_runner.words import ruby_inspect, ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context

    Step = Callable[[Event], None]

_log = logging.getLogger(__name__)
_BLANK = "\0\t\n\v\f\r "
_SPACES = dict.fromkeys(map(ord, "\t\n\v\f\r"), " ")


def _hash() -> Any:
    return msgspec.field(default_factory=dict)


class MutateOptions(FilterOptions, frozen=True):
    """Options of mutate; gsub is a flat list of field, pattern, replacement."""

    coerce: Hash = _hash()
    rename: Hash = _hash()
    update: Hash = _hash()
    replace: Hash = _hash()
    convert: Hash = _hash()
    gsub: Array = ()
    uppercase: Array = ()
    capitalize: Array = ()
    lowercase: Array = ()
    strip: Array = ()
    split: Hash = _hash()
    join: Hash = _hash()
    merge: Hash = _hash()
    copy: Hash = _hash()
    tag_on_failure: String = "_mutate_error"


class MutateFilter:
    """Runs its steps; a step that fails leaves what earlier ones did and tags the event."""

    options: ClassVar[type[MutateOptions]] = MutateOptions

    def __init__(self, options: MutateOptions, context: Context) -> None:
        self._tag = options.tag_on_failure
        self._steps = [*_steps(options, context), *Decoration(options).steps]

    def apply(self, event: Event) -> None:
        try:
            for step in self._steps:
                step(event)
        except EventFault as fault:
            _log.debug("mutate: %s", fault)
            event.tag(self._tag)


def _steps(options: MutateOptions, context: Context) -> Iterator[Step]:
    """In mutate's fixed order."""
    yield from (_coerce(name, value) for name, value in options.coerce.items())
    yield from (_rename(old, ruby_text(new)) for old, new in options.rename.items())
    yield from (_replace(name, value, only_existing=True) for name, value in options.update.items())
    yield from (_replace(name, value, only_existing=False) for name, value in options.replace.items())
    yield from (_convert(name, kind, context) for name, kind in options.convert.items())
    yield from _gsubs(options.gsub, context)
    yield from (_each_text(ruby_text(name), str.upper) for name in options.uppercase)
    yield from (_each_text(ruby_text(name), _capitalized) for name in options.capitalize)
    yield from (_each_text(ruby_text(name), _lowered) for name in options.lowercase)
    yield from (_strip(ruby_text(name)) for name in options.strip)
    yield from (_split(name, ruby_text(separator)) for name, separator in options.split.items())
    yield from (_join(name, ruby_text(separator)) for name, separator in options.join.items())
    yield from (_merge(name, added) for name, added in options.merge.items())
    yield from (_copy(name, ruby_text(target)) for name, target in options.copy.items())


def _coerce(name: str, value: Any) -> Step:
    render = compile_template(ruby_text(value))

    def step(event: Event) -> None:
        path = parse_reference(name)
        if event.get(path) is None and event.includes(path):
            event.set(path, render(event))

    return step


def _rename(old: str, new: str) -> Step:
    source, target = path_of(old), path_of(new)
    fixed_source, fixed_target = static_path(old), static_path(new)
    if fixed_source is not None and fixed_target is not None and fixed_source[0] != METADATA:
        return _fixed_rename(fixed_source, fixed_target)

    def step(event: Event) -> None:
        at, to = source(event), target(event)
        if event.includes(at):
            event.set(to, event.remove(at))

    return step


def _fixed_rename(source: tuple[str, ...], target: tuple[str, ...]) -> Step:
    first, nested = source[0], len(source) > 1
    write = writer(target)

    def step(event: Event) -> None:
        if first not in event.data or (nested and not event.includes(source)):
            return
        write(event, event.remove(source))

    return step


def _replace(name: str, value: Any, *, only_existing: bool) -> Step:
    render = compile_template(ruby_text(value))
    write = write_of(name)

    def step(event: Event) -> None:
        if only_existing and not event.includes(parse_reference(name)):
            return
        write(event, render(event))

    return step


def _convert(name: str, kind: Any, context: Context) -> Step:
    converter = CONVERTERS.get(kind) if isinstance(kind, str) else None
    if converter is None:
        raise context.refuse(
            f"Invalid conversion type '{ruby_text(kind)}', expected one of '{','.join(CONVERTERS)}'",
            "write one of these types",
        )

    read = read_of(name)

    def step(event: Event) -> None:
        value = read(event)
        if isinstance(value, list):
            event.set(parse_reference(name), [None if item is None else converter(item) for item in value])
        elif value is not None and not isinstance(value, dict):
            event.set(parse_reference(name), converter(value))

    return step


def _gsubs(items: tuple[Any, ...], context: Context) -> Iterator[Step]:
    for at in range(0, len(items), 3):
        triple = items[at : at + 3]
        if len(triple) < 3:
            raise context.refuse(
                f"Invalid gsub configuration {ruby_inspect(list(triple))}. gsub requires 3 non-nil elements per config"
                " entry",
                "write field, pattern and replacement",
            )
        yield _gsub(*map(ruby_text, triple), context=context)


def _gsub(name: str, pattern: str, replacement: str, *, context: Context) -> Step:
    replace = compile_template(replacement)
    find = compile_template(pattern)
    if "%{" not in pattern:
        try:
            compile_regex(pattern)
        except RegexError as error:
            raise context.refuse(str(error), "mend the regular expression") from error

    def changed(text: str, event: Event) -> str:
        try:
            regex = compile_regex(find(event))
        except RegexError as error:
            raise EventFault(str(error)) from error
        return substitute(regex, _replacement(replace(event)), text)

    def step(event: Event) -> None:
        path = parse_reference(name)
        value = event.get(path)
        if isinstance(value, str):
            event.set(path, changed(value, event))
        elif isinstance(value, list):
            event.set(path, [changed(item, event) if isinstance(item, str) else item for item in value])

    return step


@lru_cache(maxsize=1000)
def _replacement(text: str) -> Replacement:
    return Replacement(text)


def _each_text(name: str, change: Callable[[str], str]) -> Step:
    read = read_of(name)

    def step(event: Event) -> None:
        value = read(event)
        if isinstance(value, str):
            event.set(parse_reference(name), change(value))
        elif isinstance(value, list):
            event.set(parse_reference(name), [change(item) if isinstance(item, str) else item for item in value])

    return step


def _lowered(text: str) -> str:
    """Letter by letter: Ruby has no final sigma."""
    return text.lower() if text.isascii() else "".join(map(str.lower, text))


def _capitalized(text: str) -> str:
    return text[:1].title() + _lowered(text[1:])


def _strip(name: str) -> Step:
    def stripped(value: Any) -> str:
        if not isinstance(value, str):
            raise EventFault(f"undefined method 'strip' for {ruby_inspect(value)}")
        return value.lstrip(_BLANK).rstrip(_BLANK)

    def step(event: Event) -> None:
        path = parse_reference(name)
        value = event.get(path)
        if isinstance(value, str):
            event.set(path, stripped(value))
        elif isinstance(value, list):
            event.set(path, [stripped(item) for item in value])

    return step


def ruby_split(text: str, separator: str) -> list[str]:
    """`String#split`: no empty parts at the end; a blank splits on any white space, "" into characters."""
    if separator == " ":
        return [part for part in text.translate(_SPACES).split(" ") if part]
    parts = list(text) if separator == "" else text.split(separator)
    while parts and parts[-1] == "":
        parts.pop()
    return parts


def _split(name: str, separator: str) -> Step:
    def step(event: Event) -> None:
        path = parse_reference(name)
        value = event.get(path)
        if isinstance(value, str):
            event.set(path, list(ruby_split(value, separator)))

    return step


def _join(name: str, separator: str) -> Step:
    def flat(items: list[Any]) -> Iterator[str]:
        for item in items:
            if isinstance(item, list):
                yield separator.join(flat(item))
            else:
                yield ruby_text(item)

    def step(event: Event) -> None:
        path = parse_reference(name)
        value = event.get(path)
        if isinstance(value, list):
            event.set(path, separator.join(flat(value)))

    return step


def _merge(name: str, added: Any) -> Step:
    sources = [ruby_text(item) for item in fixed_list(added)]

    def step(event: Event) -> None:
        path = parse_reference(name)
        target = event.get(path)
        for source in sources:
            value = event.get(parse_reference(source))
            if isinstance(target, dict) != isinstance(value, dict):
                _log.debug("mutate: cannot merge a list and an object: %s, %s", name, source)
            elif isinstance(target, dict):
                target = {**target, **clone(value)}
                event.set(path, target)
            else:
                # Ruby's concat makes a new list of a single value, but adds to a list that is there
                joined = [*fixed_list(target), *clone(fixed_list(value))]
                event.set(path, joined)
                target = joined if isinstance(target, list) else target

    return step


def _copy(name: str, target: str) -> Step:
    read, write = read_of(name), write_of(target)

    def step(event: Event) -> None:
        value = read(event)
        if value is not None:
            write(event, clone(value))

    return step
