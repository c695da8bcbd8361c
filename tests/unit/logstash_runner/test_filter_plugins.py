"""Each filter beyond the recorded cases: what its documentation and source promise."""

from __future__ import annotations

import base64
import json
import os

import pytest

from shipper.clock import ManualClock
from shipper.logstash_runner.compile import compile_filters
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.filter.murmur import murmur3_128
from shipper.logstash_runner.grammar import parse
from tests.support.filters import STAMP, one, run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1e3", None),
        ("1.5e3", 1500),
        ("0x1F", 31),
        ("010", 8),
        ("08", None),
        (" 7 ", 7),
        ("", None),
        ("٣", None),
        (2.9, 2),
        (True, 1),
    ],
)
def test_integers_are_read_as_ruby_reads_them(given, expected):
    made = one("mutate { convert => { 'a' => 'integer' } }", a=given)
    assert made == ({"a": given, "tags": ["_mutate_error"]} if expected is None else {"a": expected})


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("integer_eu", "1.234,5", 1234),
        ("float_eu", "1.234,5", 1234.5),
        ("float", "1,234.5", 1234.5),
        ("float", "0x10", 16.0),
        ("string", 7.673440697956013e18, "7673440697956013100.0"),
        ("string", 1.0525601208836899e19, "1.05256012088369e+19"),
        ("string", True, "true"),
        ("string", [1, None, {"k": 2.0}], ["1", None, '{"k" => 2.0}']),
        ("boolean", 1, True),
        ("boolean", 0.0, False),
    ],
)
def test_other_conversions(kind, given, expected):
    assert one(f"mutate {{ convert => {{ 'a' => '{kind}' }} }}", a=given) == {"a": expected}


@pytest.mark.parametrize(
    ("options", "given", "expected"),
    [
        (r"gsub => ['a', '(\w)(\d)', '\2\1']", "x1 y2", "1x 2y"),
        (r"gsub => ['a', '(?<l>\w)=', '[\k<l>]']", "a=b=", "[a][b]"),
        (r"gsub => ['a', 'b', '<\0\\&>']", "abc", "a<b\\&>c"),
        ("gsub => ['a', '^', '> ']", "1\n2", "> 1\n> 2"),
        ("gsub => ['a', 'b*|c', '-']", "abc", "-a--c-"),  # an empty match is not tried again at its place
        (r"gsub => ['a', '(?<n>b)', '[\1\0]']", "abc", "a[b]c"),  # beside a name no group has a number
        ("gsub => ['a', '\\d{2}?x', '-']", "1x12x", "1--"),  # {2}? is all of it or nothing
        ("gsub => ['a', '^', '> ']", "1\n", "> 1\n"),
        ("gsub => ['a', '^', '> ']", "", "> "),
        ("gsub => ['a', '$', '!']", "1\n", "1!\n!"),
        ("lowercase => ['a']", "ΟΔΟΣ", "οδοσ"),
        ("split => { 'a' => ' ' }", " x\0 \t y ", ["x\0", "y"]),
        ("join => { 'a' => '-' }", [1, None, ["x", 2.5]], "1--x-2.5"),
        ("join => { 'a' => '-' }", "text", "text"),
        ("strip => ['a']", " \t x \n", "x"),
        ("capitalize => ['a']", "hELLO wORLD", "Hello world"),
        ("split => { 'a' => '' }", "abc", ["a", "b", "c"]),
    ],
)
def test_mutate_changes_text(options, given, expected):
    assert one(f"mutate {{ {options} }}", a=given) == {"a": expected}


def test_merge_makes_lists_and_merges_objects():
    assert one("mutate { merge => { 'a' => 'b' } }", a="x", b=["y", "z"])["a"] == ["x", "y", "z"]
    assert one("mutate { merge => { 'a' => ['b', 'c'] } }", a=[1], b=2, c=3)["a"] == [1, 2, 3]
    assert one("mutate { merge => { 'a' => 'b' } }", a={"x": 1}, b={"y": 2})["a"] == {"x": 1, "y": 2}


def test_a_failing_step_keeps_what_earlier_steps_did():
    made = one("mutate { rename => { 'a' => 'b' } convert => { 'b' => 'integer' } add_tag => ['never'] }", a="x")
    assert made == {"b": "x", "tags": ["_mutate_error"]}


