"""Grok expressions and the library of patterns."""

from __future__ import annotations

import re

import pytest

from shipper.grok.expression import Capture, Expression, UnknownPatternError
from shipper.grok.library import builtin, parse_patterns
from shipper.grok.oniguruma import RegexError

ECS = builtin(ecs=True)
LEGACY = builtin(ecs=False)


def captured(text: str, line: str, library=ECS, **options):
    found = Expression(text, library, **options).search(line)
    return None if found is None else {capture.field: value for capture, value in found if value is not None}


def test_a_pattern_with_a_name_captures_and_one_without_does_not():
    assert captured("%{WORD} %{INT:n}", "x 12") == {"n": "12"}


def test_every_pattern_captures_where_unnamed_ones_are_wanted_too():
    assert captured("%{WORD} %{INT:n}", "x 12", named_only=False) == {"WORD": "x", "n": "12"}


def test_a_type_stands_behind_the_name():
    assert Expression("%{INT:[a][n]:int}", ECS).captures == (Capture("[a][n]", "int"),)


def test_a_name_twice_is_captured_twice():
    found = Expression("%{WORD:a} %{WORD:a}", ECS).search("x y")
    assert found is not None
    assert [value for _, value in found] == ["x", "y"]


def test_groups_of_the_regular_expression_are_fields_too():
    assert captured("(?<body>[a-z]+)(-)%{INT:n}", "ab-1") == {"body": "ab", "n": "1"}


def test_a_group_can_be_referred_to_by_its_name():
    assert captured(r"(?<q>['\"])%{WORD:w}\k<q>", "'a\" 'b'") == {"q": "'", "w": "b"}


def test_an_unknown_pattern_is_named():
    with pytest.raises(UnknownPatternError, match=re.escape("pattern %{NOPE} not defined")):
        Expression("%{NOPE}", ECS)


def test_a_pattern_that_is_made_of_itself_is_refused():
    with pytest.raises(RegexError, match="defined by itself"):
        Expression("%{A}", {"A": "x%{B}", "B": "%{A}"})


def test_patterns_that_explode_are_refused():
    library = {"P0": "x" * 1000, **{f"P{n}": f"%{{P{n - 1}}}" * 10 for n in range(1, 12)}}
    with pytest.raises(RegexError, match="grows"):
        Expression("%{P11}", library)


def test_a_search_that_takes_too_long_is_given_up():
    slow = Expression(r"(?:a|aa)+$", {})
    with pytest.raises(TimeoutError):
        slow.search("a" * 60 + "c", 0.05)


def test_pattern_files_may_have_comments_blank_and_malformed_lines():
    text = "# comment\n\n  ID  id-\\d+ x\nBROKEN\nREST .*\r\n"
    assert parse_patterns(text) == {"ID": "id-\\d+ x", "REST": ".*"}


@pytest.mark.parametrize("ecs", [True, False])
def test_every_pattern_of_the_library_compiles(ecs):
    library = builtin(ecs=ecs)
    for name in library:
        Expression(f"%{{{name}}}", library)


