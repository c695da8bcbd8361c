"""How the lines of one outline become documents, found out by asking the ordinary way for the document of a probe."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shipper.agent.codec.base import Layout
from shipper.agent.codec.chronology import Chronology
from shipper.agent.codec.documents import DocumentBuilder
from shipper.agent.codec.format import SLIPS
from shipper.agent.codec.framer import Line, Record
from shipper.agent.codec.normalise import leaves
from shipper.agent.codec.recipe.cells import Cell, Constant, Flag, Level, Text, Time, plain
from shipper.agent.codec.recipe.outline import columns, filled, paths
from shipper.agent.codec.recipe.roles import PLACE_LINE, Roles, Unfit
from shipper.agent.codec.structured.json_line import LOGGERS, JsonLine
from shipper.ecs.coerce import is_address
from shipper.ecs.table import ALLOWED, ARRAYS, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.recipe.outline import Outline
    from shipper.agent.codec.structured.base import Entry
    from shipper.agent.processor.redact import Redactor
    from shipper.event import Document

_JSON = JsonLine()
_FOLLOWED = frozenset({"common", "bunyan"})
"""The loggers that `roles.py` knows."""
_TEXT_TYPES = frozenset({"keyword", "wildcard", "match_only_text", "constant_keyword"})
_FITS: Mapping[str, frozenset[type]] = {
    **dict.fromkeys(_TEXT_TYPES, frozenset({str, int})),
    "long": frozenset({int}),
    "boolean": frozenset({bool}),
    **dict.fromkeys(("float", "double", "scaled_float"), frozenset({int, float})),
    "ip": frozenset({str}),
}
"""ECS types, and the kinds of values that each value of its kind is alike for."""
_MAX_LEAVES = 64
_OWN = ("zq", "46116860", "fadedfaded", "198.18.", str(PLACE_LINE))
"""What marks are known by; a line that has it among its names is unfit."""


class Conditions(NamedTuple):
    """What else a document depends on."""

    max_fields: int
    zone: tzinfo
    redactor: Redactor | None


class Recipe:
    """Makes documents of lines of one outline.

    Attributes:
        layout: of the documents.
        counts: what is noted of each line, by name.
    """

    __slots__ = ("_cells", "_form", "_slots", "_template", "_time", "counts", "layout")

    def __init__(self, form: Outline, probe: _Probe) -> None:
        self._form = form
        self._cells = probe.cells
        self._time = next(place for place, cell in enumerate(probe.cells) if isinstance(cell, Time))
        self._slots, self._template, self.layout = _template(probe)
        self.counts = dict(probe.counts)

    def documents(self, entries: Sequence[Entry]) -> list[tuple[str, bytes] | None]:
        """`@timestamp` and line of a sheet of each; None for one that is not for the short way."""
        answers = [cell.answer(column) for cell, column in zip(self._cells, columns(self._form, entries), strict=True)]
        template = self._template
        times = [time and time[1:-1].decode() for time in answers[self._time][0]]
        written = [answers[leaf][part] for leaf, part in self._slots]
        if not any(None in column for answer in answers for column in answer):
            return list(zip(times, [template % row for row in zip(*written, strict=True)], strict=True))  # type: ignore[arg-type]
        bad = {place for answer in answers for column in answer for place, text in enumerate(column) if text is None}
        rows = enumerate(zip(times, zip(*written, strict=True), strict=True))
        return [None if place in bad else (time, template % row) for place, (time, row) in rows]  # type: ignore[misc]


def compile_recipe(form: Outline, entry: Entry, conditions: Conditions) -> Recipe | None:
    """The recipe of lines like `entry`; None where values decide too much."""
    try:
        probe = _Probe(form, entry, conditions)
        recipe = Recipe(form, probe)
        (made,) = recipe.documents([entry])
        wanted = orjson.dumps(probe.ask(entry)[0])
        return recipe if made and recipe.layout.whole(made[1]) == wanted else None
    except (Unfit, *SLIPS):
        return None


class _Probe:
    """A line of marks, and what the ordinary way makes of it.

    Attributes:
        cells: of each leaf.
        document: with marks in place of time and level.
        text: its JSON.
        flips: the JSON with one true value each, by the leaf.
    """

    def __init__(self, form: Outline, entry: Entry, conditions: Conditions) -> None:
        self._conditions = conditions
        self._given = 0
        places = list(paths(form))
        if len(places) > _MAX_LEAVES or any(own in name for place in places for name in place for own in _OWN):
            raise Unfit
        roles = Roles(entry, conditions.zone, self._mark).cells
        values = (column[0] for column in columns(form, [entry]))
        self.cells = [self._cell(place, value, roles) for place, value in zip(places, values, strict=True)]
        marks = [cell.mark for cell in self.cells]
        self.document, self.counts = self._marked(filled(form, iter(marks)))
        self.text = orjson.dumps(self.document)
        self.flips: dict[int, bytes] = {}
        for place, cell in enumerate(self.cells):
            if isinstance(cell, Flag):
                other = [*marks[:place], True, *marks[place + 1 :]]
                self.flips[place] = orjson.dumps(self._marked(filled(form, iter(other)))[0])

    def _mark(self, kind: type) -> Any:
        self._given += 1
        number = self._given
        if kind is int:
            return 4611686018427000000 + number
        if kind is float:
            return 46116860000.5 + number
        if kind is bytes:  # an id
            return f"fadedfadedfadedfadedfaded{number:07d}"
        if kind is bool:
            return False
        text = f"zqm{number:04d}mqz"
        return [text] if kind is list else text if kind is str else None

    def _cell(self, place: tuple[str, ...], value: Any, roles: dict[str, Cell]) -> Cell:
        if len(place) == 1 and place[0] in roles:
            return roles[place[0]]
        name = ".".join(place)
        if name in ALLOWED:
            if type(value) is not str or any(own in value for own in _OWN):
                raise Unfit
            return Constant(value)
        if TYPES.get(name) == "ip" and type(value) is str:
            self._given += 1
            return Text(f"198.18.{self._given // 250}.{self._given % 250}", is_address)
        return plain(self._mark(type(value)))

    def _marked(self, entry: Entry) -> tuple[Document, Counter[str]]:
        """As `ask`, of marks."""
        for name, value in leaves(_fields(entry)):
            self._judge(name, value)
        document, counts = self.ask(entry)
        document["@timestamp"] = Time.written
        if any(isinstance(cell, Level) for cell in self.cells):
            document["log"]["level"] = Level.written
        return document, counts

    def ask(self, entry: Entry) -> tuple[Document, Counter[str]]:
        """The ordinary way's document, and what it noted.

        Raises:
            Unfit: it is marked, or might be.
        """
        fields = _fields(entry)
        redactor = self._conditions.redactor
        if redactor is not None and redactor.names_secret(fields):
            raise Unfit
        counts: Counter[str] = Counter()
        record = Record(Line(0, ""), _JSON, fields, (None, {}))
        builder = DocumentBuilder(self._conditions.max_fields, counts)
        document = builder.build(record, Chronology(self._conditions.zone, 0), None)
        if "shipper" in document:
            raise Unfit
        return document, counts

    def _judge(self, name: str, value: Any) -> None:
        """May values of this kind stand under this name without a look at them?"""
        declared = TYPES.get(name)
        if declared is None or name in ("@timestamp", "log.level"):
            return
        if type(value) is list:
            if declared not in _TEXT_TYPES or name not in ARRAYS or name in ALLOWED:
                raise Unfit
            return
        cell = next((cell for cell in self.cells if cell.mark == value and type(cell.mark) is type(value)), None)
        if name in ALLOWED or declared == "ip":
            if not isinstance(cell, Constant if name in ALLOWED else Text):
                raise Unfit
        elif type(value) not in _FITS.get(declared, ()):
            raise Unfit


def _fields(entry: Entry) -> Fields:
    """What the ordinary way finds in a line.

    Raises:
        Unfit: it is of a logger that is not followed.
    """
    logger = next(logger for logger in LOGGERS if logger.recognises(entry))
    fields = _JSON.parse(orjson.dumps(entry).decode(), {}) if logger.name in _FOLLOWED else None
    if fields is None:
        raise Unfit
    return fields


def _template(probe: _Probe) -> tuple[list[tuple[int, int]], bytes, Layout]:
    """(which column of which leaf goes where, the line of a sheet with `%b` for each, layout)."""
    slots: dict[bytes, tuple[int, int]] = {}
    for leaf, cell in enumerate(probe.cells):
        for part, token in enumerate(cell.tokens):
            slots[token] = leaf, part
    pieces = re.compile(b"(%b|true|false)" % b"|".join(map(re.escape, slots))).split(probe.text)
    flags = _flags(pieces, probe)
    order: list[tuple[int, int]] = []
    for place in range(1, len(pieces), 2):
        slot = flags.get(place, slots.get(pieces[place]))
        pieces[place] = pieces[place].replace(b"%", b"%%") if slot is None else b"%b"
        order += [] if slot is None else [slot]
    if not set(slots.values()) <= set(order):
        raise Unfit
    pieces[::2] = [piece.replace(b"%", b"%%") for piece in pieces[::2]]
    text = b"".join(pieces)
    mark = b'"log":{' if "log" in probe.document else b""
    others = tuple(
        name
        for name, value in probe.document.items()
        if name != "log" and isinstance(value, dict) and value and text.count(b'"%b":{' % name.encode()) == 1
    )
    if not mark:
        return order, text[1:], Layout(probe.document, b"", b"{", others=others)
    if text.count(mark) != 1:
        raise Unfit
    return order, text, Layout(probe.document, mark, mark, "log", others)


def _flags(pieces: list[bytes], probe: _Probe) -> dict[int, tuple[int, int]]:
    """The places among `pieces` that each true-or-false leaf decides."""
    found: dict[int, tuple[int, int]] = {}
    for leaf, flipped in probe.flips.items():
        tokens = [token for cell in probe.cells for token in cell.tokens]
        others = re.compile(b"(%b|true|false)" % b"|".join(map(re.escape, tokens))).split(flipped)
        if len(others) != len(pieces):
            raise Unfit
        changed = [place for place, piece in enumerate(pieces) if piece != others[place]]
        if not changed or any((pieces[place], others[place]) != (b"false", b"true") for place in changed):
            raise Unfit
        found |= dict.fromkeys(changed, (leaf, 0))
    return found
