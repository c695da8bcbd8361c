"""Findings about fields: unknown, of the wrong type, with values that never come, or with too many."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from shipper.ecs.table import ALLOWED, ARRAYS, TYPES
from shipper.kql import fields
from shipper.kql.nodes import And, Equals, Literal, Not, Or
from shipper.kql.values import Family, family
from shipper.rules.fields import field_types, is_known
from shipper.rules.finding import Finding, at
from shipper.rules.query_text import parse_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shipper.kql import Node
    from shipper.rules.files import RuleFile

HIGH_CARDINALITY = frozenset({
    "client.port", "destination.port", "error.id", "event.duration", "event.hash", "event.id", "event.original",
    "event.sequence", "http.request.id", "http.request.referrer", "log.offset", "message", "process.entity_id",
    "process.pid", "process.thread.id", "source.port", "span.id", "trace.id", "transaction.id", "url.full",
    "url.original", "url.path", "url.query", "user_agent.original",
})  # fmt: skip
"""Fields with a new value in nearly every document: a group each."""
SINGLE = frozenset(
    name
    for name, kind in TYPES.items()
    if name not in ARRAYS and family(kind) in (Family.KEYWORD, Family.INTEGER, Family.BOOLEAN)
)
"""ECS fields with one exact value."""
INDICES = ("shipper-logs-*", "shipper-metrics-*", "campaign-events-*", "shipper-alerts")
STEMS = [index.rstrip("-*") for index in INDICES]


def _queries(file: RuleFile) -> Iterator[Finding]:
    rule = file.rule
    named = {"filter": parse_query(rule.filter, rule.name, "filter"), **file.rule.judge().measures.filters}
    for key, node in named.items():
        for name in sorted(fields(node)):
            if not is_known(name):
                yield unknown(file, key, name)
        for leaf in _leaves(node):
            allowed = ALLOWED.get(leaf.field)
            if allowed is not None and isinstance(leaf.value, Literal) and leaf.value.text not in allowed:
                yield at(
                    file,
                    key,
                    f"{leaf.field} is never `{leaf.value.text}`",
                    _nearest(leaf.value.text, allowed) or f"ECS allows: {', '.join(sorted(allowed))}",
                )


def _leaves(node: Node) -> Iterator[Equals]:
    match node:
        case Equals():
            yield node
        case Not():
            yield from _leaves(node.child)
        case And() | Or():
            for child in node.children:
                yield from _leaves(child)


def _grouping(file: RuleFile) -> Iterator[Finding]:
    for name in file.rule.group_by:
        kind = field_types().get(name)
        if name in HIGH_CARDINALITY or family(kind) is Family.DATE or (kind and name.endswith(".bytes")):
            yield at(
                file,
                "group_by",
                f"{name} has a value of its own in nearly every document",
                "group by http.route or another field of few values",
            )
        elif family(kind) is Family.TEXT:
            yield at(file, "group_by", f"{name} is a text field and cannot be grouped", "group by a keyword field")
        elif not is_known(name):
            yield unknown(file, "group_by", name)
        elif kind is None or family(kind) is Family.OTHER:
            yield at(file, "group_by", f"{name} is an object and cannot be grouped", f"name a field in it: {_in(name)}")


def _measured(file: RuleFile) -> Iterator[Finding]:
    measures = file.rule.judge().measures
    for name in (measures.number, measures.distinct):
        if name is None:
            continue
        kind = field_types().get(name)
        if not is_known(name):
            yield unknown(file, "field", name)
        elif name == measures.number and family(kind) not in (Family.INTEGER, Family.DECIMAL):
            yield at(file, "field", f"{name} is no number ({kind or 'an object'})", "measure a field with numbers")
        elif kind is None or family(kind) in (Family.TEXT, Family.OTHER):
            yield at(
                file, "field", f"the values of {name} cannot be told apart ({kind or 'an object'})", "name a keyword"
            )


def _index(file: RuleFile) -> Iterator[Finding]:
    for pattern in file.rule.index.split(","):
        stem = pattern.rstrip("*-0123456789.")
        names = (name for index in INDICES for name in (index, index.rstrip("-*"), index.replace("*", "2026.01.31")))
        if stem in STEMS or any(fnmatchcase(name, pattern) for name in names):
            continue
        near = difflib.get_close_matches(stem, STEMS, n=1, cutoff=0.75)
        if near:
            yield at(
                file,
                "index",
                f"`{pattern}` matches no index of ours",
                f"did you mean `{INDICES[STEMS.index(near[0])]}`?",
            )


def unknown(file: RuleFile, key: str | tuple[str | int, ...], name: str) -> Finding:
    """The finding for a field that no template has."""
    near = _nearest(name, field_types())
    return at(file, key, f"the field {name} is in none of our templates", near or "check its spelling")


def _nearest(word: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def _in(name: str) -> str:
    inner = sorted(other for other in field_types() if other.startswith(f"{name}."))
    preferred = [f"{name}.name"] if f"{name}.name" in inner else inner[:1]
    return preferred[0] if preferred else "a keyword"


FIELD_CHECKS = (_queries, _grouping, _measured, _index)
