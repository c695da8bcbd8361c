"""Logstash's own settings files: `pipelines.yml` and, beside it, `logstash.yml`.

Only what has a meaning here is used (`pipeline.id`, `path.config` or `config.string`, workers, batch size, the dead
letter queue); the other known settings are Logstash's own business, and unknown ones are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipper import config
from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.config import ConfigFile

_VARIABLE = re.compile(r"\$\{([A-Za-z_][\w.]*)(?::([^}]*))?\}")
_IGNORED = re.compile(
    r"queue\.|config\.|api\.|http\.|log\.|path\.(?!config)|node\.|xpack\.|dead_letter_queue\.|"
    r"pipeline\.(ordered|ecs_compatibility|batch\.delay|batch\.metrics|unsafe_shutdown|plugin_classloaders|reloadable|"
    r"separate_logs|system)"
)
_OURS = {
    "pipeline.id", "path.config", "config.string", "pipeline.workers", "pipeline.batch.size",
    "dead_letter_queue.enable", "dead_letter_queue.max_bytes",
}  # fmt: skip
_SIZE = re.compile(r"(\d+)\s*(b|kb|mb|gb)?", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """One pipeline to run.

    Attributes:
        files: its configuration, joined in order; `text` if it came from the command line.
        workers: threads; None leaves it to the runner.
        batch_size: events in a micro-batch, at least.
        dead_letters: keep what outputs refuse for good, at most `dead_letter_bytes`.
    """

    id: str
    files: tuple[Path, ...] = ()
    text: str | None = None
    workers: int | None = None
    batch_size: int = 2000
    dead_letters: bool = False
    dead_letter_bytes: int = 1024**3


def load_pipelines(path: Path, environment: Mapping[str, str]) -> list[PipelineSettings]:
    """Read `pipelines.yml`, with the defaults of a `logstash.yml` beside it.

    Raises:
        ConfigError: unreadable, an unknown setting, a pipeline twice, no configuration file.
    """
    common: dict[str, Any] = {}
    beside = path.with_name("logstash.yml")
    if beside.exists():
        common = _mapping(config.load(beside, environment), (), environment)
    file = config.load(path, environment)
    if not isinstance(file.data, list) or not file.data:
        raise file.error("expected a list of pipelines", (), "begin each with `- pipeline.id: name`")
    found: dict[str, PipelineSettings] = {}
    for number in range(len(file.data)):
        settings = _pipeline(file, number, common, environment)
        if settings.id in found:
            raise file.error(f"the pipeline `{settings.id}` stands twice", (number,), "give each its own id")
        found[settings.id] = settings
    return list(found.values())


def find_files(pattern: str) -> tuple[Path, ...]:
    """The files that a `path.config` names: a file, a folder (its files in order) or a glob."""
    path = Path(pattern)
    if path.is_dir():
        return tuple(sorted(item for item in path.iterdir() if item.is_file() and not item.name.startswith(".")))
    if path.is_file():
        return (path,)
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    relative = str(path.relative_to(path.anchor)) if path.is_absolute() else pattern
    return tuple(sorted(item for item in anchor.glob(relative) if item.is_file()))


def substitute(text: str, environment: Mapping[str, str], where: str) -> str:
    """Replace `${NAME}` and `${NAME:default}` as Logstash does.

    Raises:
        ConfigError: a variable is neither set nor has a default.
    """

    def value(match: re.Match[str]) -> str:
        found: str | None = environment.get(match.group(1), match.group(2))
        if found is None:
            name = match.group(1)
            raise ConfigError(
                f"the environment variable {name} is not set", where=where, hint=f"export it, or write ${{{name}:…}}"
            )
        return found

    return _VARIABLE.sub(value, text)


def _mapping(file: ConfigFile, place: tuple[str | int, ...], environment: Mapping[str, str]) -> dict[str, Any]:
    data = file.data
    for step in place:
        data = data[step]
    if not isinstance(data, dict):
        raise file.error("expected settings", place, "write `name: value` lines")
    flat = dict(_flat(data))
    for name in flat:
        if name not in _OURS and not _IGNORED.match(name):
            raise file.error(f"unknown setting `{name}`", (*place, name), "see Logstash's reference of settings")
    return {
        name: substitute(value, environment, file.where((*place, name))) if isinstance(value, str) else value
        for name, value in flat.items()
    }


def _flat(data: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """`a: {b: 1}` and `a.b: 1` mean the same."""
    pairs: list[tuple[str, Any]] = []
    for key, value in data.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return pairs


def _pipeline(
    file: ConfigFile, number: int, common: dict[str, Any], environment: Mapping[str, str]
) -> PipelineSettings:
    own = _mapping(file, (number,), environment)
    merged = {**common, **own}
    name = own.get("pipeline.id", "main")
    pattern, text = own.get("path.config"), own.get("config.string")
    files = find_files(str(pattern)) if pattern else ()
    if not files and text is None:
        raise file.error(
            f"no configuration file of the pipeline `{name}`: {pattern}"
            if pattern
            else f"the pipeline `{name}` has no path.config",
            (number, "path.config") if pattern else (number,),
            "path.config names a file, a folder or a glob",
        )
    return PipelineSettings(
        id=str(name),
        files=files,
        text=text,
        workers=_whole(merged.get("pipeline.workers"), file, (number, "pipeline.workers")),
        batch_size=_whole(merged.get("pipeline.batch.size"), file, (number, "pipeline.batch.size")) or 2000,
        dead_letters=merged.get("dead_letter_queue.enable") in (True, "true"),
        dead_letter_bytes=_bytes(merged.get("dead_letter_queue.max_bytes", "1024mb"), file, (number,)),
    )


def _whole(value: Any, file: ConfigFile, place: tuple[str | int, ...]) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1:
        raise file.error(f"expected a whole number of at least 1, not {value!r}", place)
    return int(value)


def _bytes(value: Any, file: ConfigFile, place: tuple[str | int, ...]) -> int:
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise file.error(f"expected a size such as 1024mb, not {value!r}", place)
    return int(match.group(1)) * _UNITS[(match.group(2) or "b").lower()]
