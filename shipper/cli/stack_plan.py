"""`shipper stack setup` on one cluster: its plan, what it did, and how both are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from shipper.stack.settings import Place, StackSettings


@dataclass(frozen=True, slots=True)
class Change:
    """One object of one cluster and what happened to it; `difference` has the lines of an update."""

    place: str
    kind: str
    name: str
    action: str
    difference: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For a person: the difference under the object's name."""
        if self.action == "unmet":
            return [f"note: {self.name}"]
        if self.action == "shadows":
            return [
                f"note: {self.name} would be used for our indices in place of ours; --force-templates goes above it"
            ]
        if self.action == "foreign":
            return [f"note: {self.kind} {self.name} is there and not made by us: setup would refuse and change nothing"]
        if self.action == "outranked":
            return [f"note: {self.name} matches our indices too, and will not be used for them: ours goes before it"]
        return ["", f"{self.kind} {self.name}", *self.difference] if self.difference else []


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was told."""

    tenants: tuple[str, ...]
    users_from: Path | None
    api_keys_to: Path | None
    api_key_days: int | None
    force_templates: bool
    dry_run: bool


def set_up_place(settings: StackSettings, place: Place, asked: Asked) -> list[Change]:
    """Plan and, unless it is a dry run, apply; then users and keys, where asked.

    Raises:
        UsageError: users or keys are wanted, and the cluster stores none; or a tenant's name cannot be a role's.
        FindingError: something is there that we did not make, or would be used in place of ours; nothing was changed
            on this cluster.
    """
    import msgspec

    from shipper.cli.connection import cluster_target
    from shipper.elastic.client import connect, explained
    from shipper.stack.roles import all_roles
    from shipper.stack.setup import TemplateWishes, apply, difference, plan, unmet
    from shipper.stack.users import ensure_user, not_ours, read_users, user_action

    cluster, prefix = place
    all_roles(asked.tenants)  # names that cannot be are told before anything is asked
    users = read_users(asked.users_from, prefix, asked.tenants) if asked.users_from else []
    target = cluster_target(msgspec.structs.replace(settings, elasticsearch=cluster), "admin")
    with explained(target.place), connect(target) as client:
        wishes = TemplateWishes(force=asked.force_templates, logsdb=settings.logsdb)
        steps = plan(client, prefix, asked.tenants, settings.snapshots, wishes)
        changes = [Change(target.place, step.kind, step.name, step.action, tuple(difference(step))) for step in steps]
        changes += [Change(target.place, "note", text, "unmet") for text in unmet(client, settings.snapshots)]
        _check_storage(client, target.place, asked)
        actions = {user.name: user_action(client, user) for user in users}
        if asked.dry_run:
            changes += [Change(target.place, "user", name, action) for name, action in actions.items()]
        else:
            if foreign := [name for name, action in actions.items() if action == "foreign"]:
                raise not_ours(foreign)
            apply(client, steps)
            changes += [Change(target.place, "user", user.name, ensure_user(client, user)) for user in users]
        changes += _keys(client, target.place, prefix, asked)
    return changes


def _check_storage(client: Elasticsearch, place: str, asked: Asked) -> None:
    from shipper.elastic.capability import probe
    from shipper.errors import UsageError

    wanted = {}
    if asked.users_from is not None:
        wanted["--users-from"] = "users"
    if asked.api_keys_to is not None:
        wanted["--api-keys-to"] = "API keys"
    if wanted and not probe(client).native_users:
        what, options = " and ".join(wanted.values()), " and ".join(wanted)
        raise UsageError(f"this cluster stores no {what}", where=place, hint=f"leave {options} out")


def _keys(client: Elasticsearch, place: str, prefix: str, asked: Asked) -> list[Change]:
    from shipper.clock import SystemClock
    from shipper.stack.api_keys import Keys, ensure_key, key_action
    from shipper.stack.roles import all_roles

    if asked.api_keys_to is None:
        return []
    todo = key_action if asked.dry_run else ensure_key
    keys = Keys(asked.api_keys_to, asked.api_key_days, prefix)
    return [
        Change(place, "api_key", role.name, todo(client, role, keys, SystemClock()))
        for role in all_roles(asked.tenants)
    ]
