"""Rule `unguarded-id`: a `document_id` made of a field that may be missing.

Logstash then writes the reference itself as the id, and with `create` every later such event is lost as a conflict.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.logstash_runner import tree
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.lint.finding import Finding, option
from shipper.logstash_runner.lint.writes import written
from shipper.logstash_runner.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.logstash_runner.tree import Body, Condition, Pipeline

    Path = tuple[str, ...]

_REFERENCE = re.compile(r"%\{(?![+{])([^}]+)\}")


def identity(pipeline: Pipeline, _: Mapping[str, str]) -> Iterator[Finding]:
    """Look at every `document_id`."""
    filters = pipeline.section("filter").body
    yield from _outputs(pipeline.section("output").body, filters, routed=False)


def _outputs(body: Body, filters: Body, *, routed: bool) -> Iterator[Finding]:
    for item in body:
        if isinstance(item, tree.If):
            for branch in item.branches:
                yield from _outputs(branch.body, filters, routed=True)
            yield from _outputs(item.otherwise or (), filters, routed=True)
            continue
        value = option(item, "document_id")
        for reference in _REFERENCE.findall(value if isinstance(value, str) else ""):
            if not _guarded(reference, filters, routed=routed):
                attribute = item.attribute("document_id")
                yield Finding(
                    "unguarded-id",
                    f"document_id is the text %{{{reference}}} for events without that field",
                    attribute.place if attribute else item.place,
                    f'set it in the filters: if !{reference} {{ fingerprint {{ … target => "{reference}" }} }}',
                )


def _guarded(reference: str, filters: Body, *, routed: bool) -> bool:
    try:
        path = parse_reference(reference)
    except EventFault:
        return False
    if _always(filters, path):
        return True
    # conditions on the way to the output may keep such events away; whether they do is beyond this rule
    return routed and any(path in written(plugin) for plugin in tree.plugins(filters))


def _always(body: Body, path: Path) -> bool:
    """Every event that passes has the field afterwards."""
    for item in body:
        if isinstance(item, tree.Plugin):
            if path in written(item):
                return True
            continue
        ends = [_always(branch.body, path) or _tests(branch.condition, path) for branch in item.branches]
        if all(ends) and (_always(item.otherwise or (), path) or _missing(item.branches[0].condition, path)):
            return True
    return False


def _tests(condition: Condition, path: Path) -> bool:
    """The condition holds only where the field is there."""
    if isinstance(condition, tree.Truth):
        return isinstance(condition.operand, tree.Field) and parse_reference(condition.operand.reference) == path
    if isinstance(condition, tree.Logic) and condition.operator == "and":
        return _tests(condition.left, path) or _tests(condition.right, path)
    return False


def _missing(condition: Condition, path: Path) -> bool:
    """The condition fails only where the field is there."""
    if isinstance(condition, tree.Logic) and condition.operator == "or":
        return _missing(condition.left, path) or _missing(condition.right, path)
    return isinstance(condition, tree.Not) and _tests(condition.inner, path)
