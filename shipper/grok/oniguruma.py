"""Ruby regular expressions (Onigmo syntax) for the `regex` engine.

Differences that are translated: `^` and `$` match at every line; `.` stops at newlines unless `(?m)`; `\\w \\d \\s`
are ASCII; `\\h` is a hex digit; `\\Z` allows a last newline, `\\z` does not; `\\g<name>` calls a group, `\\k<name>`
repeats its text; `&&` and nested sets in brackets; a `{` that is no quantifier is a brace; `a{2}?` is `(?:a{2})?`.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_QUANTIFIER = re.compile(r"\{(\d+,?\d*|,\d+)\}")
_OPTIONS = re.compile(r"\(\?([imxadu]*)(?:-([imx]*))?([:)])")
_NAMED = re.compile(r"\(\?(?:<([^=!>][^>]*)>|'([^']+)')")
_CALL = re.compile(r"\\([gk])(?:<([^>]+)>|'([^']+)')")
_UNICODE = re.compile(r"\\u(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{4}))|\\x([0-9A-Fa-f]{1,2})")
_LINE_START = r"(?:^(?!\Z(?<=\n)))"
"""No line begins behind the newline that ends the text."""
_PROPERTY = re.compile(r"\\[pP]\{\^?\w+\}")
_POSIX = re.compile(r"\[:\^?[a-z]+:\]")

_CLASS_IN_RANGE = re.compile(
    r"(?:\\[wWdDsShH]|\\[pP]\{\^?\w+\}|\[:\^?[a-z]+:\])-[^\]]"  # a class cannot begin a range
    r"|((?:[^\\\[\]&-]|\\[^wWdDsShHpP])-\\[wWdDsShH])"  # nor end one
)

_CLASSES = {
    "w": "A-Za-z0-9_", "d": "0-9", "s": r" \t\r\n\f\v", "h": "0-9A-Fa-f",
}  # fmt: skip
_KEPT = set("ntrfvaGAbBKRX0123456789")
"""Escapes that mean the same in both."""


class RegexError(ValueError):
    """A pattern that cannot be compiled; the message begins as Ruby's where that is known."""


@functools.lru_cache(maxsize=2000)
def compile_regex(pattern: str, *, dotall: bool = False) -> regex.Pattern[str]:
    """Compile a Ruby regular expression; `dotall` is Ruby's MULTILINE option, which grok sets.

    Raises:
        RegexError: the pattern is wrong.
    """
    flags = regex.VERSION1 | regex.MULTILINE | (regex.DOTALL if dotall else 0)
    try:
        return regex.compile(translate(pattern), flags)
    except regex.error as error:
        raise RegexError(f"{ruby_words(error)}: /{pattern}/{'m' if dotall else ''}") from error
    except RecursionError as error:
        raise RegexError(f"too deeply nested: /{pattern[:60]}…/") from error


def translate(pattern: str, rename: Callable[[str], str] | None = None) -> str:
    """The same pattern for `regex` (VERSION1, MULTILINE).

    `rename` gives each named group another name; group names may hold any character before that.
    """
    return _Translation(pattern, rename or _safe_name).text()


def quote(text: str) -> str:
    """A pattern that matches `text` itself."""
    return re.sub(r"[^A-Za-z0-9_\u0080-\U0010ffff]", lambda found: "\\" + found.group(), text)


def _safe_name(name: str) -> str:
    return name if name.isidentifier() else "n_" + "".join(c if c.isalnum() else f"_{ord(c):x}_" for c in name)


_RUBY_WORDS = (
    ("missing )", "end pattern with unmatched parenthesis"),
    ("unbalanced parenthesis", "unmatched close parenthesis"),
    ("extra )", "unmatched close parenthesis"),
    ("unterminated character set", "premature end of char-class"),
    ("unexpected end of", "premature end of char-class"),
    ("missing ]", "premature end of char-class"),
    ("nothing to repeat", "target of repeat operator is not specified"),
    ("bad character range", "empty range in char class"),
    ("unknown extension", "undefined group option"),
    ("missing >", "invalid group name <>"),
    ("missing group name", "group name is empty"),
    ("min repeat greater", "upper is smaller than lower in repeat range"),
    ("unknown group", "undefined name reference"),
    ("invalid group reference", "undefined name reference"),
    ("unknown property", "invalid character property name"),
)


