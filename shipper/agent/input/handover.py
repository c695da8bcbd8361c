"""Sockets that go from an input to its successor: nobody who connects or sends meanwhile is turned away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Collection, Sequence

    from shipper.agent.input.addresses import Address
    from shipper.agent.input.frames import Frames


@dataclass(slots=True)
class Door:
    """A listening socket; `overflow` is the kernel's count of datagrams that found it full."""

    socket: socket.socket
    address: Address
    overflow: int = 0

    def close(self) -> None:
        """Listen no more; a unix socket's file goes too."""
        self.socket.close()
        if isinstance(self.address.place, str) and os.path.exists(self.address.place):
            os.unlink(self.address.place)


@dataclass(slots=True, eq=False)
class Peer:
    """A connection, taken at `door`; `since` is when it last became idle, or when its open message began."""

    socket: socket.socket
    door: Door
    name: str
    frames: Frames
    since: float


class Handover:
    """Of one exchange of inputs; used by whoever holds the sockets, one after the other."""

    def __init__(self, wanted: Collection[Address] = ()) -> None:
        """`wanted`: where the successors listen."""
        self._wanted = frozenset(wanted)
        self._held: dict[Address, tuple[Door, list[Peer]]] = {}

    def wants(self, door: Door) -> bool:
        """Is there a successor for it?"""
        return door.address in self._wanted

    def give(self, door: Door, peers: Sequence[Peer]) -> None:
        """Leave a socket and its connections to whoever listens there next."""
        self._held[door.address] = door, list(peers)

    def take(self, address: Address) -> tuple[Door, list[Peer]] | None:
        """What was left for this place, once."""
        return self._held.pop(address, None)

    def close(self) -> None:
        """Close what nobody took."""
        for door, peers in self._held.values():
            for peer in peers:
                peer.socket.close()
            door.close()
        self._held.clear()