@pytest.mark.parametrize(
    ("value", "digest"),
    [  # from the specification of Logstash's own plugin
        ("123.123.123.123", "41cbc4056eed401d091dfbeabf7ea9e0"),
        (123, "286816c693ac410ed63e1430dcd6f6fe"),
        (2148483647, "fdc7699a82556c8c584131f0133ee989"),
        ("1970-01-01T00:00:00Z", "a0287bec80fce9eb6a1457efae3a7aeb"),
    ],
)
def test_murmur3_128_of_texts_and_of_numbers_of_32_and_64_bits(value, digest):
    options = "source => 'a' target => 'd' method => 'MURMUR3_128'"
    assert one(f"fingerprint {{ {options} }}", a=value)["d"] == digest
    encoded = one(f"fingerprint {{ {options} base64encode => true }}", a=value)["d"]
    assert base64.b64decode(encoded).hex() == digest


@pytest.mark.parametrize(
    ("text", "words"),
    [  # from the tests of the gem that Logstash uses
        ("asdfqwer", (0xD6D7D367, 0xCB41F064, 0x8973CD72, 0xC345E72E)),
        ("asdfqwerzxcvyui", (0x07B2172F, 0x64ECAE1B, 0x1813B5A5, 0x9C674EE6)),
        ("asdfqwerzxcvyuio", (0xF508DF57, 0xBB38F3FD, 0xF48C9D98, 0xB65C36CD)),
        ("asdfqwerzxcvyuio!", (0x8A011755, 0xB13D463F, 0x8386D32A, 0x0DF8884C)),
    ],
)
def test_murmur3_128_of_whole_and_broken_blocks(text, words):
    assert murmur3_128(text.encode(), 0) == b"".join(word.to_bytes(4, "little") for word in words)


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1, 12345678901234567890123, 10**20])
def test_json_keeps_integers_of_any_size(number):
    made = one("json { source => 'm' target => 't' }", m=json.dumps({"a": [{"b": number}], "c": 1e30}))
    assert made["t"] == {"a": [{"b": number}], "c": 1e30}
    assert type(made["t"]["a"][0]["b"]) is int


def test_a_float_beyond_all_bounds_is_json_as_for_java():
    made = one("json { source => 'm' target => 't' }", m="[1e400, 2]")
    assert ("tags" in made, made["t"][1]) == (False, 2)


def test_kv_splits_at_a_pattern_that_begins_with_a_backslash():
    text = r"kv { source => 'm' field_split_pattern => '\\r' value_split_pattern => ': ' whitespace => 'strict' }"
    assert one(text, m=r"Host: a.b\rAgent: c\ d\rId: 0:1\r") == {
        "m": r"Host: a.b\rAgent: c\ d\rId: 0:1\r",
        "Host": "a.b",
        "Agent": r"c\ d",
        "Id": "0:1",
    }


def test_kv_passes_over_null_in_a_list():
    assert one("kv { source => 'm' }", m=["a=1", None]) == {"m": ["a=1", None], "a": "1"}


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ("prefix => 'x_'", "a=1", {"x_a": "1"}),
        ("include_keys => ['a']", "a=1 b=2", {"a": "1"}),
        ("trim_key => '_' trim_value => '<>'", "_a_=<1>", {"a": "1"}),
        ("remove_char_key => 'x' remove_char_value => '-'", "axb=1-2", {"ab": "12"}),
        ("transform_key => 'uppercase' transform_value => 'capitalize'", "a=wORD", {"A": "Word"}),
        ("field_split => '&?' value_split => ':'", "?a:1&b:2", {"a": "1", "b": "2"}),
        ("allow_empty_values => true whitespace => 'strict'", "a= b=1", {"a": "", "b": "1"}),
        ("recursive => true", "a=(b=1 c=2)", {"a": {"b": "1", "c": "2"}}),
        ("include_brackets => false", "a=(x y)", {"a": "(x"}),
        ("", r"a=x\ y b=2", {"a": r"x\ y", "b": "2"}),
    ],
)
def test_kv_options(options, text, expected):
    made = one(f"kv {{ source => 'm' {options} }}", m=text)
    del made["m"]
    assert made == expected


