"""Users of the local stack: generated passwords, and the file realm's `users` and `users_roles`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from shipper.home import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ADMIN = "admin"
"""The superuser of a local stack; no program of ours works as it, setup apart."""

_ITERATIONS = 10_000  # the passwords are random and 190 bits long: the cost only has to be one Elasticsearch accepts


def complete(accounts: Mapping[str, Account], roles: Iterable[str]) -> dict[str, Account]:
    """`accounts` with one more for each role, and the admin, that has none; known passwords stay."""
    return {
        role: accounts.get(role) or Account(user=role, password=secrets.token_urlsafe(24)) for role in (ADMIN, *roles)
    }


def users_file(accounts: Mapping[str, Account]) -> str:
    """Elasticsearch's `config/users`: a name and a password hash a line."""
    return "".join(f"{account.user}:{hash_password(account.password)}\n" for account in accounts.values())


def users_roles_file(accounts: Mapping[str, Account]) -> str:
    """Elasticsearch's `config/users_roles`: a role and its users a line."""
    return "".join(f"{'superuser' if role == ADMIN else role}:{account.user}\n" for role, account in accounts.items())


def hash_password(password: str, salt: bytes | None = None) -> str:
    """Elasticsearch's `{PBKDF2}` form: iterations, salt and PBKDF2-HMAC-SHA512, base64."""
    salt = secrets.token_bytes(32) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, dklen=32)
    return f"{{PBKDF2}}{_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def fits(accounts: Mapping[str, Account], users: str) -> bool:
    """Whether the text of a users file lets exactly these accounts in."""
    hashes = dict(line.split(":", 1) for line in users.splitlines())
    return hashes.keys() == {account.user for account in accounts.values()} and all(
        _password_fits(account.password, hashes[account.user]) for account in accounts.values()
    )


def _password_fits(password: str, hashed: str) -> bool:
    _, salt, _ = hashed.split("$")
    return hmac.compare_digest(hash_password(password, base64.b64decode(salt)), hashed)
