"""A Lumberjack receiver that answers as it is told, for what a sound server never does; for `RawPeer`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shipper.lumberjack.frames import Event, FrameParser, Window, encode_ack

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Answer = Callable[[socket.socket, int], bool]


def acknowledge(connection: socket.socket, count: int) -> bool:
    """As Logstash does."""
    connection.sendall(encode_ack(count))
    return True


@dataclass
class Store:
    """First-wins by id, as an index with `create`.

    Attributes:
        received: arrivals by id, resends too.
        windows: sizes of the whole windows, in order of arrival.
    """

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    windows: list[int] = field(default_factory=list)

    def serve(self, connection: socket.socket, answer: Answer = acknowledge, *, read: int = 65536) -> None:
        """Take windows until the peer leaves or `answer(connection, count)` is false; `read` bytes at a time."""
        parser = FrameParser()
        announced = missing = 0
        while data := connection.recv(read):
            for frame in parser.feed(data):
                if isinstance(frame, Window):
                    announced = missing = frame.count
                elif isinstance(frame, Event):
                    self._keep(json.loads(frame.payload))
                    missing -= 1
                    if not missing:
                        self.windows.append(announced)
                        if not answer(connection, announced):
                            return

    def _keep(self, document: dict[str, Any]) -> None:
        name = document["@metadata"]["_id"]
        self.received[name] += 1
        self.documents.setdefault(name, document)
