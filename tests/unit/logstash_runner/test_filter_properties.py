"""What holds for any event: no filter crashes, no template raises anything but a fault of the event."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.clock import ManualClock
from shipper.logstash_runner.compile import compile_filters, compile_outputs
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.grammar import parse
from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.template import compile_template

NAMES = st.sampled_from(["a", "b", "c", "tags", "@timestamp", "@metadata", "message", "[x]", "x[", "0", "", "a b", "é"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["2026-01-02T03:04:05.678Z", "1478207457", "a=1 b=2", '{"a":{"b":1}}', "1,2;3", "12.5", "true"]),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
DOCUMENTS = st.dictionaries(NAMES, JSON, max_size=6)

FILTERS = [
    "clone { clones => ['k'] add_field => { '[a][b]' => '%{c}' } }",
    "csv { source => 'a' convert => { 'column1' => 'integer' } }",
    "date { match => ['a', 'ISO8601', 'UNIX', 'UNIX_MS', 'TAI64N', 'yyyy-MM-dd HH:mm:ss z'] target => 'b' }",
    "date { match => ['a', 'MMM dd HH:mm:ss', 'EEE D w', 'x-w-e'] timezone => '%{b}' }",
    "dissect { mapping => { 'a' => '%{x->} %{+y/2}=%{+y/1} %{&x}' } convert_datatype => { 'b' => 'int' } }",
    "drop { percentage => 50 }",
    "fingerprint { source => ['a', 'b'] concatenate_sources => true target => '[c][d]' }",
    "fingerprint { source => 'a' method => 'MURMUR3' }",
    "fingerprint { source => 'a' method => 'PUNCTUATION' }",
    "fingerprint { source => 'a' method => 'IPV4_NETWORK' key => '24' }",
    "fingerprint { concatenate_all_fields => true method => 'SHA256' }",
    "grok { match => { 'a' => ['%{INT:b:int}', '%{IPORHOST:[c][d]}', '%{DATA:message}'] } overwrite => ['message'] }",
    "json { source => 'a' }",
    "json { source => 'a' target => '[b][c]' }",
    "kv { source => 'a' recursive => true }",
    "mutate { convert => { 'a' => 'integer' 'b' => 'float' 'c' => 'boolean' '[a][0]' => 'string' } }",
    "mutate { rename => { 'a' => '[b][c]' '%{b}' => '[tags]' } copy => { 'c' => '@timestamp' } }",
    "mutate { gsub => ['a', '(.)', '\\\\1x', 'b', '%{c}', ''] strip => ['a', 'b'] capitalize => ['c'] }",
    "mutate { split => { 'a' => ' ' } join => { 'b' => ',' } merge => { 'c' => 'a' } uppercase => ['message'] }",
    "mutate { replace => { '[a][b][c]' => '%{a}' } update => { '@metadata' => 'x' } coerce => { 'b' => 'y' } }",
    "mutate { add_field => { 'tags' => 't' '[b][0]' => 'u' } remove_field => ['[c][0]', '@timestamp'] add_tag => 'v' }",
    "mutate { remove_tag => ['a', '%{b}'] remove_field => ['@metadata', 'tags'] }",
    "prune { whitelist_names => ['^a', '@'] blacklist_values => { 'a' => 'x' } }",
    "prune { interpolate => true blacklist_names => ['%{a}'] whitelist_values => { 'b' => '%{c}' } }",
    "split { field => 'a' add_tag => ['s'] }",
    "translate { source => 'a' target => '[b][c]' dictionary => { '1' => 'one' } fallback => '%{c}' }",
    "translate { source => 'a' iterate_on => 'a' dictionary => { 'x' => 'y' } }",
    "translate { source => '[a]' iterate_on => 'b' dictionary => { 'x' => 'y' } regex => true }",
    "translate { source => 'a' exact => false dictionary => { 'a' => 'b' } }",
    "if [a] > 5 or [b] <= [c] or 'x' in [tags] or [a] in ['x', 1] or [c] =~ /x$/ { mutate { add_tag => ['t'] } }",
    "if [a] == [b] xor [a] != 1.5 { drop { } } else if [a] in [b] and ![c] { mutate { add_tag => ['e'] } }",
]


@pytest.mark.parametrize("text", FILTERS)
@settings(max_examples=20, deadline=None)
@given(DOCUMENTS)
def test_a_filter_does_something_defined_to_any_event(text, document):
    filters = compile_filters(parse(f"filter {{ {text} }}").section("filter"), {}, ManualClock())
    for event in filters([Event.of(document, ManualClock())]):
        encoded = json.loads(event.encode())
        assert set(encoded) == set(event.data)
        assert event.whole() is not event.data


TEMPLATES = st.lists(
    st.sampled_from(
        ["%{", "}", "{", "+", "a", "[", "]", "[a]", "%{a}", "%{[a][b]}", "%{+YYYY.MM}", "%{{yyyy}}", "%{+%s}", "é", " "]
    ),
    max_size=6,
).map("".join)


@settings(max_examples=100, deadline=None)
@given(TEMPLATES, DOCUMENTS)
def test_a_template_gives_text_or_a_fault_of_the_event(template, document):
    with contextlib.suppress(EventFault):
        assert isinstance(compile_template(template)(Event.of(document, ManualClock())), str)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=20), DOCUMENTS)
def test_text_without_references_is_itself(text, document):
    if "%{" not in text:
        assert compile_template(text)(Event.of(document, ManualClock())) == text


PATHS = st.lists(st.sampled_from(["a", "b", "0", "-1", "é"]), min_size=1, max_size=3).map(tuple)


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS, PATHS, SCALARS)
def test_what_was_set_can_be_read_and_removed(document, path, value):
    event = Event.of(document, ManualClock())
    with contextlib.suppress(EventFault):
        event.set(path, value)
        read = event.get(path)
        assert read == value or read is None  # a list takes no index that is no number
        if read is not None:
            assert event.includes(path)
            assert event.remove(path) == value


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="ab[]@0", max_size=8))
def test_a_reference_is_parsed_or_refused(text):
    with contextlib.suppress(EventFault):
        keys = parse_reference(text)
        assert keys
        assert parse_reference("".join(f"[{key}]" for key in keys) if all(keys) else text) == keys


@settings(max_examples=40, deadline=None)
@given(st.lists(DOCUMENTS, max_size=5))
def test_outputs_get_each_event_once_and_in_order(documents):
    taken: dict[str, list[Event]] = {}

    class Sink:
        def __init__(self, name):
            self.events = taken.setdefault(name, [])

        def receive(self, events):
            self.events.extend(events)

    text = "output { if [a] { one { } } else if [b] { two { } } else { three { } } all { } }"
    route = compile_outputs(parse(text).section("output"), {}, lambda plugin: Sink(plugin.name))
    events = [Event.of(document, ManualClock()) for document in documents]
    route(events)

    assert taken["all"] == events
    parted = taken["one"] + taken["two"] + taken["three"]
    assert sorted(map(id, parted)) == sorted(map(id, events))
    assert taken["one"] == [event for event in events if event in taken["one"]]
