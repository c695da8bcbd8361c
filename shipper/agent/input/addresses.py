"""Where to listen: `tcp://host:port`, `udp://host:port`, `unix:///path`, `unixgram:///path`."""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import dataclass
from urllib.parse import urlsplit

from shipper.errors import UsageError

_KINDS = {
    "tcp": socket.SOCK_STREAM,
    "udp": socket.SOCK_DGRAM,
    "unix": socket.SOCK_STREAM,
    "unixgram": socket.SOCK_DGRAM,
}
_RECEIVE_BUFFER = 4 * 1024 * 1024
_SO_RXQ_OVFL = 40
"""Linux: each datagram says how many before it found the buffer full (socket(7))."""


@dataclass(frozen=True, slots=True)
class Address:
    """One place to listen at.

    Attributes:
        scheme: `tcp`, `udp`, `unix` or `unixgram`.
        place: (host, port), or a path.
    """

    scheme: str
    place: tuple[str, int] | str

    @property
    def is_local(self) -> bool:
        return self.scheme.startswith("unix")

    @property
    def is_stream(self) -> bool:
        return _KINDS[self.scheme] == socket.SOCK_STREAM

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place if isinstance(self.place, str) else '{}:{}'.format(*self.place)}"


def parse(text: str) -> Address:
    """An address as it is written.

    Raises:
        ValueError: it is none of the four forms.
    """
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme in ("tcp", "udp") and parts.hostname and port is not None and not parts.path:
        return Address(parts.scheme, (parts.hostname, port))
    if parts.scheme in ("unix", "unixgram") and not parts.netloc and parts.path.startswith("/"):
        return Address(parts.scheme, parts.path)
    forms = "tcp://127.0.0.1:5514, udp://127.0.0.1:5514, unix:///run/x.sock or unixgram:///run/x.sock"
    raise ValueError(f"`{text}` is no place to listen at; write {forms}")


def listen(address: Address, mode: int) -> socket.socket:
    """A socket that is bound and does not block; `mode` is of a unix socket's file.

    Raises:
        UsageError: the place is taken, or not ours.
    """
    try:
        return _bound(address, mode)
    except OSError as error:
        raise UsageError(
            f"cannot listen: {error.strerror or error}", where=str(address), hint="free it, or listen elsewhere"
        ) from error


def _bound(address: Address, mode: int) -> socket.socket:
    kind = _KINDS[address.scheme]
    if isinstance(address.place, str):
        _take_away_stale(address.place, kind)
        bound = socket.socket(socket.AF_UNIX, kind)
        place: tuple[str, int] | str = address.place
    else:
        family, _, _, _, found = socket.getaddrinfo(*address.place, type=kind)[0]
        bound = socket.socket(family, kind)
        place = (str(found[0]), int(found[1]))
    try:
        bound.setblocking(False)
        if address.scheme == "tcp":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.scheme == "udp":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            bound.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        bound.bind(place)
        if isinstance(place, str):
            os.chmod(place, mode)
        if address.is_stream:
            bound.listen(128)
    except OSError:
        bound.close()
        raise
    return bound


def _take_away_stale(path: str, kind: int) -> None:
    """Remove a socket's file that nobody listens at any more, such as a killed agent's."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, kind) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