@pytest.mark.parametrize(
    ("name", "matches", "fails"),
    [
        ("INT", ["1", "-12", "+3"], ["x", ""]),
        ("NUMBER", ["1.5", "-.5", "12"], ["."]),
        ("BASE16NUM", ["0xFF", "dead"], ["xyz"]),
        ("POSINT", ["7"], ["0"]),
        ("QUOTEDSTRING", ['"a \\" b"', "'x'", "`y`", '""'], ['"open']),
        ("UUID", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
        ("MAC", ["00:1A:2b:3c:4d:5e", "00-1A-2b-3c-4d-5e", "001A.2b3c.4d5e"], ["00:1A"]),
        ("IPV4", ["1.2.3.4", "255.255.255.255", "010.1.1.1"], ["256.1.1.1", "1.2.3"]),
        (
            "IPV6",
            ["::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "fe80::1%eth0", "1::", "::", "1:2::7:8"],
            ["1:2:3", "12345::"],
        ),
        ("HOSTNAME", ["a.b-c.org", "x"], ["-x", ""]),
        ("HOSTPORT", ["db:5432", "10.0.0.1:80"], ["db"]),
        ("UNIXPATH", ["/a/b_c.d", "/"], ["a"]),
        ("WINPATH", ["C:\\a\\b.txt", "\\\\srv\\share"], ["C:"]),
        ("URI", ["https://u@h.org:8443/p/a?q=1", "ftp://h/x"], ["no uri"]),
        ("MONTH", ["Jan", "January", "januar", "März", "Okt", "Dez"], ["Foo"]),
        ("YEAR", ["2026", "26"], ["2"]),
        ("TIME", ["12:34:56", "1:02:03,456", "23:59:60"], ["24:00:00", "12:34"]),
        ("DATE_US", ["12/31/2025", "1-2-25"], ["31/12"]),
        ("DATE_EU", ["31.12.2025"], ["12"]),
        (
            "TIMESTAMP_ISO8601",
            ["2026-01-02T03:04:05.678Z", "2026-01-02 03:04", "2026-01-02T03:04:05+0100"],
            ["2026-01"],
        ),
        ("HTTPDATE", ["10/Oct/2000:13:55:36 -0700"], ["10 Oct"]),
        ("DATESTAMP_RFC2822", ["Fri, 02 Jan 2026 03:04:05 +01:00"], ["Fri"]),
        ("SYSLOGTIMESTAMP", ["Feb  2 23:59:59", "Feb 12 23:59:59"], ["2 Feb"]),
        ("LOGLEVEL", ["ERROR", "warning", "Info", "INFORMATION", "emerg"], ["loud"]),
        ("EMAILADDRESS", ["a.b+c@d-e.org"], ["@x"]),
        ("URN", ["urn:isbn:0451450523"], ["urn:"]),
        ("JAVACLASS", ["org.example.Main$1"], ["1a.b"]),
        ("TTY", ["/dev/pts/1", "/dev/ttyS0"], ["/dev"]),
    ],
)
def test_named_patterns_match_what_their_names_say(name, matches, fails):
    expression = Expression(rf"\A%{{{name}:x}}\z", ECS)
    for text in matches:
        assert expression.search(text) is not None, text
    for text in fails:
        assert expression.search(text) is None, text


def test_an_access_log_line_has_the_fields_of_ecs_or_the_old_names():
    line = (
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 200 2326 '
        '"http://www.example.com/start.html" "Mozilla/4.08"'
    )
    assert captured("%{COMBINEDAPACHELOG}", line) == {
        "[source][address]": "127.0.0.1",
        "[user][name]": "frank",
        "timestamp": "10/Oct/2000:13:55:36 -0700",
        "[http][request][method]": "GET",
        "[url][original]": "/a.gif?x=1",
        "[http][version]": "1.0",
        "[http][response][status_code]": "200",
        "[http][response][body][bytes]": "2326",
        "[http][request][referrer]": "http://www.example.com/start.html",
        "[user_agent][original]": "Mozilla/4.08",
    }
    old = captured("%{COMBINEDAPACHELOG}", line, LEGACY)
    assert old is not None
    assert (old["clientip"], old["verb"], old["response"], old["agent"]) == (
        "127.0.0.1",
        "GET",
        "200",
        '"Mozilla/4.08"',
    )


def test_syslog_lines_have_their_program_and_process():
    line = "Feb  1 23:59:59 web-1 app/worker[99]: done"
    assert captured("%{SYSLOGLINE}", line) == {
        "timestamp": "Feb  1 23:59:59",
        "[host][hostname]": "web-1",
        "[process][name]": "app/worker",
        "[process][pid]": "99",
        "message": "done",
    }


def test_a_java_stack_trace_line_has_class_method_file_and_line():
    found = captured("%{JAVASTACKTRACEPART}", "\tat org.example.Main.run(Main.java:42)")
    assert found == {
        "[java][log][origin][class][name]": "org.example.Main",
        "[log][origin][function]": "run",
        "[log][origin][file][name]": "Main.java",
        "[log][origin][file][line]": "42",
    }
