from __future__ import annotations

import pytest

from shipper.kql import KqlError, fields, parse
from shipper.kql.nodes import All, And, Compare, Equals, Exists, Literal, Not, Operator, Or, Pattern


def equals(field: str, text: str, *, quoted: bool = False) -> Equals:
    return Equals(field, Literal(text, quoted))


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", All()),
        (" * ", All()),
        ("*:*", All()),
        ("log.level: error", equals("log.level", "error")),
        ('message: "a \\"b\\" \\\\ c"', equals("message", 'a "b" \\ c', quoted=True)),
        ("message: connection refused ", equals("message", "connection refused")),
        ("url.path: /a\\*b", equals("url.path", "/a*b")),
        ('url.path: "/a*b"', equals("url.path", "/a*b", quoted=True)),
        ("url.path: /a*b*", Equals("url.path", Pattern(("/a", "b", "")))),
        ("error.id: *", Exists("error.id")),
        ("a: \\u00e9\\t!", equals("a", "é\t!")),
        ("http.response.status_code >= 500", Compare("http.response.status_code", Operator.GE, Literal("500"))),
        ("not a: 1 and b: 2 or c: 3", Or((And((Not(equals("a", "1")), equals("b", "2"))), equals("c", "3")))),
        ("a: 1 AND (b: 2 Or c: 3)", And((equals("a", "1"), Or((equals("b", "2"), equals("c", "3")))))),
        ("a: (1 or not 2)", Or((equals("a", "1"), Not(equals("a", "2"))))),
        ("a: android or b: oracle", Or((equals("a", "android"), equals("b", "oracle")))),
        ('a: "or"', equals("a", "or", quoted=True)),
        ("a: \\or", equals("a", "or")),
    ],
)
def test_a_text_becomes_its_tree(text, node):
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("error", 0, "`error` has no field"),
        ("a: 1 b: 2", 6, "expected `and`, `or` or the end"),
        ("a:", 2, "expected a value, found the end"),
        ("a: (1 or 2", 10, "a parenthesis is not closed here"),
        ("(a: 1", 5, "a parenthesis is not closed here"),
        ("a: 1)", 4, "expected `and`, `or` or the end"),
        ('a: "x', 3, "a quote is never closed"),
        ("er*: 1", 0, "a field name must be written out, without `*`"),
        ("a > 1*", 4, "an order cannot compare with a wildcard"),
        ("a: { b: 1 }", 3, "nested queries `field: { … }` are not supported"),
        ("a: x\\q", 4, "a backslash with nothing to escape"),
        ("a: and", 3, "expected a value, found a keyword"),
        ("@timestamp > 2026-01-01T00:00:00Z", 26, "expected `and`, `or` or the end"),
        ("(" * 80 + "a: 1" + ")" * 80, 61, "nested deeper than 60"),
        ("my field: 1", 0, "a field name has no spaces"),
    ],
)
def test_a_mistake_names_its_column_and_the_way_out(text, position, message):
    with pytest.raises(KqlError) as caught:
        parse(text)
    assert caught.value.position == position
    assert message in caught.value.message
    assert f"column {position + 1}" in str(caught.value)


def test_fields_lists_each_field_once():
    assert fields(parse("a: (1 or 2) and not b > 3 or c.d: *")) == {"a", "b", "c.d"}
