"""The local stack of one home: up, down and status; safe to call twice, at once and after any crash."""

from __future__ import annotations

import dataclasses
import re
import time
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from elasticsearch import ApiError, TransportError

from shipper.elastic.client import connect, for_role
from shipper.errors import UnavailableError, UsageError
from shipper.home import Endpoints
from shipper.stack import accounts, cache, members, node
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


LONE_HEAP = "512m"
MEMBER_HEAP = "320m"


@dataclass(frozen=True, slots=True)
class Options:
    """How to run the server; what a home was started with first stays unless named again."""

    version: str = DEFAULT_VERSION
    nodes: int | None = None
    """How many servers, one cluster; None: as many as there are, at first 1."""
    heap: str | None = None
    """Java heap of each node; None: 512m, or 320m where there are several."""
    run_as: str = "nobody"
    tenants: tuple[str, ...] = ()
    """Tenants to add an account for; those added once stay."""
    patience: float = 180.0
    """Seconds until a start counts as failed."""

    def __post_init__(self) -> None:
        """Refuse what Java or the repository would only refuse later."""
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            raise UsageError(f"{self.version!r} is no version", hint=f"write it as {DEFAULT_VERSION}")
        if self.heap is not None and not re.fullmatch(r"[1-9]\d*[mg]", self.heap):
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
        """Start what does not run yet, set it up, publish and return its endpoints.

        Raises:
            UnavailableError: download, disk or start failed.
            UsageError: no such version, no user to run as, or fewer nodes than there are.
        """
        with self._alone():
            known = self._known()
            roles = self._roles(known)
            users = accounts.complete(known.accounts if known else {}, [role.name for role in roles])
            folders = self._folders()
            if all(node.processes(folder) for folder in folders):
                self._reporting.say("Elasticsearch runs already")
            else:
                self._start(folders, users, roles_yml(roles), known)
            urls = [node.await_listening(folder, None, self._options.patience) for folder in folders]
            for folder in folders:
                node.write_accounts(folder, users, roles_yml(roles))
            if len(folders) > 1:
                members.introduce(folders)
            endpoints = self._publish(urls, users, known)
            self._await_answer(endpoints)
            with connect(for_role(endpoints, accounts.ADMIN)) as client:
                set_up(client)
            return endpoints

    def down(self, *, delete: bool = False) -> bool:
        """Stop the servers; with `delete` remove their data, accounts and logs too. False if none ran."""
        if not self._home.path.exists():
            return False
        with self._alone():
            ran = node.stop(*members.folders(self._folder, members.count_of(self._folder)))
            if delete:
                node.delete(self._folder)
                self._home.endpoints_file.unlink(missing_ok=True)
            return ran

    def status(self) -> dict[str, Any]:
        """`running`, `folder`, `members` and, where one runs: `url`, `version`, `health`, `documents`, `bytes`.

        `members` has one entry a node: `folder`, `url`, `pid`, `memory` (bytes), the last three None where it is down.
        """
        folders = members.folders(self._folder, members.count_of(self._folder))
        nodes = [_member(folder) for folder in folders]
        urls = [member["url"] for member in nodes if member["url"] is not None]
        report: dict[str, Any] = {"running": bool(urls), "home": str(self._home.path), "folder": str(self._folder)}
        if not urls:
            return report | {"starting": any(member["pid"] for member in nodes)}
        memory = sum(member["memory"] or 0 for member in nodes)
        report |= {"url": urls[0], "memory": memory, "members": nodes}
        with connect(for_role(self._home.endpoints(), accounts.ADMIN)) as client:
            return report | cluster_status(client)

    def _folders(self) -> list[Path]:
        """The folder of each node that is to run; a lone node that is to be one of several is stopped first."""
        count = members.chosen(self._folder, self._options.nodes)
        if count > members.count_of(self._folder) and node.stop(self._folder):
            self._reporting.say("stopped the lone server: it starts again as one of several")
        return members.folders(self._folder, count)

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

    def _start(self, folders: list[Path], users: dict[str, Account], roles: str, known: Endpoints | None) -> None:
        """Start those of `folders` that do not run."""
        owner = cache.run_as(self._options.run_as)
        shared = cache.make_folder(cache.cache_folder(), None)
        distribution = server(self._options.version, shared, self._reporting.progress)
        java = java_home(self._options.version, shared, shared=owner is not None)
        cache.make_folder(self._folder, owner, 0o700)
        ports: list[int | None] = [urlsplit(url).port or None for url in (known.hosts if known else ())]
        # passwords are known to the home before the server knows them: a crash between leaves no one locked out
        self._publish(known.hosts if known else ["http://127.0.0.1:0"], users, known)
        launched = []
        heap = self._options.heap or (LONE_HEAP if len(folders) == 1 else MEMBER_HEAP)
        memberships = members.memberships(self._folder, len(folders), java, owner)
        for folder, membership, port in zip_longest(folders, memberships, ports[: len(folders)]):
            if node.processes(folder):
                continue
            member = node.Node(folder, distribution, java, heap, owner, membership)
            member.configure(users, roles, port)
            self._reporting.say(f"starting Elasticsearch {self._options.version}{_named(membership)}")
            launched.append((folder, member.start()))
        for folder, launcher in launched:
            node.await_listening(folder, launcher, self._options.patience)
            launcher.wait(self._options.patience)

    def _publish(self, urls: list[str], users: dict[str, Account], known: Endpoints | None) -> Endpoints:
        nodes = tuple(urls) if len(urls) > 1 else ()
        endpoints = (
            dataclasses.replace(known, elasticsearch=urls[0], accounts=users, nodes=nodes)
            if known is not None
            else Endpoints(elasticsearch=urls[0], accounts=users, nodes=nodes)
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
                    # every node: the number of replicas is set by how many there are
                    wanted = f">={len(endpoints.hosts)}"
                    health = client.cluster.health(wait_for_status="yellow", wait_for_nodes=wanted, timeout="5s")
                    if not health["timed_out"]:
                        return
                    reason = f"its health is {health['status']}, with {health['number_of_nodes']} nodes"
                except (ApiError, TransportError) as error:
                    reason = str(error)
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"Elasticsearch started but does not answer: {reason}",
                        where=endpoints.elasticsearch,
                        hint=f"read {self._folder}/logs; `shipper stack down --delete` begins anew, without its data",
                    )
                time.sleep(0.2)


def _named(membership: members.Membership | None) -> str:
    return "" if membership is None else f" ({membership.name})"


def _member(folder: Path) -> dict[str, Any]:
    found = node.processes(folder)
    largest = max(found, key=lambda process: process.memory_info().rss, default=None)
    return {
        "folder": str(folder),
        "url": node.address(folder) if found else None,
        "pid": largest.pid if largest else None,
        "memory": largest.memory_info().rss if largest else None,
    }
