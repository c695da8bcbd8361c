"""What is wrong with a config file, in words for people: of the YAML parser's and of msgspec's refusals."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import yaml
import yaml.reader

from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Place = tuple[str | int, ...]

_PATH = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]+)`(?P<rest>.*?)(?:, got `[^`]+`)?$", re.DOTALL)
_WORDS = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "`true` or `false`",
    "array": "a list", "object": "a mapping", "null": "nothing", "bytes": "text",
}  # fmt: skip
_SHOWN = 40
_USER = re.compile(r"://[^/@\s]*@")


def not_yaml(error: yaml.YAMLError, text: str, origin: str) -> ConfigError:
    """The refusal of the YAML parser, at `origin:line:column` (both from 1)."""
    if isinstance(error, yaml.reader.ReaderError):
        line, column = _line_and_column(text, int(error.position))
        character = error.character if isinstance(error.character, int) else ord(error.character)
        return ConfigError(
            f"not valid YAML: the character U+{character:04X} is not allowed",
            where=f"{origin}:{line}:{column}",
            hint="take it out, or write it in double quotes as \\xNN",
        )
    if not isinstance(error, yaml.MarkedYAMLError):
        return ConfigError(f"not valid YAML: {error}", where=origin)
    mark = error.problem_mark or error.context_mark
    where = f"{origin}:1" if mark is None else f"{origin}:{mark.line + 1}:{mark.column + 1}"
    problem = str(error.problem or error.context)
    if isinstance(error, yaml.composer.ComposerError | yaml.constructor.ConstructorError):
        problem = problem.partition(" '")[0]  # the name: a password that begins with `*` or `!` looks like one
    hint = "mind the indentation; quote values that contain `: ` or begin with a special character"
    if "'\\t'" in problem:
        hint = "indent with spaces: YAML takes no tabs"
    elif "another document" in problem:
        hint = "one document a file: take the line `---` out, or split the file"
    elif "block end" in problem or "expected ','" in problem or "quoted scalar" in problem:
        hint = "a quote or bracket further up may not be closed; " + hint
    return ConfigError(f"not valid YAML: {problem}", where=where, hint=hint)


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def split_path(text: str) -> tuple[str, Place]:
    """Msgspec's message, and the place it names: `… - at `$.a[0]`` -> (…, ("a", 0))."""
    match = _PATH.match(text)
    assert match is not None
    steps = _STEP.findall(match.group("path") or "")
    return match.group("message"), tuple(int(index) if index else key for key, index in steps if key != "...")


def friendly(message: str, value: Any) -> str:
    """Msgspec's message in words; `value` is what stands at its place."""
    missing = re.fullmatch(r"Object missing required field `(.+)`", message)
    if missing:
        return f"the key `{missing.group(1)}` is missing"
    expected = _EXPECTED.fullmatch(message)
    if expected is None:
        return message[:1].lower() + message[1:]
    kinds = [_WORDS.get(kind, kind) for kind in expected.group("kinds").split(" | ") if kind != "null"]
    wanted = " or ".join(kinds or ["nothing"])
    rest = expected.group("rest").replace("matching regex", "of the form")
    if rest.endswith("'") and " of the form '" in rest:
        rest = rest.replace("'", "`")
    return f"expected {wanted}{rest}, not {_shown(value)}"


def hint_for(message: str, value: Any) -> str | None:
    """The way out where the value is of another kind than is wanted."""
    expected = _EXPECTED.fullmatch(message)
    if expected is None:
        return None
    kinds = expected.group("kinds").split(" | ")
    if isinstance(value, str) and {"int", "float"} & set(kinds):
        return "write the number alone, without a unit and without quotes"
    if isinstance(value, str) and "array" in kinds:
        return f"put it into brackets: [{_cut(value)}]"
    if isinstance(value, bool | int | float) and "str" in kinds:
        return f'quote it: "{value}"' if not isinstance(value, bool) else "quote it: YAML takes it for true or false"
    if value is None:
        return "write a value, or take the key out"
    return None


def key_named(message: str, value: Any) -> Place:
    """The key of the mapping `value` that the message is about, where it names one: (key,) or ()."""
    if not isinstance(value, dict) or message.startswith(("Expected", "Object missing")):
        return ()
    named = next((word for word in re.findall(r"`([^`]+)`", message) if word in value), None)
    return () if named is None else (named,)


def nearest(value: str, known: Iterable[str]) -> str | None:
    """`did you mean …?`, or all that is known; None where nothing is."""
    words = sorted(known)
    near = difflib.get_close_matches(value, words, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"one of: {', '.join(words)}" if words else None


def value_at(data: Any, place: Place) -> Any:
    """What stands at a place; None where nothing does."""
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def dotted(place: Place) -> str:
    """`("a", 0, "b")` as `a[0].b`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f"the text `{_cut(value)}`" if value else "empty text"
        case dict():
            return "a mapping"
        case list():
            return "a list" if value else "an empty list"
    return f"{value}"


def _cut(text: str) -> str:
    text = _USER.sub("://***@", text)  # a password in an address is told to nobody
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
