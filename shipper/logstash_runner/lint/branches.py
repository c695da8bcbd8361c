"""Rule `unreachable`: branches and plugins that no event can reach, and conditions that are constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner import tree
from shipper.logstash_runner.lint.finding import Finding, option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.logstash_runner.tree import Body, Condition, If, Pipeline


def branches(pipeline: Pipeline, _: Mapping[str, str]) -> Iterator[Finding]:
    """Look at filters and outputs."""
    for kind in ("filter", "output"):
        yield from _body(pipeline.section(kind).body)


def _body(body: Body) -> Iterator[Finding]:
    dropped = False
    for item in body:
        if dropped:
            yield Finding(
                "unreachable",
                "no event gets here: the drop before it takes all",
                item.place,
                "remove what follows the drop, or put a condition around the drop",
            )
            return
        if isinstance(item, tree.Plugin):
            dropped = item.name == "drop" and option(item, "percentage") in (None, 100)
        else:
            yield from _chain(item)


def _chain(item: If) -> Iterator[Finding]:
    seen: list[Condition] = []
    for branch in item.branches:
        if branch.condition in seen:
            yield Finding(
                "unreachable",
                "an earlier branch has the same condition",
                branch.place,
                "remove the branch, or mend its condition",
            )
        elif _constant(branch.condition):
            yield Finding(
                "unreachable",
                "the condition is the same for every event",
                branch.place,
                "name a field as [field], or remove the condition",
            )
        seen.append(branch.condition)
        yield from _suspicious(branch.condition)
        yield from _body(branch.body)
    yield from _body(item.otherwise or ())


def _constant(condition: Condition) -> bool:
    if isinstance(condition, tree.Logic):
        return _constant(condition.left) and _constant(condition.right)
    if isinstance(condition, tree.Not):
        return _constant(condition.inner)
    return not any(
        isinstance(operand, tree.Field) or (isinstance(operand, tree.Text) and "${" in operand.value)
        for operand in _operands(condition)
    )


def _operands(condition: tree.Comparison | tree.Membership | tree.Match | tree.Truth) -> tuple[object, ...]:
    if isinstance(condition, tree.Comparison):
        return condition.left, condition.right
    if isinstance(condition, tree.Membership):
        return condition.item, condition.container
    return (condition.left,) if isinstance(condition, tree.Match) else (condition.operand,)


def _suspicious(condition: Condition) -> Iterator[Finding]:
    """`["x"]` is a field reference, and a list is compared by its first element."""
    if isinstance(condition, tree.Logic):
        yield from _suspicious(condition.left)
        yield from _suspicious(condition.right)
    elif isinstance(condition, tree.Not):
        yield from _suspicious(condition.inner)
    else:
        for operand in _operands(condition):
            if isinstance(operand, tree.Field) and operand.reference[1:2] in "\"'":
                yield Finding(
                    "unreachable",
                    f"{operand.reference} is read as the name of a field",
                    operand.place,
                    "compare with ==, or add a second element",
                )
        if isinstance(condition, tree.Comparison) and isinstance(condition.right, tree.Array):
            yield Finding("unreachable", "a list is compared by its first element only", condition.place, "use `in`")
