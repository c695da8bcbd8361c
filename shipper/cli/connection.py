"""The options by which a command is told its cluster: `-c FILE`, `--url` and who we are there; else the local stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from shipper.config import Secret, bind, load
from shipper.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.elastic.client import ClientSettings
    from shipper.stack.settings import StackSettings

F = TypeVar("F", bound="Callable[..., Any]")

_FILE = click.Path(path_type=Path, dir_okay=False)


def cluster_options(function: F) -> F:
    """`-c`, `--url`, `--cloud-id`, `--user`, `--password-file`, `--api-key-file`, `--ca-file`, `--prefix`."""
    for option in reversed((
        click.option("-c", "--config", type=_FILE, help="YAML file with a `stack:` section."),
        click.option("--url", help="Cluster address, https://host:9200 (default: the local stack)."),
        click.option("--cloud-id", help="Elastic Cloud id, in place of --url."),
        click.option("--user", help="User name there."),
        click.option("--password-file", type=_FILE, help="File with the user's password."),
        click.option("--api-key-file", type=_FILE, help="File with an API key, in place of a user."),
        click.option("--ca-file", type=_FILE, help="Certificate of the cluster's authority."),
        click.option("--prefix", help="Prefix of index names (default: none)."),
    )):  # fmt: skip
        function = option(function)
    return function


def stack_settings(options: dict[str, Any]) -> StackSettings:
    """The settings that the options name; takes its own options out of `options`.

    Raises:
        UsageError: they contradict each other, or a file cannot be read.
    """
    import msgspec

    from shipper.elastic.client import ClientSettings
    from shipper.stack.settings import StackSettings

    config: Path | None = options.pop("config")
    prefix: str | None = options.pop("prefix")
    named: dict[str, Any] = {name: options.pop(name) for name in ("url", "cloud_id", "user", "ca_file")}
    secrets = {"password": options.pop("password_file"), "api_key": options.pop("api_key_file")}
    settings = StackSettings()
    if config is not None:
        file = load(config)
        if not isinstance(file.data, dict) or "stack" not in file.data:
            raise ConfigError(
                "the section `stack` is missing", where=str(config), hint="see docs/operations/cluster-setup.md"
            )
        settings = bind(file, StackSettings, ("stack",))
    try:
        if any(value is not None for value in (*named.values(), *secrets.values())):
            read = {name: None if path is None else _secret(path) for name, path in secrets.items()}
            settings = msgspec.structs.replace(settings, elasticsearch=ClientSettings(**(named | read)))
        if prefix is not None:
            settings = msgspec.structs.replace(settings, prefix=prefix)
            settings.__post_init__()
    except ValueError as error:
        raise UsageError(str(error), hint="see --help for the options that name a cluster") from error
    return settings


def cluster_target(settings: StackSettings, role: str) -> ClientSettings:
    """The cluster that the settings name, else the local stack as `role`.

    Raises:
        UnavailableError: there is no local stack either.
    """
    from shipper.elastic.client import for_role
    from shipper.home import default_home

    return settings.elasticsearch or for_role(default_home().endpoints(), role)


def _secret(path: Path) -> Secret:
    try:
        return Secret(path.read_text("utf-8").strip())
    except OSError as error:
        raise UsageError(f"the secret cannot be read: {error.strerror}", where=str(path)) from error
