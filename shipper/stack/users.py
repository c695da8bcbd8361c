"""One user a role on a cluster, with the passwords of secret files (Docker and Kubernetes mount them like that)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from elasticsearch import ApiError

from shipper.config import Secret
from shipper.errors import UsageError
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


def ensure_user(client: Elasticsearch, user: User) -> Literal["unchanged", "update"]:
    """Create the user, or set its password and role, unless it can log in and has that role already."""
    if _fits(client, user):
        return "unchanged"
    password = user.password.reveal()
    if user.role is None:
        client.security.change_password(username=user.name, password=password)
    else:
        client.security.put_user(username=user.name, password=password, roles=[user.role], metadata=META)
    return "update"


def _fits(client: Elasticsearch, user: User) -> bool:
    try:
        known = client.options(basic_auth=(user.name, user.password.reveal())).security.authenticate()
    except ApiError as error:
        if error.status_code == 401:
            return False
        raise
    return user.role is None or known["roles"] == [user.role]
