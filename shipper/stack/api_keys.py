"""One API key a role on a cluster, in files that our programs read (`api_key: file:…`); where users are not wanted."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from elasticsearch import ApiError

from shipper.errors import UsageError
from shipper.home import write_private
from shipper.stack.templates import META

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.stack.roles import Role

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the keys are, how long a new one lives (`days`; None: for ever), and the prefix of names and indices."""

    folder: Path
    days: int | None = None
    prefix: str = ""


Action = Literal["create", "update", "unchanged"]


def key_action(client: Elasticsearch, role: Role, keys: Keys, clock: Clock) -> Action:
    """What `ensure_key` has to do; only reads.

    Raises:
        UsageError: the file holds no key.
        elasticsearch.ApiError: the account may not see keys.
    """
    return _examined(client, role, keys, clock)[0]


def ensure_key(client: Elasticsearch, role: Role, keys: Keys, clock: Clock) -> Action:
    """Make the key of a role and write `<role>_api_key` (0600), unless the one in that file works.

    A key whose role is another now gets it; one with less than a third of `days` left is replaced, and the old one ends
    by itself. A key may only do what its role may. One that an earlier call made and could not write (killed, or its
    answer lost) is invalidated.

    Raises:
        UsageError: the file holds no key.
        elasticsearch.ApiError: the account may not manage keys.
    """
    _take_back(client, role, keys)
    action, known = _examined(client, role, keys, clock)
    wanted = {role.name: role.render(keys.prefix)}
    if action == "create":
        keys.folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # first: a key that cannot be kept is never made
        attempt = secrets.token_hex(8)
        write_private(_attempt_path(role, keys), attempt.encode())  # ahead: what it marks and no file holds is nobody's
        answer = client.security.create_api_key(
            name=keys.prefix + role.name,
            role_descriptors=wanted,
            metadata={**META, "attempt": attempt},
            expiration=None if keys.days is None else f"{keys.days}d",
        )
        write_private(_path(role, keys), answer["encoded"].encode())
        _attempt_path(role, keys).unlink()
    elif action == "update":
        client.security.update_api_key(id=known["id"], role_descriptors=wanted, metadata=META)
    return action


def _path(role: Role, keys: Keys) -> Path:
    return keys.folder / f"{role.name}_api_key"


def _attempt_path(role: Role, keys: Keys) -> Path:
    return keys.folder / f".{role.name}_api_key.attempt"


def _take_back(client: Elasticsearch, role: Role, keys: Keys) -> None:
    """Invalidate the key of an attempt that came to no file; those of other folders carry other marks."""
    mark, path = _attempt_path(role, keys), _path(role, keys)
    if not mark.exists():
        return
    attempt = mark.read_text("utf-8")
    kept = _identifier(path, path.read_text("utf-8").strip()) if path.exists() else None
    found = client.security.get_api_key(name=keys.prefix + role.name)["api_keys"]
    lost = [
        key["id"]
        for key in found
        if attempt and (key.get("metadata") or {}).get("attempt") == attempt and key["id"] != kept
    ]
    if lost:
        client.security.invalidate_api_key(ids=lost)
    mark.unlink()


def _examined(client: Elasticsearch, role: Role, keys: Keys, clock: Clock) -> tuple[Action, Mapping[str, Any]]:
    """What is to be done, and the key that is there."""
    path = _path(role, keys)
    known = _known(client, path) if path.exists() else None
    if known is None or _ends_soon(known, keys, clock):
        return "create", {}
    wanted = {role.name: role.render(keys.prefix)}
    return "unchanged" if _same(known.get("role_descriptors", {}), wanted) else "update", known


def _known(client: Elasticsearch, path: Path) -> Mapping[str, Any] | None:
    """The key of a file as the cluster knows it; None where it is not let in any more."""
    encoded = path.read_text("utf-8").strip()
    identifier = _identifier(path, encoded)
    try:
        client.options(api_key=encoded).security.authenticate()
    except ApiError as error:
        if error.status_code == 401:
            return None
        raise
    found: list[Mapping[str, Any]] = client.security.get_api_key(id=identifier)["api_keys"]
    return found[0] if found else None


def _identifier(path: Path, encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UsageError("this is no API key", where=str(path), hint="delete the file: a key is made anew") from error


def _ends_soon(known: Mapping[str, Any], keys: Keys, clock: Clock) -> bool:
    end = known.get("expiration")  # milliseconds since the epoch
    return end is not None and keys.days is not None and end / 1000 - clock.time() < keys.days * _DAY / 3


def _same(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the cluster's descriptors are ours, but for what it adds by itself."""
    ours = {name: {key: known[name].get(key) for key in role} for name, role in wanted.items() if name in known}
    return known.keys() == wanted.keys() and _plain(ours) == _plain(wanted)


def _plain(value: Any) -> Any:
    """Without defaults that are empty or false."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item not in ([], {}, False, None)}
    return [_plain(item) for item in value] if isinstance(value, list) else value
