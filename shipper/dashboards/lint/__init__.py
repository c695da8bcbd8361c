"""Rules R1 to R15: what must hold for an export to be imported by Kibana and drawn.

Kibana checks little of this itself: a dangling reference, a ghost column or a missing field is accepted and fails when
the dashboard is opened. Each rule is a function object -> findings; docs/concepts/dashboards.md lists them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from shipper.dashboards.lint import lens, references, shape
from shipper.dashboards.lint.fields import FieldRules
from shipper.dashboards.lint.finding import Finding
from shipper.dashboards.lint.opened import open_object
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shipper import kql
    from shipper.dashboards.export import Export
    from shipper.dashboards.lint.opened import Opened

RULES: tuple[Callable[[Opened], Iterator[Finding]], ...] = (
    references.unique_names,
    references.targets_exist,
    references.dashboard_references,
    references.layers_and_references,
    lens.columns_agree,
    lens.visualization_agrees,
    shape.panels_lie_beside_each_other,
    references.controls_agree,
    references.filters_refer,
    lens.formulas_point_at_their_last_part,
    shape.versions_are_pinned,
    lens.only_known_kinds,
    shape.limits_are_kept,
)
"""The rules that need the object alone."""

__all__ = ["RULES", "Finding", "lint"]


def lint(export: Export, catalog: Mapping[str, kql.FieldTypes]) -> list[Finding]:
    """Every finding in a file, in its order; `catalog` maps index patterns to the types of their fields.

    Raises:
        UsageError: an object is so far from what Kibana writes that it cannot be judged.
    """
    objects: list[Opened] = []
    for line in export.lines:
        with _judgeable(export, line.number):
            objects.append(open_object(export, line))
    fields = FieldRules(catalog)
    findings = list(references.summary_counts(export, objects))
    for line, opened in zip(export.lines, objects, strict=True):
        findings += opened.findings
        for rule in (*RULES, fields.fields_exist, fields.views_are_written):
            with _judgeable(export, line.number):
                findings += rule(opened)
    return sorted(set(findings))


@contextlib.contextmanager
def _judgeable(export: Export, number: int) -> Iterator[None]:
    """A value of another kind than Kibana writes (a list for an object) ends in a message, with its cause attached."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise UsageError(
            f"the object is not of the shape that Kibana writes: {error}",
            where=f"{export.origin}:{number}",
            hint="export it from Kibana again, or build it with `shipper dashboards build`",
        ) from error
