"""Input `dead_letter_queue`: reads a pipeline's dead letters as they come, with Logstash's metadata names."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shipper.home import write_private
from shipper.logstash_runner.dead_letters import read_from, segments
from shipper.logstash_runner.plugin import Boolean, InputOptions, InvalidPluginError, PathOption, String

if TYPE_CHECKING:
    from shipper.logstash_runner.input.base import Document, InputContext, Make, Written

_log = logging.getLogger(__name__)
_LOOK = 0.5
"""Seconds between looks at the folder."""


class DeadLetterOptions(InputOptions, frozen=True, kw_only=True):
    """Whose dead letters are read, from where and whether the position is kept."""

    path: PathOption
    pipeline_id: String = "main"
    commit_offsets: Boolean = True
    clean_consumed: Boolean = False
    sincedb_path: String | None = None
    start_timestamp: String = ""


def prepare(options: DeadLetterOptions, written: Written) -> Make:
    """Check the options of a dead letter queue input.

    Raises:
        InvalidPluginError: segments are to be deleted although the position is not kept.
    """
    if options.clean_consumed and not options.commit_offsets:
        raise InvalidPluginError("clean_consumed needs commit_offsets", where=str(written.plugin.place))

    def make(context: InputContext, _: int | None) -> DeadLetterInput:
        offsets: Path | None = None
        if options.commit_offsets and options.sincedb_path:
            offsets = Path(options.sincedb_path)
        elif options.commit_offsets and context.data is not None:
            offsets = context.data / "offsets" / f"dead_letter_queue-{options.pipeline_id}.json"
        folder = options.path / options.pipeline_id
        return DeadLetterInput(folder, offsets, context, start=options.start_timestamp, clean=options.clean_consumed)

    return make


class DeadLetterInput:
    """Follows the segments in `folder`; its offset moves when the outputs accepted, and is kept in `offsets`.

    Args:
        offsets: file with the position; None reads from the beginning at each start.
        start: entries older than this ISO 8601 text are passed over.
        clean: delete segments that are read to their end.
    """

    def __init__(
        self, folder: Path, offsets: Path | None, context: InputContext, *, start: str = "", clean: bool = False
    ) -> None:
        self._folder = folder
        self._offsets = offsets
        self._context = context
        self._start = start
        self._clean = clean
        self._segment, self._offset = self._load()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dead-letters", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._step():
                self._context.clock.wait(self._stopping, _LOOK)

    def _step(self) -> bool:
        """Hand on some entries; False where there are none."""
        present = [path for path in segments(self._folder) if path.name >= self._segment]
        if not present:
            return False
        segment = present[0]
        offset = self._offset if segment.name == self._segment else 0
        items = list(read_from(segment, offset))
        if not items:
            return self._leave(segment) if len(present) > 1 else False
        if self._accepted([_document(item) for item, _ in items if item and item.get("entry_time", "") >= self._start]):
            self._segment, self._offset = segment.name, items[-1][1]
            self._save()
        if any(item is None for item, _ in items):
            _log.warning("passed over damaged entries in %s", segment)
        return True

    def _leave(self, segment: Path) -> bool:
        """Go on to the next segment."""
        self._segment, self._offset = f"{int(segment.stem) + 1:08d}.ndjson", 0
        self._save()
        if self._clean:
            segment.unlink()
        return True

    def _accepted(self, documents: list[Document]) -> bool:
        answered = threading.Event()
        accepted: list[bool] = []

        def done(value: bool) -> None:
            accepted.append(value)
            answered.set()

        self._context.submit(documents, done)
        answered.wait()
        if not accepted[0]:
            self._stopping.set()  # the runner ends
        return accepted[0]

    def _load(self) -> tuple[str, int]:
        if self._offsets is None or not self._offsets.exists():
            return "", 0
        try:
            stored: dict[str, Any] = orjson.loads(self._offsets.read_bytes())
            return str(stored["segment"]), int(stored["offset"])
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("%s is damaged, reading the dead letters from the beginning: %s", self._offsets, error)
            return "", 0

    def _save(self) -> None:
        if self._offsets is not None:
            self._offsets.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._offsets, orjson.dumps({"segment": self._segment, "offset": self._offset}))


def _document(item: dict[str, Any]) -> Document:
    noted = {name: item.get(name) for name in ("reason", "plugin_id", "plugin_type", "entry_time")}
    return {**item.get("event", {}), "@metadata": {**item.get("metadata", {}), "dead_letter_queue": noted}}
