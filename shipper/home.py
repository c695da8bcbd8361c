"""Where a local installation keeps its files: `$SHIPPER_HOME`.

The stack writes `endpoints.json` there (0600); every other program reads it, so that commands work without
a config file once `shipper stack up` has run.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Account:
    """One user of the local Elasticsearch."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Account(user={self.user!r}, password='***')"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What runs locally: addresses and the accounts by role (names as in `shipper.stack.roles`)."""

    elasticsearch: str
    accounts: Mapping[str, Account]
    logstash_beats: str | None = None
    logstash_http: str | None = None
    nodes: tuple[str, ...] = ()
    """Every node's address where the cluster has several; `elasticsearch` is the first."""

    @property
    def hosts(self) -> list[str]:
        """All addresses of Elasticsearch: one of them may be dead."""
        return list(self.nodes) or [self.elasticsearch]

    def account(self, role: str) -> Account:
        """The account of `role`.

        Raises:
            UnavailableError: the installation was made before the role existed.
        """
        try:
            return self.accounts[role]
        except KeyError:
            raise UnavailableError(
                f"this installation has no account for the role {role}",
                hint="run `shipper stack setup` to add it",
            ) from None


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that belongs to one installation; two homes never meet."""

    path: Path

    @property
    def endpoints_file(self) -> Path:
        return self.path / "endpoints.json"

    def endpoints(self) -> Endpoints:
        """Read what the local stack published.

        Raises:
            UnavailableError: there is no local stack here, or its file is damaged.
        """
        try:
            raw: dict[str, Any] = json.loads(self.endpoints_file.read_text("utf-8"))
            accounts = {role: Account(**account) for role, account in raw["accounts"].items()}
            return Endpoints(
                elasticsearch=_address(raw["elasticsearch"]),
                accounts=accounts,
                logstash_beats=raw.get("logstash_beats"),
                logstash_http=raw.get("logstash_http"),
                nodes=tuple(_address(node) for node in raw.get("nodes", ())),
            )
        except FileNotFoundError:
            raise UnavailableError(
                "no local stack was set up here",
                where=str(self.path),
                hint="run `shipper stack up`, or name your cluster in a config file",
            ) from None
        except OSError as error:
            raise UnavailableError(
                f"the endpoint file cannot be opened: {error.strerror}",
                where=str(self.endpoints_file),
                hint="work as the user who ran `shipper stack up`, or set SHIPPER_HOME to a folder of your own",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnavailableError(
                f"the endpoint file cannot be read: {error}",
                where=str(self.endpoints_file),
                hint="run `shipper stack up` to write it again",
            ) from error

    def publish(self, endpoints: Endpoints) -> None:
        """Write the endpoint file, whole or not at all, readable by its owner only."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = {
            "elasticsearch": endpoints.elasticsearch,
            "accounts": {
                role: {"user": account.user, "password": account.password}
                for role, account in endpoints.accounts.items()
            },
            "logstash_beats": endpoints.logstash_beats,
            "logstash_http": endpoints.logstash_http,
            "nodes": list(endpoints.nodes),
        }
        write_private(self.endpoints_file, json.dumps(document, indent=2, sort_keys=True).encode())


def _address(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("`elasticsearch` is not an address")
    return value


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` (mode 0600) so that a crash leaves the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def default_home(environment: Mapping[str, str] | None = None) -> Home:
    """`$SHIPPER_HOME`, else `$XDG_STATE_HOME/shipper`, else `~/.local/state/shipper`."""
    env = os.environ if environment is None else environment
    named = env.get("SHIPPER_HOME")
    if named:
        return Home(Path(named).expanduser().absolute())
    state = env.get("XDG_STATE_HOME")
    base = Path(state) if state else Path(env.get("HOME", "~")).expanduser() / ".local" / "state"
    return Home(base / "shipper")
