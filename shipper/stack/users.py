"""One user a role on a cluster, with the passwords of secret files (Docker and Kubernetes mount them like that)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from elasticsearch import ApiError, NotFoundError

from shipper.config import Secret
from shipper.errors import FindingError, UsageError
from shipper.stack.roles import all_roles
from shipper.stack.templates import META

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elasticsearch import Elasticsearch

BUILT_IN = ("kibana_system",)
"""Users that Elasticsearch brings; only their password is set."""

_SHORTEST = 6  # Elasticsearch's own limit


@dataclass(frozen=True, slots=True)
class User:
    """A user to be, named like its one role."""

    name: str
    password: Secret
    role: str | None
    """None for a built-in user."""


def read_users(folder: Path, prefix: str = "", tenants: Iterable[str] = ()) -> list[User]:
    """A user for each `<role>_password` file in `folder`; other files are none of ours.

    Raises:
        UsageError: no such file, or a password that is too short.
    """
    names = {role.name: prefix + role.name for role in all_roles(tenants)} | dict.fromkeys(BUILT_IN, None)
    found = []
    for name, role in names.items():
        path = folder / f"{name}_password"
        if not path.is_file():
            continue
        password = path.read_text("utf-8").strip()
        if len(password) < _SHORTEST:
            raise UsageError(f"the password is shorter than {_SHORTEST} characters", where=str(path))
        found.append(User(name, Secret(password), role))
    if not found:
        raise UsageError("no file `<role>_password` is there", where=str(folder), hint="run scripts/make-secrets")
    return found


Action = Literal["create", "update", "unchanged", "foreign"]


def user_action(client: Elasticsearch, user: User) -> Action:
    """What `ensure_user` has to do; only reads.

    `foreign`: somebody else made a user of that name, or it is of an installation with another prefix.
    """
    if _fits(client, user):
        return "unchanged"
    try:
        known = client.security.get_user(username=user.name)[user.name]
    except NotFoundError:
        return "create"
    if user.role is None:
        return "update"
    mark = known.get("metadata") or {}
    elsewhere = any(role != user.role and role.endswith(user.name) for role in known["roles"])
    return "update" if mark.get("managed_by") == META["managed_by"] and not elsewhere else "foreign"


def ensure_user(client: Elasticsearch, user: User) -> Action:
    """Create the user, or set its password and role, unless it can log in and has that role already.

    Raises:
        FindingError: somebody else made a user of that name; it was not touched.
    """
    action = user_action(client, user)
    if action == "foreign":
        raise not_ours([user.name])
    if action == "unchanged":
        return action
    password = user.password.reveal()
    if user.role is None:
        client.security.change_password(username=user.name, password=password)
    else:
        client.security.put_user(username=user.name, password=password, roles=[user.role], metadata=META)
    return action


def not_ours(names: Iterable[str]) -> FindingError:
    """The error for users that somebody else made."""
    return FindingError(
        f"not made by Shipper, or by another installation of it: user {', '.join(names)}",
        hint="rename or delete it, or give this installation API keys (--api-keys-to) in place of users",
    )


def _fits(client: Elasticsearch, user: User) -> bool:
    try:
        known = client.options(basic_auth=(user.name, user.password.reveal())).security.authenticate()
    except ApiError as error:
        if error.status_code == 401:
            return False
        raise
    return user.role is None or known["roles"] == [user.role]
