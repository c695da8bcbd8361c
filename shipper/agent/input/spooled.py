"""An input that receives: what comes goes to a spool, and the tailer reads the spool's segments as files."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from shipper.agent.codec.base import Decoded, SelfContained
from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.metadata import Metadata
from shipper.agent.spool import ENDING, HEADER, Spool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shipper.agent.codec.base import Decoder
    from shipper.agent.input.handover import Handover
    from shipper.agent.registry import Entry, Key, Registry

_LOG = logging.getLogger("shipper.agent.input")
_RETRY = 0.5


class SpoolInput(FileInput):
    """The reading half; `receive` is the other, in a thread of its own.

    Attributes:
        name: of the spool's folder, and in `status`.
        ended: nothing more will come.
    """

    def __init__(
        self, name: str, settings: FileInputSettings, common: Mapping[str, Any], spool: Spool, registry: Registry
    ) -> None:
        """`settings` say how the segments are read; make them with `reading`."""
        super().__init__(settings, common)
        self.name = name
        self.spool = spool
        if spool.damaged:
            self.counts["spool_damaged"] = spool.damaged
        self.ended = False
        self._registry = registry
        self._keys: dict[str, Key] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def receive(self) -> None:
        """Until the source ends or `is_stopping`; `keep` what comes."""
        raise NotImplementedError

    # ---- as an input of the tailer -------------------------------------------------------------------------------

    def leaves_out(self, head: bytes) -> bool:  # noqa: ARG002 - of FileInput; what was accepted is read
        return False

    def decoder(self, entry: Entry) -> Decoder:
        self._keys[entry.path] = entry.key
        if entry.offset >= HEADER:
            return super().decoder(entry)
        make, settings, fallback = self._make, self.settings.codec, entry.fallback_time
        return _AfterHeader(make(settings, fallback_time=fallback, end=HEADER), entry.offset)

    def metadata(self, path: str) -> Metadata:  # noqa: ARG002 - of FileInput; where we keep a record says nothing of it
        event = {**self._own.get("event", {}), "dataset": self.settings.dataset or self.name}
        return Metadata({**self._common, **self._own, "event": event}, None)

    def spent(self) -> list[Key]:
        removed = self.spool.trim(self._is_delivered)
        return [self._keys.pop(path) for path in removed]

    def wants_scan(self) -> bool:
        return self.spool.is_pressed()

    def is_complete(self) -> bool:
        return self.ended

    def _is_delivered(self, path: str, size: int) -> bool:
        key = self._keys.get(path)
        entry = None if key is None else self._registry.get(key)
        return entry is not None and entry.offset >= size

    def spools(self) -> dict[str, dict[str, Any]]:
        spool = self.spool
        return {self.name: {"bytes": spool.used, "limit": spool.limit, "refused": spool.refused}}

    # ---- as a receiver -------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def end_soon(self) -> None:
        self._stopping.set()

    def stop(self, handover: Handover | None = None, patience: float = 10.0) -> None:  # noqa: ARG002 - of FileInput; for those with sockets
        self._stopping.set()
        if self._thread.ident is None:
            self.abandon()
        else:
            self._thread.join(patience)
        self.spool.close()

    def resume(self, handover: Handover) -> None:  # noqa: ARG002 - as above
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def abandon(self) -> None:
        """Let go of what was opened for `receive`, which never ran."""

    def has_failed(self) -> bool:
        return not self._thread.is_alive() and not self.ended and not self._stopping.is_set()

    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def keep(self, lines: bytes) -> bool:
        """Put whole lines on disk, however long the disk refuses; False if told to stop before that."""
        said = False
        while True:
            try:
                self.spool.append(lines)
            except OSError as error:
                self.counts["spool_failures"] += 1
                if not said:
                    _LOG.error("%s: the spool cannot be written, the source waits: %s", self.name, error.strerror)
                    said = True
                if self._stopping.wait(_RETRY):
                    return False
            else:
                return True

    def _run(self) -> None:
        try:
            self.receive()
            self.ended = not self._stopping.is_set()
        except Exception:  # noqa: BLE001 - told in the log; the agent sees that the thread ended, and ends
            _LOG.exception("%s receives no more", self.name)


class _AfterHeader(SelfContained):
    """A decoder that does not see a segment's first line."""

    def __init__(self, inner: Decoder, begin: int) -> None:
        self._inner = inner
        self._left = HEADER - begin

    def feed(self, data: bytes) -> Decoded:
        if self._left:
            cut = min(self._left, len(data))
            self._left -= cut
            data = data[cut:]
            if self._left:
                return Decoded()
        return self._inner.feed(data)

    def flush(self) -> Decoded:
        return Decoded() if self._left else self._inner.flush()

    @property
    def held(self) -> int:
        return self._inner.held


def reading(spool: Path, **settings: Any) -> FileInputSettings:
    """How segments are read: closed soon, forgotten at once."""
    return FileInputSettings(paths=[f"{spool}/*{ENDING}"], **settings)
