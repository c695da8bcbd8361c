"""The configuration language: text to tree, with places, and errors where Logstash puts them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.logstash_runner import tree
from shipper.logstash_runner.grammar import ConfigSyntaxError, parse


def body(text: str):
    return parse(f"filter {{ {text} }}").section("filter").body


def condition(text: str):
    (only,) = body(f"if {text} {{ }}")
    assert isinstance(only, tree.If)
    return only.branches[0].condition


def test_a_plugin_has_its_options_with_their_places():
    (section,) = parse('filter {\n  mutate {\n    add_tag => ["x"]\n  }\n}\n', "a.conf").sections
    (plugin,) = section.body
    assert plugin == tree.Plugin("mutate", (tree.Attribute("add_tag", tree.Array((tree.Text("x"),))),))
    assert isinstance(plugin, tree.Plugin)
    assert (str(plugin.place), str(plugin.attributes[0].place)) == ("a.conf:2:3", "a.conf:3:5")


def test_every_kind_of_value_can_be_written():
    (plugin,) = body(
        """x { a => "d" b => 'q' c => bare d => -5 e => 1.5 f => { "k" => 1 ll => [1, "2"] } g => json { } }"""
    )
    assert isinstance(plugin, tree.Plugin)
    assert [attribute.value for attribute in plugin.attributes] == [
        tree.Text("d"),
        tree.Text("q"),
        tree.Text("bare"),
        tree.Number(-5),
        tree.Number(1.5),
        tree.Hash((tree.Entry("k", tree.Number(1)), tree.Entry("ll", tree.Array((tree.Number(1), tree.Text("2")))))),
        tree.Plugin("json", ()),
    ]


def test_backslashes_stay_and_only_keep_the_quote():
    (plugin,) = body(r'x { a => "b\n\"c" }')
    assert isinstance(plugin, tree.Plugin)
    assert plugin.attributes[0].value == tree.Text(r"b\n\"c")


def test_sections_of_one_kind_are_joined_in_any_order():
    pipeline = parse("output { o { } } filter { a { } } input { i { } } filter { b { } }")
    assert [plugin.name for plugin in tree.plugins(pipeline.section("filter").body)] == ["a", "b"]


def test_branches_may_be_nested_and_plugins_named_like_keywords():
    (chain,) = body("if [a] { if [b] { output { } } } else if [c] { elsewhere { } } else { ifx { } }")
    assert isinstance(chain, tree.If)
    assert [plugin.name for plugin in tree.plugins((chain,))] == ["output", "elsewhere", "ifx"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a]", tree.Truth(tree.Field("[a]"))),
        ("![a][b]", tree.Not(tree.Truth(tree.Field("[a][b]")))),
        ('[a] == "x"', tree.Comparison("==", tree.Field("[a]"), tree.Text("x"))),
        ("[a]>=-1.5", tree.Comparison(">=", tree.Field("[a]"), tree.Number(-1.5))),
        ('"x" in [a]', tree.Membership(tree.Text("x"), tree.Field("[a]"))),
        (
            '[a] not in ["x", "y"]',
            tree.Not(tree.Membership(tree.Field("[a]"), tree.Array((tree.Text("x"), tree.Text("y"))))),
        ),
        ('[a] in ["x"]', tree.Membership(tree.Field("[a]"), tree.Field('["x"]'))),
        (r"[a] =~ /a\/b/", tree.Match(tree.Field("[a]"), tree.Regex("a/b"))),
        ('[a] !~ "x"', tree.Not(tree.Match(tree.Field("[a]"), tree.Text("x")))),
        ("([a])", tree.Truth(tree.Field("[a]"))),
        ("!([a] == 1)", tree.Not(tree.Comparison("==", tree.Field("[a]"), tree.Number(1)))),
    ],
)
def test_conditions_are_read(text, expected):
    assert condition(text) == expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[a] or [b] and [c]", "[a] or ([b] and [c])"),
        ("[a] and [b] or [c]", "([a] and [b]) or [c]"),
        ("[a] or [b] and [c] or [d]", "[a] or (([b] and [c]) or [d])"),
        ("[a] and [b] and [c] or [d]", "[a] and (([b] and [c]) or [d])"),
        ("[a]==1and[b]or 2in[c]", "([a] == 1 and [b]) or 2 in [c]"),
    ],
)
def test_operators_without_parentheses_group_as_in_logstash(text, meant):
    assert condition(text) == condition(meant)


def test_numbers_are_ruby_literals():
    assert condition("[a] == 010") == tree.Comparison("==", tree.Field("[a]"), tree.Number(8))
    with pytest.raises(ConfigSyntaxError, match="octal"):
        condition("[a] == 08")


@pytest.mark.parametrize("text", ["[a] xor [b] and [c]", "[a] nand [b] nand [c]"])
def test_xor_and_nand_want_parentheses(text):
    with pytest.raises(ConfigSyntaxError, match="Unexpected operator"):
        condition(text)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('filter { mutate { add_tag => ["a" "b"] } }', 1, 35),
        ("filter { mutate ( ) }", 1, 17),
        ("filter {\n  mutate { a = 1 }\n}", 2, 14),
        ("filters { }", 1, 7),
        ("\ufefffilter { }", 1, 1),
        ('filter { mutate { a => "open', 1, 29),
        ("filter { if [a] =~ /open { }", 1, 29),
        ("filter { if a == 1 { } }", 1, 14),
        ("filter { if abc == 1 { } }", 1, 17),
        ("filter { x { a => b } }", 1, 21),
        ("filter { x { a => ab-c } }", 1, 24),
        ("filter { x { y => 1z => 2 } }", 1, 22),
        ("filter { x { aa => 1 bb => [1,] } }", 1, 31),
        ("filter { if [a][] { } }", 1, 17),
        ("filter { if [a] == 1e5 { } }", 1, 21),
        ("filter { if [a] == -b { } }", 1, 21),
        ("filter { x { aa => 'b'#c\n bb => 1 } }", 2, 2),
        ("filter {", 1, 9),
        ('filter { x { aa => bb" cc => "d" } }', 1, 22),
        ('filter { x { aa => "b" "\n cc => "d" } }', 2, 9),
        ('filter { x { aa => { "k" => v"w" } } }', 1, 30),
        ("filter { x { aa => 1 1 } }", 1, 24),
        ("filter { x { aa => 1 } 1 }", 1, 26),
    ],
)
def test_errors_stand_where_a_parser_without_tokens_gives_up(text, line, column):
    with pytest.raises(ConfigSyntaxError) as caught:
        parse(text, "a.conf")
    assert f"line {line}, column {column} " in str(caught.value)
    assert caught.value.where == f"a.conf:{line}:{column}"


def test_a_key_twice_in_a_hash_is_refused():
    with pytest.raises(ConfigSyntaxError, match="Duplicate keys"):
        body('x { a => { "k" => 1 "k" => 2 } }')


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{1,8}", fullmatch=True).filter(lambda name: name not in ("if", "else"))
QUOTED = st.text(st.characters(exclude_characters='"\\', exclude_categories=["Cs"]), max_size=8)
TEXTS = st.builds(tree.Text, QUOTED)
NUMBERS = st.one_of(
    st.builds(tree.Number, st.integers(-(10**20), 10**20)),
    st.builds(tree.Number, st.integers(-9999, 9999).map(lambda number: number / 8)),
)
VALUES = st.recursive(
    TEXTS | NUMBERS,
    lambda inner: st.one_of(
        st.builds(tree.Array, st.lists(inner, max_size=3).map(tuple)),
        st.dictionaries(QUOTED, inner, max_size=3).map(
            lambda given: tree.Hash(tuple(tree.Entry(key, value) for key, value in given.items()))
        ),
        st.builds(tree.Plugin, NAMES, st.lists(st.builds(tree.Attribute, NAMES, inner), max_size=2).map(tuple)),
    ),
    max_leaves=6,
)
FIELDS = st.lists(st.from_regex(r"[a-z@0-9. ]{1,6}", fullmatch=True), min_size=1, max_size=3).map(
    lambda keys: tree.Field("".join(f"[{key}]" for key in keys))
)
OPERANDS = FIELDS | TEXTS | NUMBERS
REGEXES = st.text(st.characters(exclude_characters="/\\", exclude_categories=["Cs"]), max_size=8).map(tree.Regex)
CONDITIONS = st.recursive(
    st.one_of(
        st.builds(tree.Truth, OPERANDS),
        st.builds(tree.Comparison, st.sampled_from(["==", "!=", "<", ">", "<=", ">="]), OPERANDS, OPERANDS),
        st.builds(tree.Membership, OPERANDS, OPERANDS),
        st.builds(tree.Match, OPERANDS, REGEXES | TEXTS),
    ),
    lambda inner: st.one_of(
        st.builds(tree.Not, inner),
        st.builds(tree.Logic, st.sampled_from(["and", "or", "xor", "nand"]), inner, inner),
    ),
    max_leaves=5,
)
PLUGINS = st.builds(tree.Plugin, NAMES, st.lists(st.builds(tree.Attribute, NAMES, VALUES), max_size=3).map(tuple))
BODIES = st.recursive(
    st.lists(PLUGINS, max_size=3).map(tuple),
    lambda inner: st.tuples(
        st.builds(
            tree.If,
            st.lists(st.builds(tree.Branch, CONDITIONS, inner), min_size=1, max_size=2).map(tuple),
            st.none() | inner,
        )
    ),
    max_leaves=4,
)
PIPELINES = st.lists(st.builds(tree.Section, st.sampled_from(["input", "filter", "output"]), BODIES), max_size=3).map(
    lambda sections: tree.Pipeline(tuple(sections))
)


@settings(max_examples=40, deadline=None)
@given(PIPELINES)
def test_a_tree_written_as_text_is_read_back_as_itself(pipeline):
    text = "\n".join(f"{section.kind} {{ {written(section.body)} }}" for section in pipeline.sections)
    assert parse(text) == pipeline


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="filter{}[]()=>\"' /!&|aif01,.#\n-", max_size=60))
def test_any_text_is_parsed_or_refused_with_a_place(text):
    try:
        parse(text)
    except ConfigSyntaxError as error:
        assert error.where is not None  # noqa: PT017 - both outcomes are fine


def written(items) -> str:
    return " ".join(chain(item) if isinstance(item, tree.If) else value(item) for item in items)


def chain(item: tree.If) -> str:
    parts = [f"if {condition_text(branch.condition)} {{ {written(branch.body)} }}" for branch in item.branches]
    if item.otherwise is not None:
        parts.append(f"{{ {written(item.otherwise)} }}")
    return " else ".join(parts)


def value(node) -> str:
    if isinstance(node, tree.Text):
        return f'"{node.value}"'
    if isinstance(node, tree.Number):
        return f"{node.value:.10f}" if isinstance(node.value, float) else str(node.value)
    if isinstance(node, tree.Array):
        return "[" + ", ".join(map(value, node.items)) + "]"
    if isinstance(node, tree.Hash):
        return "{ " + " ".join(f'"{entry.key}" => {value(entry.value)}' for entry in node.entries) + " }"
    if isinstance(node, tree.Field):
        return node.reference
    if isinstance(node, tree.Regex):
        return f"/{node.pattern}/"
    return f"{node.name} {{ {' '.join(f'{item.name} => {value(item.value)}' for item in node.attributes)} }}"


def condition_text(node) -> str:
    if isinstance(node, tree.Logic):
        return f"(({condition_text(node.left)}) {node.operator} ({condition_text(node.right)}))"
    if isinstance(node, tree.Not):
        return f"!({condition_text(node.inner)})"
    if isinstance(node, tree.Truth):
        return value(node.operand)
    if isinstance(node, tree.Match):
        return f"{value(node.left)} =~ {value(node.pattern)}"
    if isinstance(node, tree.Membership):
        return f"{value(node.item)} in {value(node.container)}"
    return f"{value(node.left)} {node.operator} {value(node.right)}"
