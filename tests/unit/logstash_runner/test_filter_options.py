"""How options of filters are read, and what is refused, with its place."""

from __future__ import annotations

import pytest

from shipper.errors import ConfigError
from shipper.logstash_runner.plugin import InvalidPluginError, OutsideSubsetError, RegisterError
from tests.support.filters import one, run


@pytest.mark.parametrize("name", ["ruby", "geoip", "useragent", "aggregate"])
def test_filters_that_only_logstash_has_are_refused_by_name_and_place(name):
    with pytest.raises(OutsideSubsetError, match=f"the filter `{name}` is outside of the subset") as caught:
        run(f"{name} {{ }}")
    assert caught.value.where == "<config>:1:10"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("mutat { }", InvalidPluginError, "mutate"),
        ("mutate { add_feld => { } }", InvalidPluginError, "add_field"),
        ("mutate { rename => ['a'] }", InvalidPluginError, "even number of items, got 1"),
        ("drop { percentage => 'x' }", InvalidPluginError, 'Expected number, got "x"'),
        ("kv { whitespace => 'odd' }", InvalidPluginError, 'Expected one of ["strict", "lenient"], got ["odd"]'),
        ("json { target => 'a[b' source => 'x' }", InvalidPluginError, 'Expected a valid field reference, got `"a[b"`'),
        ("json { source => 'a' source => 'b' }", InvalidPluginError, 'Expected string, got ["a", "b"]'),
        ("json { source => 'a' ecs_compatibility => 'x' }", InvalidPluginError, "v-prefixed integer"),
        ("drop { percentage => '5.10' }", InvalidPluginError, "Expected number"),
        ("if 5 =~ /x/ { drop { } }", InvalidPluginError, "Expected a regexp"),
        ("if ['a', 'b'] in [c] { drop { } }", RegisterError, "left of `in`"),
        ("if 'a' < 5 { drop { } }", RegisterError, "no order"),
        ("mutate { add_field => { 'a' => '${NOT_SET}' } }", ConfigError, "NOT_SET"),
        ("date { match => ['t', 'bogus!'] }", InvalidPluginError, "Illegal pattern component"),
        ("date { match => ['t', 'MMM'] locale => 'xx' }", InvalidPluginError, "outside of the subset"),
        ("mutate { gsub => ['a', 'b'] }", RegisterError, "gsub requires 3 non-nil elements"),
        ("mutate { convert => { 'a' => 'long' } }", RegisterError, "Invalid conversion type 'long'"),
        ("kv { value_split => '' }", RegisterError, "must be a non-empty string"),
        ("kv { field_split => '' }", RegisterError, "char-class: /[]/"),
        ("kv { field_split_pattern => '(' }", RegisterError, "unmatched parenthesis: /(/"),
        ("date { match => ['t', 'UNIX'] target => '[' }", RegisterError, "Invalid FieldReference: `[`"),
        ("translate { source => 'a' iterate_on => '[' }", RegisterError, "Invalid FieldReference: `[`"),
        ("json { source => { 'a' => 1 } }", InvalidPluginError, 'Expected string, got {"a" => 1}'),
        ("grok { match => { 'm' => '%{NOPE}' } }", RegisterError, "pattern %{NOPE} not defined"),
        ("dissect { mapping => { 'm' => '%{+&a}' } }", RegisterError, "both Append and Indirect"),
        ("prune { whitelist_names => ['('] }", RegisterError, "unmatched parenthesis"),
    ],
)
def test_mistakes_are_refused_with_words_and_place(text, error, words):
    with pytest.raises(error) as caught:
        run(text)
    assert words in str(caught.value)
    assert str(caught.value.where).startswith("<config>:1:")


def test_an_option_that_is_repeated_with_the_same_text_is_one():
    assert one("json { source => 'm' source => 'm' }", m='{"a": 1}')["a"] == 1


def test_variables_of_the_environment_are_filled_in():
    text = (
        "mutate { add_field => { 'a' => '${A}-${B:dflt}-${C:}' } }"
        " if [a] == '${A}-dflt-' { mutate { add_tag => ['t'] } }"
    )
    assert run(text, {}, environment={"A": "x"})[0]["tags"] == ["t"]
