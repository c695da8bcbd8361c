"""`host:port` as settings write it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str, default_port: int) -> Address:
    """`host`, `host:port` or `[v6]:port`.

    Raises:
        ValueError: no host, or a port that is none.
    """
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or "/" in host or (port and not (port.isdigit() and 0 < int(port) < 65536)):
        raise ValueError(f"expected host:port, not {without_account(text)!r}")
    return Address(host, int(port) if port else default_port)


def without_account(text: str) -> str:
    """A host or URL for messages: what stands before its last `@` may be a password."""
    head, at, tail = text.rpartition("@")
    scheme, slashes, _ = head.rpartition("//")
    return f"{scheme}{slashes}***@{tail}" if at else text


def check_times(backoff_max: float, connect_timeout: float) -> None:
    """Refuse what would hammer a peer, or never reach it.

    Raises:
        ValueError: too short.
    """
    if backoff_max < 1:
        raise ValueError("`backoff_max` must be at least 1s")
    if connect_timeout < 0.1:
        raise ValueError("`connect_timeout` must be at least 100ms")
