"""Rule files: found, read, bound, and checked against each other."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from shipper import config
from shipper.errors import ConfigError, UsageError
from shipper.kql import KqlError, to_dsl
from shipper.rules.fields import field_types
from shipper.rules.query_text import parse_query
from shipper.rules.type import TYPES, AnyRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shipper.rules.rule import Rule

SUFFIXES = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule and the file it stands in (for the lines in messages)."""

    rule: Rule
    source: config.ConfigFile
    path: Path


def load_rule(path: Path) -> RuleFile:
    """Read one rule.

    Raises:
        ConfigError: the file or a query in it is wrong; the message has the line.
        UsageError: there is no such file.
    """
    if not os.path.lexists(path) and (near := near_file(path)):
        raise UsageError("no such file", where=str(path), hint=near)
    source = config.load(path)
    if isinstance(source.data, dict) and "type" not in source.data:
        raise source.error("the key `type` is missing", (), "one of: " + ", ".join(sorted(TYPES)))
    rule = config.bind(source, cast("type[Rule]", AnyRule))
    _check_queries(rule, source)
    return RuleFile(rule, source, path)


def load_rules(paths: Iterable[Path]) -> list[RuleFile]:
    """All rules in the files and folders, by name.

    Raises:
        ConfigError: a file is wrong, or two rules have one name.
        UsageError: a path does not exist, a folder cannot be read, or there is no rule at all.
    """
    found: dict[str, RuleFile] = {}
    for path in rule_paths(paths):
        loaded = load_rule(path)
        twin = found.get(loaded.rule.name)
        if twin is not None:
            raise loaded.source.error(
                f"the name `{loaded.rule.name}` is taken by {twin.path}", ("name",), "give each rule a name of its own"
            )
        found[loaded.rule.name] = loaded
    return [found[name] for name in sorted(found)]


def rule_paths(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and every *.yml and *.yaml below the folders; each once, however often it is named.

    Raises:
        UsageError: a path does not exist, a folder cannot be read, or there is no file at all.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += _files_below(path)
        elif path.exists():
            files.append(path)
        else:
            raise UsageError("no such file or folder", where=str(path), hint=near_file(path) or "check the path")
    if not files:
        raise UsageError("there is no rule", where=_named(paths), hint="name a folder with *.yml rule files")
    once: dict[Path, Path] = {}
    for file in files:
        once.setdefault(file.resolve(), file)
    return list(once.values())


def _files_below(folder: Path) -> list[Path]:
    """Every rule file below a folder; one that cannot be read is a mistake, not an empty one."""
    files: list[Path] = []

    def refuse(error: OSError) -> None:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(error.filename), hint="check its permissions"
        ) from error

    for place, _, names in os.walk(folder, onerror=refuse, followlinks=False):
        files += [Path(place) / name for name in names if name.endswith(SUFFIXES)]
    return sorted(files)


def near_file(path: Path) -> str | None:
    """A name like it in its folder."""
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, n=1)
    return f"did you mean `{path.with_name(near[0])}`?" if near else None


def _named(paths: Iterable[Path]) -> str | None:
    return ", ".join(map(str, paths)) or None


def _check_queries(rule: Rule, source: config.ConfigFile) -> None:
    """Parse every query of the rule and make it for the fields' types, so that none fails at run time."""
    key = "filter"
    try:
        to_dsl(parse_query(rule.filter, rule.name, key), field_types())
        for name, node in rule.judge().measures.filters.items():
            key = name
            to_dsl(node, field_types())
    except ConfigError as error:
        key = (error.where or "").partition("`")[2].partition("`")[0]
        if not isinstance(error.__cause__, KqlError):
            raise source.error(f"{error.message} ({error.where})", (key,), error.hint) from error
        raise _pointed(error.__cause__, source, key) from error
    except KqlError as error:
        raise _pointed(error, source, key) from error


def _pointed(error: KqlError, source: config.ConfigFile, key: str) -> ConfigError:
    """The mistake of a query with a caret below it."""
    query = "\n".join(f"    {line}" for line in error.pointed.splitlines())
    return source.error(
        f"{error.message}, at column {error.position + 1} of the query\n{query}",
        (key,),
        error.hint or "see docs/concepts/kql.md",
    )
