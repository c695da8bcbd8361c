"""Access lines put together from bytes mean exactly what the ordinary way makes of them."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.base import Sheet
from shipper.agent.codec.routes import routes
from shipper.agent.metadata import Metadata
from shipper.agent.processor.redact import RedactSettings
from shipper.ecs.route import route

SETTINGS = CodecSettings(timezone="UTC")
FIRST = '10.0.0.7 - - [02/Jan/2026:03:04:26 +0100] "GET / HTTP/1.1" 200 7 "-" "curl/8"\n'
CLIENTS = [
    "10.0.0.7",
    "255.255.255.255",
    "01.2.3.4",
    "256.1.1.1",
    "::1",
    "2001:db8::7",
    "a:1",
    "db1",
    "1.2.3.4, 5.6.7.8",
]
USERS = ["-", "frank", "a b", "é", "frank:x", '""']
TIMES = [
    "02/Jan/2026:03:04:26 +0100",
    "31/Feb/2026:00:00:00 +0000",
    "29/Feb/2024:23:59:60 -0330",
    "02/Jan/2026:25:00:00 +0000",
    "02/Jan/2026:03:04:26",
    "01/Jan/0001:00:00:00 +1400",
    "02/Xyz/2026:03:04:26 +0000",
]
REQUESTS = [
    "GET / HTTP/1.1",
    "POST /users/12?a=1&b=%20 HTTP/2.0",
    "GET /a?b?c HTTP/3",
    "GET /a#f HTTP/1.0",
    "GET /? HTTP/1.1",
    "get /x HTTP/1.1",
    "CONNECT /x HTTP/1.1",
    "GET http://h/x HTTP/1.1",
    "GET //evil/..;/x HTTP/1.1",
    "-",
    "",
    "GET /é HTTP/1.1",
    r"\x16\x03",
    "GET /a b HTTP/1.1",
    "PROPFIND /v1/style.css HTTP/1.1",
    "GET /" + "y" * 5000 + " HTTP/1.1",
]
CODES = ["200", "404", "599", "600", "099", "101", "-"]
SIZES = ["0", "7", "-", "007", "999999999999999999", "9999999999999999999"]
TEXTS = ["-", "", "https://a/?q=é", "curl/8", r"a\"b", "x\ty", "Mozilla/5.0 (X11; Linux x86_64)", "\x7f", "{}", "%s"]
TAILS = ["", ' "1.2.3.4"', " 0.123", "\r", " "]
OTHERS = [
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in f',
    "ValueError: x",
    "",
    "plain words",
    "password=hunter2",
    '{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"ready","ecs.version":"1.6.0"}',
]

PATHS = [
    "/users/123", "/v1/users/42/a", "/v12.3/x", "/a/550e8400-e29b-41d4-a716-446655440000", "/a//b/",
    "/a;s=1/2", "/app.v2.js", "/deadbeef01", "/me%40here.com/1", "/me%50here.com", "/order-2026/7", "/http2/utf8",
    "/" + "x" * 300, "/é/1", "/1.5,7:2-3",
]  # fmt: skip

lines = st.builds(
    '{} - {} [{}] "{}" {} {} "{}" "{}"{}'.format,
    *map(st.sampled_from, (CLIENTS, USERS, TIMES, REQUESTS, CODES, SIZES, TEXTS, TEXTS, TAILS)),
)
good = st.builds(
    '{} - {} [{}] "{}" {} {} "{}" "{}"'.format,
    *(st.sampled_from(each[:2]) for each in (CLIENTS, USERS)),
    st.just(TIMES[0]),
    *(st.sampled_from(each[:2]) for each in (REQUESTS, CODES, SIZES, TEXTS, TEXTS)),
)
blocks = st.lists(lines | good | good | st.sampled_from(OTHERS), max_size=12).map(
    lambda some: (FIRST + "".join(f"{line}\n" for line in some)).encode()
)


def rows(data: bytes, *, step: int = 1 << 20, settings: CodecSettings = SETTINGS, nested_only: bool = False):
    decoder = make_decoder(settings, fallback_time=0, nested_only=nested_only)
    parts = [decoder.feed(data[begin : begin + step]) for begin in range(0, len(data), step)]
    parts.append(decoder.flush())
    return [
        (offset, stamp, document)
        for part in parts
        for offset, stamp, document in zip(part.offsets, part.timestamps, part.each(), strict=True)
    ]


def dicts(found):
    return [(o, t, orjson.loads(d) if isinstance(d, bytes) else d) for o, t, d in found]


@given(blocks, st.integers(20, 600))
def test_documents_offsets_and_times_are_those_of_the_ordinary_way(data: bytes, step: int) -> None:
    ordinary = [(o, t, flat(d)) for o, t, d in rows(data, nested_only=True)]
    assert [(o, t, flat(d)) for o, t, d in dicts(rows(data, step=step))] == ordinary


def flat(document, prefix=""):
    """Dotted names: an ECS line that leaves as it is keeps them, the ordinary way nests them."""
    result: dict[str, object] = {}
    for name, value in document.items():
        result |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return result


@given(good, st.sampled_from([None, "/var/log/50%.log"]), st.booleans())
def test_metadata_is_that_of_the_ordinary_document(line: str, path: str | None, clash: bool) -> None:
    fields = {"host": {"name": "h"}, "event": {"dataset": "50%"}, "agent": {"id": "a"}}
    if clash:
        fields |= {"event": {"outcome": "unknown", "module": "m"}, "user": {"roles": "r"}}
    data = (FIRST + line + "\n").encode() * 3
    decoder = make_decoder(SETTINGS, fallback_time=0)
    parts = [decoder.feed(data[: len(FIRST)]), decoder.feed(data[len(FIRST) :]), decoder.flush()]
    ordinary = rows(data, nested_only=True)
    assert any(isinstance(document, Sheet) for part in parts for document in part.documents)
    metadata = Metadata(fields, path)
    one = [document for part in parts for document in metadata.apply(part.documents, part.offsets)]
    other = metadata.apply([d for _, _, d in ordinary], [o for o, _, _ in ordinary])
    assert [json.loads(each, object_pairs_hook=once) for each in one] == [orjson.loads(each) for each in other]


def once(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
    return dict(pairs)


def test_usual_lines_leave_without_a_document_being_built_and_odd_ones_between_them_do_not() -> None:
    data = (FIRST * 3 + "plain words\n" + FIRST * 3).encode()
    decoder = make_decoder(SETTINGS, fallback_time=0)
    first = decoder.feed(FIRST.encode()).each()
    documents = [*decoder.feed(data).each(), *decoder.flush().each()]
    assert [type(document) for document in [*first, *documents]] == [dict, *[bytes] * 3, dict, dict, *[bytes] * 2]


@pytest.mark.parametrize("path", PATHS)
def test_routes_of_many_paths_are_those_of_each(path: str) -> None:
    assert routes([b"/", path.encode(), b"/a/1", path.encode()]) == [
        each.encode() for each in ("/", route(path), "/a/{id}", route(path))
    ]


@given(st.lists(st.text("/av0159-_.%@=~é", max_size=20).map("/{}".format), min_size=1, max_size=6))
def test_routes_of_any_paths_are_those_of_each(paths: list[str]) -> None:
    assert [each.decode() for each in routes([path.encode() for path in paths])] == [route(path) for path in paths]


@pytest.mark.parametrize(
    "settings",
    [
        CodecSettings(timezone="UTC", redact=RedactSettings(names=("user_name",))),
        CodecSettings(timezone="UTC", max_fields=10),
    ],
)
def test_a_secret_name_or_few_fields_need_the_ordinary_way(settings: CodecSettings) -> None:
    data = FIRST.replace("- -", "- frank").encode() * 5
    found = rows(data, settings=settings, step=len(FIRST))
    assert found == rows(data, settings=settings, nested_only=True)
    assert all(isinstance(document, dict) for _, _, document in found)


def test_a_restart_after_usual_lines_goes_on_with_their_clock() -> None:
    data = FIRST.encode() * 4
    decoder = make_decoder(SETTINGS, fallback_time=0)
    decoder.feed(data)
    part = decoder.feed(data)
    again = make_decoder(SETTINGS, fallback_time=0, resume=part.resume, end=part.end)
    rest = [*again.feed(b"plain words\n").timestamps, *again.flush().timestamps]
    assert rest == ["2026-01-02T02:04:26.000Z"]
