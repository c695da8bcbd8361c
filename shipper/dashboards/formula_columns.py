"""A formula as Lens keeps it: one column a part, `<id>X0`, `<id>X1`, …, and a root that points at the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.dashboards import formula
from shipper.dashboards.columns import RECORDS

if TYPE_CHECKING:
    from shipper.dashboards.columns import Formula


def formula_columns(root_id: str, config: Formula) -> dict[str, dict[str, Any]]:
    """Column id -> column, the root first. Kibana draws `references[0]` of the root.

    Raises:
        FormulaError: the formula is wrong.
    """
    parts = _Parts(root_id, config.formula, config.label)
    last = parts.column_of(formula.parse(config.formula))
    parameters: dict[str, Any] = {"formula": config.formula, "isFormulaBroken": False}
    if config.format is not None:
        parameters["format"] = config.format.lens()
    root = {
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "label": config.label,
        "operationType": "formula",
        "params": parameters,
        "references": [last],
        "scale": "ratio",
    }
    return {root_id: root, **parts.columns}


class _Parts:
    def __init__(self, root_id: str, text: str, label: str) -> None:
        self._root = root_id
        self._text = text
        self._label = label
        self.columns: dict[str, dict[str, Any]] = {}

    def column_of(self, node: formula.Expression) -> str:
        """The id of the column that holds `node`'s value."""
        if isinstance(node, formula.Metric):
            return self._add(self._metric(node))
        if isinstance(node, formula.Call) and node.name in formula.TABLE_FUNCTIONS:
            return self._add(self._table_function(node))
        references: list[str] = []
        tree = self._tree(node, references)
        if isinstance(tree, float | int):  # a formula that is a constant
            tree = {"args": [tree, 0], "name": "add", "type": "function", **self._place(node)}
        return self._add({"operationType": "math", "params": {"tinymathAst": tree}, "references": _once(references)})

    def _tree(self, node: formula.Expression, references: list[str]) -> Any:
        """Tinymath's tree: numbers, column ids, functions."""
        if isinstance(node, formula.Number):
            return int(node.value) if node.value == int(node.value) else node.value
        if isinstance(node, formula.Metric) or node.name in formula.TABLE_FUNCTIONS:
            reference = self.column_of(node)
            references.append(reference)
            return reference
        arguments = [self._tree(argument, references) for argument in node.arguments]
        return {"args": arguments, "name": node.name, "type": "function", **self._place(node)}

    def _place(self, node: formula.Expression) -> dict[str, Any]:
        return {"location": {"max": node.end, "min": node.start}, "text": self._text[node.start : node.end]}

    def _metric(self, node: formula.Metric) -> dict[str, Any]:
        parameters: dict[str, Any] = {"emptyAsNull": False}
        if node.name == "percentile":
            percentile = float(node.options.get("percentile", 95.0))
            parameters["percentile"] = int(percentile) if percentile == int(percentile) else percentile
        if node.name == "last_value":
            parameters = {"showArrayValues": False, "sortField": "@timestamp"}
        column: dict[str, Any] = {
            "operationType": node.name,
            "params": parameters,
            "sourceField": node.field or RECORDS,
        }
        if "kql" in node.options:
            column["filter"] = {"language": "kuery", "query": str(node.options["kql"])}
        return column

    def _table_function(self, node: formula.Call) -> dict[str, Any]:
        inner = self.column_of(node.arguments[0])
        column: dict[str, Any] = {"operationType": node.name, "params": {}, "references": [inner]}
        if node.name == "moving_average":
            column["params"] = {"window": int(node.options.get("window", 5))}
        return column

    def _add(self, column: dict[str, Any]) -> str:
        name = f"{self._root}X{len(self.columns)}"
        self.columns[name] = {
            "customLabel": True,
            "dataType": "number",
            "isBucketed": False,
            "label": f"Part of {self._label}",
            "scale": "ratio",
            **column,
        }
        return name


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))
