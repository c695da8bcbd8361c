"""From a file, from flags, or from the local stack: the settings of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from shipper import config
from shipper.agent.config import AgentSettings
from shipper.agent.input.file import FileInputSettings
from shipper.agent.input.stdin import StdinInputSettings
from shipper.agent.output.console import ConsoleSettings
from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.file import FileOutputSettings
from shipper.agent.output.logstash import LogstashSettings
from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shipper.agent.input import InputSettings
    from shipper.agent.output import OutputSettings
    from shipper.home import Home

_SCHEMES = "logstash://host:port, elasticsearch+http(s)://user:password@host:port, file:///path or console:"


def settings_of_run(
    home: Home, file: Path | None, paths: Sequence[str], output: str | None, state: Path | None
) -> AgentSettings:
    """Flags win over the file; without an output the local stack of `home` is used.

    Raises:
        ConfigError: the file is wrong.
        UsageError: nothing to read, nowhere to send to, or a flag is wrong.
    """
    settings = load_settings(file) if file is not None else None
    chosen = parse_output(output) if output is not None else None
    if settings is None:
        if not paths:
            raise UsageError(
                "nothing to read", hint="name files with --path '/var/log/*.log', or a config file with -c"
            )
        settings = AgentSettings(inputs=inputs_of(paths), output=chosen or local_output(home))
    else:
        if chosen is not None:
            settings = msgspec.structs.replace(settings, output=chosen)
        if paths:
            settings = msgspec.structs.replace(settings, inputs=inputs_of(paths))
    return msgspec.structs.replace(settings, state=state or settings.state or home.path / "agent")


def load_settings(file: Path) -> AgentSettings:
    """Read and check a config file.

    Raises:
        ConfigError: with file, line and path of the mistake.
    """
    return config.bind(config.load(file), AgentSettings)


def inputs_of(paths: Sequence[str]) -> list[InputSettings]:
    """The inputs for `--path` patterns; `-` is standard input."""
    files = [path for path in paths if path != "-"]
    stdin: list[InputSettings] = [StdinInputSettings()] if "-" in paths else []
    return [*stdin, input_of(files)] if files else stdin


def input_of(paths: Sequence[str]) -> FileInputSettings:
    """The input for `--path` patterns."""
    try:
        return FileInputSettings(paths=list(paths))
    except ValueError as error:
        raise UsageError(str(error), where="--path") from error


def parse_output(url: str) -> OutputSettings:
    """Settings for `--output URL`.

    Raises:
        UsageError: not one of the known forms.
    """
    try:
        if url in ("console:", "console"):
            return ConsoleSettings()
        parts = urlsplit(url)
        if parts.scheme == "logstash" and parts.netloc:
            return LogstashSettings(hosts=parts.netloc.split(","))
        if parts.scheme == "file" and parts.path:
            return config.bind(config.ConfigFile({"path": parts.path}, "--output", {}), FileOutputSettings)
        if parts.scheme in ("elasticsearch+http", "elasticsearch+https") and parts.hostname:
            return _elasticsearch(url)
    except ValueError as error:
        raise UsageError(str(error), where="--output", hint=f"write {_SCHEMES}") from error
    raise UsageError(f"{_without_password(url)!r} is no output", where="--output", hint=f"write {_SCHEMES}")


def local_output(home: Home) -> OutputSettings:
    """What `shipper stack up` and `shipper logstash run` published: Logstash, else Elasticsearch directly.

    Raises:
        UsageError: there is no local stack.
    """
    try:
        endpoints = home.endpoints()
    except UnavailableError as error:
        raise UsageError(
            "no output is named, and no local stack was set up here",
            where=error.where,
            hint="run `shipper stack up`, or name one with --output or -c FILE",
        ) from error
    if endpoints.logstash_beats:
        return LogstashSettings(hosts=[endpoints.logstash_beats.rpartition("//")[2]])
    account = endpoints.account("shipper_writer")
    return ElasticsearchSettings(hosts=endpoints.hosts, user=account.user, password=config.Secret(account.password))


def _elasticsearch(url: str) -> ElasticsearchSettings:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    scheme = parts.scheme.partition("+")[2]
    user = unquote(parts.username) if parts.username else None
    password = config.Secret(unquote(parts.password)) if parts.password is not None else None
    return ElasticsearchSettings(hosts=[f"{scheme}://{host}{parts.path}"], user=user, password=password)


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.partition('//')[0]}//***@{tail}" if at else url
