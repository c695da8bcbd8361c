"""Rule files: found, read, bound, and checked against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from shipper import config
from shipper.errors import ConfigError, UsageError
from shipper.kql import KqlError, to_dsl
from shipper.rules.fields import field_types
from shipper.rules.query_text import parse_query
from shipper.rules.type import TYPES, AnyRule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shipper.rules.rule import Rule


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
    """
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
        UsageError: a path does not exist, or there is no rule at all.
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
    if not found:
        raise UsageError("there is no rule", hint="name a folder with *.yml rule files")
    return [found[name] for name in sorted(found)]


def rule_paths(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and every *.yml below the folders.

    Raises:
        UsageError: a path does not exist.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(path.rglob("*.yml"))
        elif path.exists():
            files.append(path)
        else:
            raise UsageError("no such file or folder", where=str(path), hint="check the path")
    return files


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
        raise source.error(f"{error.message} ({error.where})", (key,), error.hint) from error
    except KqlError as error:
        raise source.error(f"{error.message} ({error.where})", (key,), error.hint) from error