@pytest.mark.parametrize(
    ("mapping", "text", "expected"),
    [
        ("%{a->} %{b}", "x    y", {"a": "x", "b": "y"}),
        ("%{a} %{+a} %{b}", "1 2 3", {"a": "1 2", "b": "3"}),
        ("%{+a/2} %{+a/1} %{+a/4} %{+a/3}", "1 2 3 go", {"a": "2 1 go 3"}),
        ("%{?k}=%{&k}", "name=value", {"name": "value"}),
        ("%{a},%{b},%{c}", "1,,3", {"a": "1", "b": "", "c": "3"}),
        ("<%{a}>%{b}", "<x>", {"a": "x", "b": ""}),
    ],
)
def test_dissections(mapping, text, expected):
    made = one(f"dissect {{ mapping => {{ 'm' => '{mapping}' }} }}", m=text)
    del made["m"]
    assert made == expected


@pytest.mark.parametrize(
    ("value", "words", "expected"),
    [([1, "a", None], "[1, a, ]", True), ({"k": 1.5}, "{k=1.5}", True), ([1, "a"], "['1', 'a']", False)],
)
def test_a_list_or_object_is_in_a_list_of_texts_as_java_writes_it(value, words, expected):
    made = one(f'if [a] in ["{words}", "x"] {{ mutate {{ add_tag => "in" }} }}', a=value)
    assert ("tags" in made) == expected


def test_a_time_is_converted_to_seconds():
    text = 'mutate { copy => { "@timestamp" => "t" } } mutate { convert => { "t" => "KIND" } }'
    assert one(text.replace("KIND", "float"))["t"] == 1767323045.678
    assert one(text.replace("KIND", "integer"))["t"] == 1767323045


@pytest.mark.parametrize(
    ("options", "fields", "expected"),
    [
        ("keep_empty_captures => true match => { 'm' => '%{WORD:w}(?<e>x*)' }", {"m": "abc"}, {"w": "abc", "e": ""}),
        ("overwrite => ['m'] match => { 'm' => 'a=%{INT:m:int}' }", {"m": "a=5"}, {"m": 5}),
        ("target => '[t]' match => { 'm' => '%{INT:[a][b]}' }", {"m": "5"}, {"t": {"a": {"b": "5"}}}),
        (
            "break_on_match => false match => { 'm' => ['%{INT:i}', '%{WORD:w}'] }",
            {"m": "5 x"},
            {"i": "5", "w": "5"},
        ),
        ("match => { 'm' => '%{NUMBER:f:float}' }", {"m": "1e"}, {"f": 1.0}),
    ],
)
def test_grok_options(options, fields, expected):
    made = one(f"grok {{ {options} }}", **fields)
    assert made == {**fields, **expected}


def test_a_grok_that_takes_too_long_is_tagged():
    made = one("grok { timeout_millis => 30 match => { 'm' => '(?:a|aa)+$' } }", m="a" * 60 + "c")
    assert made["tags"] == ["_groktimeout"]


def test_a_dictionary_file_is_read_again_when_it_changed(tmp_path):
    path = tmp_path / "d.json"
    path.write_text('{"a": "1", "b": "1"}')
    clock = ManualClock()
    text = f"translate {{ source => 's' target => 't' dictionary_path => '{path}' refresh_interval => 60 %s }}"
    merging = compile_filters(parse(f"filter {{ {text % ''} }}").section("filter"), {}, clock)
    replacing = compile_filters(
        parse(f"filter {{ {text % 'refresh_behaviour => replace'} }}").section("filter"), {}, clock
    )

    def looked_up(filters, name):
        (event,) = filters([Event.of({"s": name}, clock)])
        return event.data.get("t")

    assert [looked_up(merging, name) for name in "ab"] == ["1", "1"]
    path.write_text('{"a": "2"}')
    os.utime(path, ns=(1, 1))
    assert looked_up(merging, "a") == "1"
    clock.advance(61)
    assert [looked_up(merging, name) for name in "ab"] == ["2", "1"]
    assert [looked_up(replacing, name) for name in "ab"] == ["2", None]

    path.write_text("{broken")
    clock.advance(61)
    assert looked_up(merging, "a") == "2"


