"""How others may look at the agent, and when it counts as stuck."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from msgspec import Meta

from shipper.agent.input.addresses import Address, parse
from shipper.config import Duration, Settings


class MonitoringSettings(Settings, frozen=True):
    """What the agent tells of itself.

    Attributes:
        stuck_after: records wait, and none is acknowledged for so long: then the agent counts as unhealthy.
        listen: where `/metrics`, `/healthz` and `/readyz` are answered: `127.0.0.1:PORT` or `unix:///path`.
        allow_remote: `listen` may be an address that other hosts reach; nobody is asked for a password there.
        files: files in `/metrics`, those that lag most.
    """

    stuck_after: Duration = Duration(120)
    listen: str | None = None
    allow_remote: bool = False
    files: Annotated[int, Meta(ge=0, le=1000)] = 50

    def __post_init__(self) -> None:
        if self.stuck_after < 3:  # the reader of an idle agent comes round each second
            raise ValueError("`stuck_after` must be at least 3s")
        self.address()

    def address(self) -> Address | None:
        """`listen`, read; None where nothing listens.

        Raises:
            ValueError: it is no such place, or others can reach it and are not allowed to.
        """
        if self.listen is None:
            return None
        address = _read(self.listen)
        if not self.allow_remote and not is_loopback(address):
            raise ValueError(
                f"`listen: {self.listen}` can be reached by other hosts, and nobody is asked for a password; "
                "write 127.0.0.1:PORT or unix:///path, or set `allow_remote: true`"
            )
        return address


def is_loopback(address: Address) -> bool:
    """Can only this host reach it?"""
    if isinstance(address.place, str):
        return True
    try:
        return ipaddress.ip_address(address.place[0]).is_loopback
    except ValueError:
        return False  # a name may mean another address tomorrow


def _read(text: str) -> Address:
    try:
        address = parse(text if "://" in text else f"tcp://{text}")
    except ValueError:
        address = None
    if address is None or address.scheme not in ("tcp", "unix"):
        raise ValueError(f"`listen: {text}` is no place to listen at; write 127.0.0.1:PORT or unix:///path")
    if not isinstance(address.place, str) and address.place[0] == "localhost":
        return Address(address.scheme, ("127.0.0.1", address.place[1]))
    return address
