"""The `syslog` input: TCP, UDP and unix sockets; what was taken is on disk before a connection is closed."""

from __future__ import annotations

import errno
import logging
import os
import re
import selectors
import socket
import struct
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from shipper.agent.codec import CodecSettings
from shipper.agent.descriptors import is_scarce
from shipper.agent.input.addresses import Address, listen, parse
from shipper.agent.input.fields import ServiceSettings, check_fields
from shipper.agent.input.frames import Frames
from shipper.agent.input.handover import Door, Handover, Peer
from shipper.agent.input.relay import as_line
from shipper.agent.input.spooled import SpoolInput
from shipper.clock import iso_utc
from shipper.config import Duration, Settings, Size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.syslog")
_CHUNK = 65536
_DATAGRAMS = 256
"""Taken from one socket before the others have their turn."""
_LEAVE = 1.5
"""Seconds at the end in which what was received is still taken."""
_RESET, _ORDERLY = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)
"""SO_LINGER: what the kernel does when the socket closes, also because we were killed."""
_SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""What `accept` says where the connection is there and stays, but nothing is left to take it with."""
_PAUSE = 0.5
"""Seconds before it is tried again."""
_OVERFLOW = 4
"""Bytes of the count that the kernel adds to a datagram."""


class SyslogInputSettings(Settings, frozen=True, tag_field="type", tag="syslog"):
    """Syslog of other programs and hosts, kept on disk until it is delivered.

    Attributes:
        listen: `tcp://host:port`, `udp://host:port`, `unix:///path`, `unixgram:///path`; either local or not.
        name: of its spool, and `event.dataset`; unique among the inputs.
        codec: how lines become records.
        dataset: `event.dataset`, where it is not the name.
        service: for `service.*`.
        fields: more ECS fields, nested or dotted.
        flush_after: a whole message waits so long for lines that may belong to it.
        max_message: bytes of a message; a longer one is cut and counted.
        connections: at once; the one that is idle for longest makes room, if it is idle for `timeout`.
        timeout: a message must be whole within it, else what came of it is taken and the connection closed.
        mode: permissions of a unix socket's file, octal.
        spool: bytes kept on disk at most; then TCP and unix sockets wait, and UDP is dropped and counted.
    """

    listen: Annotated[list[str], Meta(min_length=1)]
    name: str = "syslog"
    codec: CodecSettings = msgspec.field(default_factory=CodecSettings)
    dataset: str | None = None
    service: ServiceSettings | None = None
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    flush_after: Duration = Duration(0.2)
    max_message: Size = Size(64 * 1024)
    connections: Annotated[int, Meta(ge=1, le=10_000)] = 256
    timeout: Duration = Duration(60)
    mode: str = "0660"
    spool: Size = Size(64 * 1024 * 1024)

    def __post_init__(self) -> None:
        check_fields(self.fields)
        if len({address.is_local for address in self.addresses()}) > 1:
            raise ValueError("`listen` mixes unix sockets and the network; records of both differ: make two inputs")
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,63}", self.name):
            raise ValueError("`name` is a folder's: letters, digits, `.`, `_` and `-`")
        if not re.fullmatch("0?[0-7]{3}", self.mode):
            raise ValueError('`mode` is octal in quotes, such as "0660"')
        if self.spool < 1 << 20:
            raise ValueError("`spool` must be at least 1MiB")
        if not 480 <= self.max_message <= 1 << 20:  # RFC 5424 §6.1: every receiver takes 480
            raise ValueError("`max_message` must be between 480B and 1MiB")

    def addresses(self) -> list[Address]:
        """`listen`, read."""
        return [parse(text) for text in self.listen]


class SyslogInput(SpoolInput):
    """One thread over all sockets of one input; what a round brings is durable before the next."""

    def open(self, settings: SyslogInputSettings, host: str, clock: Clock, handover: Handover) -> None:
        """Bind, or take over what an input before it left; `host` is of local messages.

        Raises:
            UsageError: a place is taken, or not ours.
        """
        self._given = settings
        self._host = host
        self._clock = clock
        self._handover: Handover | None = None
        self._peers: set[Peer] = set()
        self._paused_until: float | None = None
        self._told: set[str] = set()
        self._selector = selectors.DefaultSelector()
        self.doors: list[Door] = []
        try:
            for address in settings.addresses():
                self._open_door(address, handover)
        except BaseException:
            self._handover = handover
            self.abandon()
            raise

    def _open_door(self, address: Address, handover: Handover) -> None:
        mode = int(self._given.mode, 8)
        left = handover.take(address)
        if left is None:
            door = Door(listen(address, mode), address)
        else:
            door, peers = left
            if isinstance(address.place, str):
                os.chmod(address.place, mode)
            for peer in peers:
                self._welcome(peer)
        self.doors.append(door)
        self._selector.register(door.socket, selectors.EVENT_READ, door)

    def stop(self, handover: Handover | None = None, patience: float = 10.0) -> None:
        self._handover = handover
        super().stop(handover, patience)

    def resume(self, handover: Handover) -> None:
        self.open(self._given, self._host, self._clock, handover)
        super().resume(handover)

    def abandon(self) -> None:
        self._hand_over()
        self._close()

    def receive(self) -> None:
        try:
            if not self._serve():  # something was taken and is not on disk: whoever sent it hears of that by a reset
                self._hang_up_all()
            self._hand_over()
            self._take_leave()
        finally:
            self._close()

    def _serve(self) -> bool:
        """Until told to stop; False if what it took did not come to disk."""
        while not self.is_stopping():
            if not self.spool.has_room():
                self._drop_datagrams()
                self.spool.wait_room(0.05)
            elif not self._round():
                return False
        return True

    def _hand_over(self) -> None:
        """Leave to the successor what it listens to, with what the kernel holds for it."""
        handover = self._handover
        if handover is None:
            return
        self._go_on()
        for door in [each for each in self.doors if handover.wants(each)]:
            peers = [peer for peer in self._peers if peer.door is door]
            for left in (door.socket, *(peer.socket for peer in peers)):
                self._selector.unregister(left)
            self._peers.difference_update(peers)
            self.doors.remove(door)
            handover.give(door, peers)

    def _round(self) -> bool:
        """False if what it took did not come to disk."""
        lines: list[bytes] = []
        ended: list[Peer] = []
        if self._paused_until is not None and self._clock.monotonic() >= self._paused_until:
            self._go_on()
        for key, _ in self._selector.select(0.2):
            if isinstance(key.data, Peer):
                self._read(key.data, lines, ended)
            elif key.data.address.is_stream:
                self._accept(key.data)
            else:
                lines += self._lines(self._datagrams(key.data))
        self._end_late(lines, ended)
        return self._settle(lines, ended)

    def _settle(self, lines: list[bytes], ended: list[Peer]) -> bool:
        if lines and not self.keep(b"\n".join([*lines, b""])):
            return False
        self.counts["syslog_received"] += len(lines)
        for peer in ended:  # all of it is on disk, and a sender may wait to hear that
            self._dismiss(peer)
        return True

    def _take_leave(self) -> None:
        """Take what the kernel received already, and close in order whoever has no message begun.

        Bytes that come after the last look make the kernel reset the connection all the same.
        """
        until = self._clock.monotonic() + _LEAVE
        while self.spool.has_room() and self._clock.monotonic() < until:
            lines: list[bytes] = []
            ended: list[Peer] = []
            for key, _ in (found := self._selector.select(0)):
                if isinstance(key.data, Peer):
                    self._read(key.data, lines, ended)
                elif not key.data.address.is_stream:
                    lines += self._lines(self._datagrams(key.data))
            if not self._settle(lines, ended):
                return
            if not any(isinstance(key.data, Peer) or not key.data.address.is_stream for key, _ in found):
                for peer in [each for each in self._peers if not each.frames.is_open]:
                    self._dismiss(peer)
                return

    def _lines(self, messages: Iterator[tuple[bytes, str]]) -> list[bytes]:
        now = iso_utc(self._clock.time())
        limit = int(self._given.max_message)
        found = []
        for message, peer in messages:
            if len(message) > limit:
                self.counts["syslog_cut"] += 1
            line = as_line(message[:limit], peer, now)
            if line:
                found.append(line)
        return found

    # ---- streams -------------------------------------------------------------------------------------------------

    def _accept(self, door: Door) -> None:
        if self._paused_until is not None:
            return
        now = self._clock.monotonic()
        try:
            connection, place = door.socket.accept()
        except OSError as error:
            if error.errno in _SHORT:
                self._pause(door, error, now)
            else:
                _LOG.debug("%s: no connection came of it: %s", door.address, error)
            return
        is_scarce_now = is_scarce(connection.fileno())
        if (is_scarce_now or len(self._peers) >= self._given.connections) and not self._make_room(now):
            self.counts["syslog_refused"] += 1
            connection.close()
            if is_scarce_now:
                self._warn("%s: few file descriptors are left; connections are refused and counted", door.address)
            return
        connection.setblocking(False)
        if not door.address.is_local:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        name = self._host if door.address.is_local else str(place[0])
        self._welcome(Peer(connection, door, name, Frames(int(self._given.max_message)), now))

    def _pause(self, door: Door, error: OSError, now: float) -> None:
        """Leave who connects to the kernel for a while: the selector would name them again at once, for ever."""
        self.counts["syslog_shortages"] += 1
        self._warn("%s: no connection can be taken, they wait: %s", door.address, error.strerror or error)
        if self._make_room(now):
            return
        self._paused_until = now + _PAUSE
        for each in self.doors:
            if each.address.is_stream:
                self._selector.unregister(each.socket)

    def _go_on(self) -> None:
        """After a pause, if there is one."""
        if self._paused_until is not None:
            self._paused_until = None
            for each in self.doors:
                if each.address.is_stream:
                    self._selector.register(each.socket, selectors.EVENT_READ, each)

    def _warn(self, text: str, *values: object) -> None:
        """Once; the counts go on."""
        if text not in self._told:
            self._told.add(text)
            _LOG.warning(text + ": raise the limit (`ulimit -n`, LimitNOFILE= in a systemd unit)", *values)

    def _welcome(self, peer: Peer) -> None:
        self._peers.add(peer)
        self._selector.register(peer.socket, selectors.EVENT_READ, peer)

    def _make_room(self, now: float) -> bool:
        """Let the connection go that is idle for longest, if it is for long."""
        idle = min((p for p in self._peers if not p.frames.is_open), key=lambda p: p.since, default=None)
        if idle is None or now - idle.since < self._given.timeout:
            return False
        self.counts["syslog_evicted"] += 1
        self._dismiss(idle)
        return True

    def _read(self, peer: Peer, lines: list[bytes], ended: list[Peer]) -> None:
        try:
            data = peer.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        was_open = peer.frames.is_open
        before = peer.frames.cut
        messages = peer.frames.feed(data) if data else [peer.frames.rest()]
        self.counts["syslog_cut"] += peer.frames.cut - before
        lines += self._lines((message, peer.name) for message in messages)
        if messages or not was_open:
            peer.since = self._clock.monotonic()
        if not data:
            ended.append(peer)

    def _end_late(self, lines: list[bytes], ended: list[Peer]) -> None:
        """A message that does not end is taken as it is, and its sender let go."""
        now = self._clock.monotonic()
        for peer in self._peers:
            if peer.frames.is_open and now - peer.since >= self._given.timeout and peer not in ended:
                self.counts["syslog_late"] += 1
                lines += self._lines(iter([(peer.frames.rest(), peer.name)]))
                ended.append(peer)

    def _dismiss(self, peer: Peer) -> None:
        """Close in order: everything that came was accepted. However else a TCP connection ends, it is reset."""
        if peer.socket.family != socket.AF_UNIX:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ORDERLY)
        self._hang_up(peer)

    def _hang_up(self, peer: Peer) -> None:
        self._peers.discard(peer)
        self._selector.unregister(peer.socket)
        peer.socket.close()

    # ---- datagrams -----------------------------------------------------------------------------------------------

    def _datagrams(self, door: Door) -> Iterator[tuple[bytes, str]]:
        for _ in range(_DATAGRAMS):
            try:
                data, extra, _, place = door.socket.recvmsg(_CHUNK, socket.CMSG_SPACE(_OVERFLOW))
            except OSError:
                return
            for _, _, count in extra:
                total = int.from_bytes(count[:_OVERFLOW], "little")
                self.counts["syslog_dropped"] += total - door.overflow
                door.overflow = total
            yield data, self._host if door.address.is_local else str(place[0])

    def _drop_datagrams(self) -> None:
        """The spool is full: UDP cannot wait, a unix socket's sender can."""
        for door in self.doors:
            if door.address.scheme == "udp":
                dropped = sum(1 for _ in self._datagrams(door))
                if dropped and not self.counts["syslog_dropped"]:
                    _LOG.error("%s: the spool is full; datagrams are dropped and counted", door.address)
                self.counts["syslog_dropped"] += dropped

    def _hang_up_all(self) -> None:
        for peer in list(self._peers):
            self.counts["syslog_incomplete"] += peer.frames.is_open
            self._hang_up(peer)

    def _close(self) -> None:
        self._hang_up_all()
        for door in self.doors:
            door.close()
        self._selector.close()
