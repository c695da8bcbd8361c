import pytest

from shipper.dashboards.columns import Formula
from shipper.dashboards.formula import Call, FormulaError, Metric, Number, parse
from shipper.dashboards.formula_columns import formula_columns


def test_multiplication_binds_before_addition():
    tree = parse("1 + 2 * 3")
    assert isinstance(tree, Call)
    assert tree.name == "add"
    assert isinstance(tree.arguments[1], Call)
    assert tree.arguments[1].name == "multiply"


def test_subtraction_leans_to_the_left():
    tree = parse("5 - 2 - 1")
    assert isinstance(tree, Call)
    assert isinstance(tree.arguments[0], Call)
    assert tree.arguments[1] == Number(1.0, 8, 9)


def test_a_metric_keeps_its_field_and_its_kql():
    tree = parse(r"percentile(event.duration, percentile=95, kql='message: \'a\'')")
    assert isinstance(tree, Metric)
    assert tree.field == "event.duration"
    assert tree.options == {"percentile": 95.0, "kql": "message: 'a'"}


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("count( / 2", 7, "expected `[)]`"),
        ("1 +", 3, "expected a number"),
        ("(1", 2, "expected `[)]`"),
        ("1 2", 2, "expected an operator"),
        ("kount()", 0, "unknown function"),
        ("average()", 0, "needs a field"),
        ("divide(1)", 0, "takes 2 arguments"),
        ("count() ? 1", 8, "no place"),
        ("sum(a, percentile=3)", 0, "no option"),
        ("moving_average(count(), windov=3)", 0, "no option"),
        ("sum(a, kql=b)", 11, "expected a number or a text"),
        ("", 0, "expected a number"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, position: int, message: str):
    with pytest.raises(FormulaError, match=message) as caught:
        parse(text)
    assert caught.value.position == position


def test_the_root_points_at_the_last_part_alone():
    columns = formula_columns("m", Formula(label="Share", formula="count(kql='a: 1') / count()"))
    assert list(columns) == ["m", "mX0", "mX1", "mX2"]
    assert columns["m"]["references"] == ["mX2"]
    assert columns["mX0"]["filter"] == {"language": "kuery", "query": "a: 1"}
    assert columns["mX2"]["params"]["tinymathAst"]["args"] == ["mX0", "mX1"]


def test_a_table_function_at_the_root_is_the_last_part():
    columns = formula_columns("m", Formula(label="Calm", formula="moving_average(count(), window=3)"))
    assert columns["m"]["references"] == ["mX1"]
    assert columns["mX1"]["operationType"] == "moving_average"
    assert columns["mX1"]["params"] == {"window": 3}
    assert columns["mX1"]["references"] == ["mX0"]


def test_a_constant_formula_still_has_a_part_to_draw():
    columns = formula_columns("m", Formula(label="One", formula="1"))
    assert columns["m"]["references"] == ["mX0"]


def test_the_text_of_each_part_is_where_its_location_says():
    text = "count() / (count() + 1)"
    columns = formula_columns("m", Formula(label="L", formula=text))
    tree = columns["mX2"]["params"]["tinymathAst"]
    inner = tree["args"][1]
    assert text[inner["location"]["min"] : inner["location"]["max"]] == inner["text"] == "count() + 1"