def ruby_words(error: regex.error) -> str:
    """What Ruby says of a wrong pattern, where that is known."""
    message = str(error)
    return next((words for part, words in _RUBY_WORDS if part in message), message)


class _Translation:
    """One pass over a pattern."""

    def __init__(self, pattern: str, rename: Callable[[str], str]) -> None:
        self._pattern = pattern
        self._rename = rename
        self._names: dict[str, str] = {}
        self._at = 0
        self._out: list[str] = []
        self._open: list[int] = []
        self._behind: list[int] = []
        """How many groups were open where each look-behind that is still open began."""
        self._atom = 0
        """Where in `_out` the last thing that can be repeated begins."""

    def text(self) -> str:
        while self._at < len(self._pattern):
            self._next()
        return "".join(self._out)

    def _next(self) -> None:
        character = self._pattern[self._at]
        if character == "{":
            self._brace()
            return
        if character == "(":
            if self._pattern.startswith(("(?<=", "(?<!"), self._at):
                self._behind.append(len(self._open))
            self._open.append(len(self._out))
        elif character in "*+?":
            self._refuse_behind()
        else:
            self._atom = self._open.pop() if character == ")" and self._open else len(self._out)
            if self._behind and len(self._open) == self._behind[-1]:
                self._behind.pop()
        if character == "\\":
            self._escape()
        elif character == "[":
            self._at += 1
            self._out.append(self._set())
        elif character == "(" and self._pattern.startswith("(?", self._at):
            self._group()
        elif character == "^":
            self._emit(_LINE_START, 1)
        else:
            self._emit(character, 1)

    def _refuse_behind(self) -> None:
        if self._behind:
            raise RegexError(f"invalid pattern in look-behind: /{self._pattern}/")

    def _emit(self, text: str, length: int) -> None:
        self._out.append(text)
        self._at += length

    def _escape(self) -> None:
        call = _CALL.match(self._pattern, self._at)
        if call:
            name = call.group(2) or call.group(3)
            known = self._names.get(name) or (name if name.isdigit() else self._rename_once(name))
            self._emit(f"(?&{known})" if call.group(1) == "g" else f"(?P={known})", len(call.group()))
            return
        code = _UNICODE.match(self._pattern, self._at)
        if code:
            self._emit(_literal(chr(int(next(filter(None, code.groups())), 16))), len(code.group()))
            return
        prop = _PROPERTY.match(self._pattern, self._at)
        if prop:
            self._emit(prop.group(), len(prop.group()))
            return
        character = self._pattern[self._at + 1 : self._at + 2]
        if not character:
            raise RegexError(f"too short escape sequence: /{self._pattern}/")
        self._emit(_escaped(character), 2)

    def _group(self) -> None:
        named = _NAMED.match(self._pattern, self._at)
        if named and named.group()[3].isdigit():
            raise RegexError(f"invalid group name <{named.group()[3:-1]}>: /{self._pattern}/")
        if self._pattern.startswith("(?P", self._at):
            raise RegexError(f"undefined group option: /{self._pattern}/")
        if named:
            self._emit(f"(?P<{self._rename_once(named.group(1) or named.group(2))}>", len(named.group()))
            return
        options = _OPTIONS.match(self._pattern, self._at)
        if options:
            on, off, end = options.groups()
            if set(on or "") & set("au"):  # what \w, \b and [[:alpha:]] then mean is not what we have
                raise RegexError(f"the options (?a) and (?u) are outside of the subset: /{self._pattern}/")
            # what Ruby calls multi-line is what others call dot-all
            swapped = [(part or "").replace("m", "s").translate(str.maketrans("", "", "d")) for part in (on, off)]
            text = "(?" + swapped[0] + ("-" + swapped[1] if swapped[1] else "") + end
            self._emit("(?:" if text == "(?:" else "" if text == "(?)" else text, len(options.group()))
            return
        self._emit("(?", 2)

    def _rename_once(self, name: str) -> str:
        self._names[name] = self._rename(name)
        return self._names[name]

    def _brace(self) -> None:
        quantifier = _QUANTIFIER.match(self._pattern, self._at)
        if quantifier is None:
            self._atom = len(self._out)
            self._emit("\\{", 1)
            return
        if not self._out:
            raise RegexError(f"target of repeat operator is not specified: /{self._pattern}/")
        text = quantifier.group()
        if "," in text:
            self._refuse_behind()
        if "," not in text and self._pattern.startswith("?", self._at + len(text)):  # not lazy: all of it or nothing
            self._out.insert(self._atom, "(?:")
            self._emit(text + ")?", len(text) + 1)
            return
        self._emit("{0" + text[1:] if text.startswith("{,") else text, len(text))
        if self._pattern[self._at : self._at + 1] == "+":  # greedy and repeated here, possessive there
            self._out.append("(?:)")

    def _set(self) -> str:
        """From behind `[` to behind its `]`."""
        out = ["["]
        if self._pattern[self._at : self._at + 1] == "^":
            out.append("^")
            self._at += 1
        begin = self._at
        while self._at < len(self._pattern):
            character = self._pattern[self._at]
            if character == "]" and self._at > begin:
                self._at += 1
                return "".join([*out, "]"])
            plain_dash = character == "-" and (self._at == begin or self._pattern[self._at + 1 : self._at + 2] in "-]")
            odd = _CLASS_IN_RANGE.match(self._pattern, self._at)
            if odd:
                words = (
                    "char-class value at end of range" if odd.group(1) else "unmatched range specifier in char-class"
                )
                raise RegexError(f"{words}: /{self._pattern}/")
            out.append("\\-" if plain_dash else self._set_item(character))
            self._at += plain_dash
        words = "empty char-class" if self._pattern[begin:] == "]" else "premature end of char-class"
        raise RegexError(f"{words}: /{self._pattern}/")

    def _set_item(self, character: str) -> str:
        if character == "[":
            posix = _POSIX.match(self._pattern, self._at)
            if posix:
                self._at += len(posix.group())
                return posix.group()
            self._at += 1
            return self._set()
        if character == "\\":
            return self._set_escape()
        self._at += 1
        if character == "&" and self._pattern[self._at : self._at + 1] == "&":
            self._at += 1
            return "&&"
        # `--`, `||` and `~~` mean something to the engine, not to Ruby
        return "\\" + character if character in "|~]" else character

    def _set_escape(self) -> str:
        code = _UNICODE.match(self._pattern, self._at)
        prop = _PROPERTY.match(self._pattern, self._at)
        if code:
            self._at += len(code.group())
            return _literal(chr(int(next(filter(None, code.groups())), 16)))
        if prop:
            self._at += len(prop.group())
            return prop.group()
        character = self._pattern[self._at + 1 : self._at + 2]
        self._at += 2
        if not character:
            raise RegexError(f"premature end of char-class: /{self._pattern}/")
        if character.lower() in _CLASSES:
            inside = _CLASSES[character.lower()]
            return inside if character.islower() else f"[^{inside}]"
        if character == "b":
            return "\\x08"
        return f"\\{character}" if character in "ntrfvae" and character != "e" else _literal_escape(character)


def _escaped(character: str) -> str:
    if character.lower() in _CLASSES:
        return f"[{'' if character.islower() else '^'}{_CLASSES[character.lower()]}]"
    if character == "z":
        return r"\Z"
    if character == "Z":
        return r"(?=\n?\Z)"
    if character in _KEPT:
        return "\\" + character
    return _literal_escape(character)


def _literal_escape(character: str) -> str:
    return "\\x1b" if character == "e" else _literal(character)


def _literal(character: str) -> str:
    if character.isalnum() or character == "_" or ord(character) > 127:
        return character
    return f"\\x{ord(character):02x}" if character.isspace() or not character.isprintable() else "\\" + character
