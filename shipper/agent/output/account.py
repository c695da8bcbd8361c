"""Asking one Elasticsearch whether it knows our account and lets it write; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shipper.bulk import BULK_PATH, NDJSON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.agent.output.http import HttpPeer, Reply
    from shipper.agent.output.probe import Probe

_LIMIT = 1024 * 1024
_PRIVILEGES = ("create_doc", "auto_configure")
"""What an append-only writer needs of an index: add documents, make the index of a new day."""


class _Granted(msgspec.Struct):
    username: str
    index: dict[str, dict[str, bool]] = {}


def ask_account(peer: HttpPeer, headers: Mapping[str, str], indices: Sequence[str], probe: Probe) -> None:
    """Fill in the probe.

    A cluster without security, or another make, does not know the question: then an empty `_bulk` request, which
    changes nothing, tells at least whether the account is refused.

    Raises:
        OSError, ProtocolError: as `HttpPeer.exchange`.
    """
    wanted = {"index": [{"names": list(indices), "privileges": list(_PRIVILEGES)}]}
    body = msgspec.json.encode(wanted)
    typed = {**headers, "Content-Type": "application/json"}
    reply = peer.exchange("POST", "/_security/user/_has_privileges", body, typed, limit=_LIMIT)
    if reply.status == 200 and _read_granted(reply, probe):
        return
    if reply.status != 401:
        reply = peer.exchange("POST", BULK_PATH, b"\n", {**headers, "Content-Type": NDJSON}, limit=_LIMIT)
    _read_refusal(reply, probe, has_account="Authorization" in headers)


def _read_granted(reply: Reply, probe: Probe) -> bool:
    try:
        granted = msgspec.json.decode(reply.body, type=_Granted)
    except (msgspec.DecodeError, RecursionError):
        return False
    probe.speaks = probe.authenticated = True
    probe.user = granted.username
    probe.writable = {name: all(allowed.values()) for name, allowed in granted.index.items()}
    refused = [name for name, allowed in probe.writable.items() if not allowed]
    if refused:
        probe.error = f"{granted.username} may not write to {', '.join(refused)}: it needs {' and '.join(_PRIVILEGES)}"
    return True


def _read_refusal(reply: Reply, probe: Probe, *, has_account: bool) -> None:
    """`_bulk` without a record is a 400 where it is known and the account may use it."""
    said = " ".join(reply.body[:300].decode("utf-8", "replace").split())
    if reply.status == 401:
        probe.authenticated = False
        probe.error = f"the account is refused (401): {said}" if has_account else "it wants an account (401)"
    elif reply.status == 403:
        probe.error = f"the account may not write (403): {said}"
    elif reply.status == 400 and b"error" in reply.body:
        probe.speaks = True
        probe.authenticated = True if has_account else None
    else:
        probe.error = f"no answer of Elasticsearch's _bulk: status {reply.status}: {said}"
