"""The local stack of one home: up, down and status; safe to call twice, at once and after any crash."""

from __future__ import annotations

import dataclasses
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from elasticsearch import ApiError, TransportError

from shipper.elastic.client import connect, for_role
from shipper.errors import UnavailableError, UsageError
from shipper.home import Endpoints
from shipper.stack import accounts, cache, node
from shipper.stack.distribution import DEFAULT_VERSION, server, silent
from shipper.stack.health import cluster_status
from shipper.stack.java import java_home
from shipper.stack.roles import all_roles, roles_yml
from shipper.stack.setup import set_up

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shipper.home import Account, Home
    from shipper.stack.distribution import Progress
    from shipper.stack.roles import Role


@dataclass(frozen=True, slots=True)
class Options:
    """How to run the server; what a home was started with first stays unless named again."""

    version: str = DEFAULT_VERSION
    heap: str = "512m"
    run_as: str = "nobody"
    tenants: tuple[str, ...] = ()
    """Tenants to add an account for; those added once stay."""
    patience: float = 180.0
    """Seconds until a start counts as failed."""

    def __post_init__(self) -> None:
        """Refuse what Java or the repository would only refuse later."""
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            raise UsageError(f"{self.version!r} is no version", hint=f"write it as {DEFAULT_VERSION}")
        if not re.fullmatch(r"[1-9]\d*[mg]", self.heap):
            raise UsageError(f"{self.heap!r} is no heap size", hint="write it as 512m or 2g")


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where a caller wants to see what goes on; silent by default."""

    progress: Progress = silent
    say: Callable[[str], None] = field(default=lambda _line: None)


class LocalStack:
    """The Elasticsearch of one `Home`."""

    def __init__(self, home: Home, options: Options | None = None, reporting: Reporting | None = None) -> None:
        self._home = home
        self._options = options or Options()
        self._reporting = reporting or Reporting()
        self._folder = cache.server_folder(home)

    @property
    def folder(self) -> Path:
        """Where config, data, logs and snapshots of this home's server are."""
        return self._folder

    def up(self) -> Endpoints:
        """Start the server if it does not run, set it up, publish and return its endpoints.

        Raises:
            UnavailableError: download, disk or start failed.
            UsageError: no such version, or no user to run as.
        """
        with self._alone():
            known = self._known()
            roles = self._roles(known)
            users = accounts.complete(known.accounts if known else {}, [role.name for role in roles])
            if node.processes(self._folder):
                self._reporting.say("Elasticsearch runs already")
                url = node.await_listening(self._folder, None, self._options.patience)
                node.write_accounts(self._folder, users, roles_yml(roles))
            else:
                url = self._start(users, roles_yml(roles), known)
            endpoints = self._publish(url, users, known)
            self._await_answer(endpoints)
            with connect(for_role(endpoints, accounts.ADMIN)) as client:
                set_up(client)
            return endpoints

    def down(self, *, delete: bool = False) -> bool:
        """Stop the server; with `delete` remove its data, accounts and logs too. False if none ran."""
        if not self._home.path.exists():
            return False
        with self._alone():
            ran = node.stop(self._folder)
            if delete:
                node.delete(self._folder)
                self._home.endpoints_file.unlink(missing_ok=True)
            return ran

    def status(self) -> dict[str, Any]:
        """`running`, `folder` and, where it runs: `url`, `pid`, `version`, `health`, `documents`, `bytes`, `memory`."""
        found = node.processes(self._folder)
        url = node.address(self._folder) if found else None
        report: dict[str, Any] = {"running": url is not None, "home": str(self._home.path), "folder": str(self._folder)}
        if url is None:
            return report | {"starting": bool(found)}
        server_process = max(found, key=lambda process: process.memory_info().rss)
        report |= {"url": url, "pid": server_process.pid, "memory": server_process.memory_info().rss}
        with connect(for_role(self._home.endpoints(), accounts.ADMIN)) as client:
            return report | cluster_status(client)

    def _roles(self, known: Endpoints | None) -> tuple[Role, ...]:
        """The fixed roles, and those of the tenants this home has or is to have."""
        fixed = {role.name for role in all_roles()}
        names = [name for name in (known.accounts if known else ()) if name.startswith("insights_")]
        return all_roles([*self._options.tenants, *(n.removeprefix("insights_") for n in names if n not in fixed)])

    def _alone(self) -> Any:
        cache.make_folder(self._home.path, mode=0o700)
        return cache.locked(self._home.path / ".stack.lock")

    def _known(self) -> Endpoints | None:
        try:
            return self._home.endpoints()
        except UnavailableError:
            return None

    def _start(self, users: dict[str, Account], roles: str, known: Endpoints | None) -> str:
        owner = cache.run_as(self._options.run_as)
        shared = cache.make_folder(cache.cache_folder(), None)
        distribution = server(self._options.version, shared, self._reporting.progress)
        java = java_home(self._options.version, shared, shared=owner is not None)
        member = node.Node(self._folder, distribution, java, self._options.heap, owner)
        port = urlsplit(known.elasticsearch).port if known else None
        member.configure(users, roles, port)
        # passwords are known to the home before the server knows them: a crash between leaves no one locked out
        self._publish(known.elasticsearch if known else "http://127.0.0.1:0", users, known)
        self._reporting.say(f"starting Elasticsearch {self._options.version}")
        launcher = member.start()
        url = node.await_listening(self._folder, launcher, self._options.patience)
        launcher.wait(self._options.patience)
        return url

    def _publish(self, url: str, users: dict[str, Account], known: Endpoints | None) -> Endpoints:
        endpoints = (
            dataclasses.replace(known, elasticsearch=url, accounts=users)
            if known is not None
            else Endpoints(elasticsearch=url, accounts=users)
        )
        if endpoints != known:
            self._home.publish(endpoints)
        return endpoints

    def _await_answer(self, endpoints: Endpoints) -> None:
        """Until the admin is known and the cluster has recovered its indices."""
        deadline = time.monotonic() + self._options.patience
        with connect(for_role(endpoints, accounts.ADMIN)) as client:
            while True:
                try:
                    health = client.cluster.health(wait_for_status="yellow", timeout="5s")
                    if not health["timed_out"]:
                        return
                    reason = f"its health is {health['status']}"
                except (ApiError, TransportError) as error:
                    reason = str(error)
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"Elasticsearch started but does not answer: {reason}",
                        where=endpoints.elasticsearch,
                        hint=f"read {self._folder}/logs; `shipper stack down --delete` begins anew, without its data",
                    )
                time.sleep(0.2)
