"""What a filter is, and the decorations that every filter applies to events it succeeded with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from shipper.logstash_runner.event import reader, writer
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.reference import METADATA, parse_reference
from shipper.logstash_runner.template import compile_template, is_dynamic
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.plugin import Context, FilterOptions

    Step = Callable[[Event], None]


class Filter(Protocol):
    """Changes one event; makes others of it only in `split` and `clone`."""

    options: ClassVar[type[Any]]

    def __init__(self, options: Any, context: Context) -> None:
        """Prepare everything that does not depend on an event.

        Raises:
            RegisterError: Logstash's configuration test passes, but the filter would not start.
            InvalidPluginError: the test refuses it.
        """

    def apply(self, event: Event) -> list[Event] | None:
        """Change `event` (or cancel it); the events made beside it, if any."""


class Decoration:
    """`add_field`, `remove_field`, `add_tag` and `remove_tag`, in this order."""

    def __init__(self, options: FilterOptions) -> None:
        self.steps: list[Step] = [_adder(name, value) for name, value in options.add_field.items()]
        self.steps += [_remover(ruby_text(name)) for name in options.remove_field]
        self.steps += [_tagger(ruby_text(tag)) for tag in options.add_tag]
        if options.remove_tag:
            self.steps.append(_untagger([ruby_text(tag) for tag in options.remove_tag]))

    def __call__(self, event: Event) -> None:
        """Decorate.

        Raises:
            EventFault: a field cannot be set.
        """
        for step in self.steps:
            step(event)


def static_path(name: str) -> tuple[str, ...] | None:
    """The path of a field name that is the same for every event; None for one that is malformed or holds `%{…}`."""
    if is_dynamic(name):
        return None
    try:
        return parse_reference(name)
    except EventFault:
        return None


def read_of(name: str) -> Callable[[Event], Any]:
    """Reads the field of that name (never a template); it raises `EventFault` where the name is malformed."""
    try:
        return reader(parse_reference(name))
    except EventFault:
        return lambda event: event.get(parse_reference(name))


def write_of(name: str) -> Callable[[Event, Any], None]:
    """Sets the field of that name (never a template); it raises `EventFault` where the name is malformed."""
    try:
        return writer(parse_reference(name))
    except EventFault:
        return lambda event, value: event.set(parse_reference(name), value)


def path_of(name: str) -> Callable[[Event], tuple[str, ...]]:
    """The path of a field name that may hold `%{…}`."""
    fixed = static_path(name)
    if fixed is not None:
        return lambda _: fixed
    render = compile_template(name)
    return lambda event: parse_reference(render(event))


def fixed_list(value: Any) -> list[Any]:
    """Ruby's `Array(value)`: null is empty, an object becomes pairs."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [[key, item] for key, item in value.items()]
    return list(value) if isinstance(value, list | tuple) else [value]


def _adder(name: str, value: Any) -> Step:
    path = path_of(name)
    renders = [compile_template(ruby_text(item)) for item in fixed_list(value)]

    def add(event: Event) -> None:
        at = path(event)
        for render in renders:
            text = render(event)
            if event.includes(at):
                event.set(at, [*fixed_list(event.get(at)), text])
            else:
                event.set(at, text)

    return add


def _remover(name: str) -> Step:
    path = path_of(name)
    fixed = static_path(name)
    if fixed is not None and len(fixed) == 1 and fixed[0] != METADATA:
        key = fixed[0]

        def take(event: Event) -> None:
            event.data.pop(key, None)

        return take

    def remove(event: Event) -> None:
        event.remove(path(event))

    return remove


def _tagger(tag: str) -> Step:
    render = compile_template(tag)

    def add(event: Event) -> None:
        event.set(("tags",), [*fixed_list(event.data.get("tags")), render(event)])

    return add


def _untagger(tags: Sequence[str]) -> Step:
    renders = [compile_template(tag) for tag in tags]

    def remove(event: Event) -> None:
        present = event.data.get("tags")
        if not present:
            return
        kept = fixed_list(present)
        for render in renders:
            gone = render(event)
            kept = [tag for tag in kept if tag != gone]
        event.set(("tags",), kept)

    return remove
