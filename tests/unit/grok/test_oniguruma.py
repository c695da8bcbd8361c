"""Ruby's regular expressions on another engine."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shipper.grok.oniguruma import RegexError, compile_regex, quote


def found(pattern: str, text: str, *, dotall: bool = False):
    match = compile_regex(pattern, dotall=dotall).search(text)
    return None if match is None else match.group()


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^b$", "a\nb\nc", "b"),
        (r"^$", "a\n", None),
        (r"^$", "a\n\n", ""),
        (r"a.b", "a\nb", None),
        (r"(?m)a.b", "a\nb", "a\nb"),
        (r"(?m:a.b)", "a\nb", "a\nb"),
        (r"\w+", "é_a1", "_a1"),
        (r"\d", "٣", None),
        (r"\h+", "xyzBEEF", "BEEF"),
        (r"\H", "a-", "-"),
        (r"a\Z", "a\n", "a"),
        (r"a\z", "a\n", None),
        (r"\Aa", "b\na", None),
        (r"(?<q>['\"]).*?\k<q>", "say 'it' \"no\"", "'it'"),
        (r"(?<n>\d+)-\g<n>", "12-345", "12-345"),
        (r"[a-z&&[^aeiou]]+", "aeixyz", "xyz"),
        (r"[[:alpha:]]+", "1äb", "äb"),
        (r"[-a]", "-", "-"),
        (r"a{2}?b", "aab", "aab"),
        (r"(?:x|(y)){2}?b", "xyb", "xyb"),
        (r"[xy]{2}?b", "xb", "b"),
        (r"[%.\w-]+", "a-%!", "a-%"),
        (r"(?<=x{2})a", "xxa", "a"),
        (r"[a-]", "-", "-"),
        (r"[a\-z]", "b", None),
        (r"[|~]", "~", "~"),
        (r"[a--b]", "-", "-"),
        (r"x{,2}y", "xxy", "xxy"),
        (r"{a}", "{a}", "{a}"),
        (r"a{b", "a{b", "a{b"),
        (r"\/a", "/a", "/a"),
        (r"\y", "y", "y"),
        (r"\u00e9", "é", "é"),
        (r"[\u00e9]", "é", "é"),
        (r"\x41", "A", "A"),
        (r"a++b", "aab", "aab"),
        (r"(?>a+)ab", "aab", None),
        (r"(?i)ABC", "abc", "abc"),
        (r"(?i:A)B", "aB", "aB"),
        (r"(?-i)a", "A", None),
        (r"\p{Lu}", "aB", "B"),
        (r"[\p{Lu}]", "aB", "B"),
        (r"[^\s]+", " x ", "x"),
        (r"[\w.]+", "é.a", ".a"),
        (r"[^\w]", "aé", "é"),
        (r"\e", "\x1b", "\x1b"),
        (r"[\b]", "\b", "\b"),
    ],
)
def test_patterns_mean_what_they_mean_in_ruby(pattern, text, expected):
    assert found(pattern, text) == expected


def test_the_multiline_option_of_ruby_lets_a_dot_match_a_line_end():
    assert found("a.b", "a\nb", dotall=True) == "a\nb"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "end pattern with unmatched parenthesis: /(/"),
        (")", "unmatched close parenthesis"),
        ("a[]", "empty char-class: /a[]/"),
        ("[z-a]", "empty range in char class: /[z-a]/"),
        ("(?z)", "undefined group option: /(?z)/"),
        ("[a", "premature end of char-class"),
        ("*", "target of repeat operator is not specified"),
        ("a\\", "too short escape sequence"),
        (r"[\w-.]", "unmatched range specifier in char-class"),
        (r"[a-\d]", "char-class value at end of range"),
        (r"(?<=a+)b", "invalid pattern in look-behind"),
        (r"(?<!(?:a|b){1,2})c", "invalid pattern in look-behind"),
        (r"(?<1>a)", "invalid group name <1>"),
        (r"(?P<n>a)", "undefined group option"),
        (r"{2}a", "target of repeat operator is not specified"),
        (r"a{3,1}", "upper is smaller than lower in repeat range"),
    ],
)
def test_errors_speak_as_ruby_does(pattern, words):
    with pytest.raises(RegexError) as caught:
        compile_regex(pattern)
    assert words in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
@example("a{1}[b]^$.|?*+()\\/ -&&")
def test_quoted_text_matches_itself_and_nothing_else(text):
    pattern = compile_regex(rf"\A{quote(text)}\z")
    assert pattern.search(text)
    assert not pattern.search(text + "x")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab[]()\\^$.|?*+{}-&~:<>=!dwshzZ,1 \n", max_size=20))
def test_any_pattern_compiles_or_is_refused_in_words(pattern):
    with contextlib.suppress(RegexError):
        compile_regex(pattern)


@pytest.mark.parametrize("pattern", [r"(?u)\w", r"(?a:\w)", r"(?iu)x"])
def test_options_that_change_what_classes_mean_are_refused_by_name(pattern):
    with pytest.raises(RegexError, match=r"outside of the subset"):
        compile_regex(pattern)