@pytest.mark.parametrize(
    ("options", "fields", "expected"),
    [
        ("regex => true dictionary => { '^x' => 'X' }", {"s": "xyz"}, {"t": "X"}),
        ("exact => false dictionary => { 'foo' => 'bar' }", {"s": "foofing"}, {"t": "barfing"}),
        ("dictionary => { 'a' => '1' } override => true", {"s": "a", "t": "old"}, {"t": "1"}),
        ("dictionary => { 'a' => '1' }", {"s": "a", "t": "old"}, {"t": "old"}),
    ],
)
def test_translate_options(options, fields, expected):
    made = one(f"translate {{ source => 's' target => 't' {options} }}", **fields)
    assert made == {**fields, **expected}


def test_translate_replaces_keys_inside_a_text_by_their_letters_never_as_patterns():
    options = "dictionary => { '[ab]' => '1' 'x' => '2' } exact => false regex => true"
    text = f"translate {{ source => 'a' target => 'b' {options} }}"
    assert one(text, a="x[ab]a")["b"] == "21a"


def test_translate_passes_over_objects_without_the_field():
    text = "translate { source => 'k' target => 'v' iterate_on => 'l' dictionary => { '1' => 'one' } fallback => 'f' }"
    assert one(text, l=[{"k": 1}, {"z": 1}, {"k": "q"}]) == {
        "l": [{"k": 1, "v": "one"}, {"z": 1}, {"k": "q", "v": "f"}]
    }


def test_translate_walks_lists():
    dictionary = "dictionary => { '100' => 'Yuki' '101' => 'Rupert' } fallback => 'Unknown'"
    values = one(f"translate {{ iterate_on => 'ids' source => 'ids' target => 'names' {dictionary} }}", ids=[100, 7])
    assert values["names"] == ["Yuki", "Unknown"]
    objects = one(f"translate {{ iterate_on => 'l' source => 'id' target => 'name' {dictionary} }}", l=[{"id": 101}])
    assert objects["l"] == [{"id": 101, "name": "Rupert"}]


def test_json_is_read_with_integers_of_any_size_but_not_with_nan():
    assert one("json { source => 'm' target => 'o' }", m='{"n": 123456789012345678901}')["o"] == {
        "n": 123456789012345678901
    }
    assert one("json { source => 'm' target => 'o' }", m="[NaN]")["tags"] == ["_jsonparsefailure"]
    assert "tags" not in one("json { source => 'm' skip_on_invalid_json => true }", m="{")


def test_the_time_in_json_is_the_events():
    (made,) = run("json { source => 'm' }", {"m": '{"@timestamp": "2020-01-01T00:00:00Z"}'})
    assert made["@timestamp"] == "2020-01-01T00:00:00.000Z"
    (bad,) = run("json { source => 'm' }", {"m": '{"@timestamp": "never"}'})
    assert (bad["_@timestamp"], bad["tags"]) == ("never", ["_timestampparsefailure"])


def test_clones_travel_with_their_event_through_branches():
    text = "clone { clones => ['c'] } if 'c' in [tags] { mutate { add_field => { 'x' => '1' } } } else { drop { } }"
    assert run(text, {"a": 1}) == [{"@timestamp": STAMP, "a": 1, "tags": ["c"], "x": "1"}]


def test_an_event_that_a_decoration_cannot_change_is_kept_and_tagged():
    assert one("drop { percentage => 0 } fingerprint { source => 'a' target => '[s][x]' }", a="1", s="text") == {
        "a": "1",
        "s": "text",
        "tags": ["_filter_error"],
    }


@pytest.mark.parametrize(("kind", "text", "expected"), [("float", ".5", 0.5), ("float", "-.5x", -0.5), ("int", "٣", 0)])
def test_groks_numbers_are_read_as_ruby_reads_the_beginning_of_a_text(kind, text, expected):
    assert one(f"grok {{ match => {{ 'm' => '^%{{DATA:n:{kind}}}$' }} }}", m=text)["n"] == expected


def test_split_at_a_blank_cuts_at_white_space_of_ascii_only():
    text = "split { field => 'm' terminator => ' ' }"
    assert [item["m"] for item in run(text, {"m": " a\u00a0b \t c "})] == ["a\u00a0b", "c"]
