"""The `file` input: which files, how they are decoded, what is said of them."""

from __future__ import annotations

import codecs
import os
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, field

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.encoding import may_hold_nul
from shipper.agent.input.fields import ServiceSettings, check_fields, nested, service_fields
from shipper.agent.input.glob import Glob
from shipper.agent.input.place import PathPattern, of_container, of_path, overlaid
from shipper.agent.metadata import Metadata
from shipper.config import Duration, Settings, Size
from shipper.event import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shipper.agent.codec.base import Decoder
    from shipper.agent.input.handover import Handover
    from shipper.agent.input.own import OwnFiles
    from shipper.agent.registry import Entry, Key


class FileInputSettings(Settings, frozen=True, tag_field="type", tag="file"):
    """Files to tail.

    Attributes:
        paths: patterns; `**` goes into all folders below.
        exclude: patterns not to read; one with a slash is compared with the whole path, else with the name.
        codec: how bytes become records.
        dataset: `event.dataset`; by default the file's name without its endings.
        service: for `service.*`.
        fields: more ECS fields, nested or dotted.
        path_fields: patterns with `{field}` for parts of the path; the first that fits counts, and wins over `fields`.
        flush_after: a whole line waits so long for lines that may belong to it.
        close_inactive: an unterminated line waits so long for its end; an idle file is closed after it.
        rotate_wait: as `close_inactive`, once the file was renamed away or removed.
        chunk: bytes read at a time.
        max_open: files open at most, all inputs together (the smallest counts); the others are opened in turn.
        skip_binary: leave out files whose first bytes hold NUL.
    """

    paths: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1)]
    exclude: list[str] = field(default_factory=list)
    codec: CodecSettings = field(default_factory=CodecSettings)
    dataset: str | None = None
    service: ServiceSettings | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    path_fields: str | list[str] = field(default_factory=list)
    flush_after: Duration = Duration(1)
    close_inactive: Duration = Duration(300)
    rotate_wait: Duration = Duration(5)
    chunk: Size = Size(128 * 1024)
    max_open: Annotated[int, Meta(ge=1)] = 512
    skip_binary: bool = True

    def __post_init__(self) -> None:
        if not 4096 <= self.chunk <= 4 * 1024 * 1024:
            raise ValueError("`chunk` must be between 4KiB and 4MiB")
        for pattern in self.paths:
            if not pattern:
                raise ValueError("a path is empty; a variable that is not set makes one")
            if pattern.endswith("/"):
                raise ValueError(f"`{pattern}` names a folder; name files, such as {pattern}*.log")
            if "\0" in pattern:
                raise ValueError("a path cannot hold NUL")
        check_fields(self.fields)
        for found in self.path_patterns():  # compiled here for its mistakes
            nested(dict.fromkeys(found.names, ""))

    def path_patterns(self) -> list[PathPattern]:
        """`path_fields`, compiled."""
        written = [self.path_fields] if isinstance(self.path_fields, str) else self.path_fields
        return [PathPattern(each) for each in written]


class FileInput:
    """One `file` input at work, and what every input offers the tailer.

    Attributes:
        counts: what happened while receiving, by name.
        left_out: what the last `find` did not give though a pattern names it -> (its count, why).
        stream: what its records are.
    """

    stream = Stream.LOGS

    def __init__(
        self,
        settings: FileInputSettings,
        common: Mapping[str, Any],
        make: Callable[..., Decoder] = make_decoder,
        own: OwnFiles | None = None,
    ) -> None:
        """`common` holds what all records get: nested `host`, `agent` and the like; `own` is never read."""
        self.settings = settings
        self.left_out: dict[str, tuple[str, str]] = {}
        self._own_files = own
        self.counts: Counter[str] = Counter()
        self._make = make
        self._globs = [Glob(pattern, settings.exclude) for pattern in settings.paths]
        self._common = dict(common)
        self._own = nested(settings.fields)
        self._patterns = settings.path_patterns()
        if settings.service is not None:
            self._own["service"] = {**self._own.get("service", {}), **service_fields(settings.service)}

    @property
    def folders(self) -> list[tuple[str, bool]]:
        """(folder, with all below it): what to watch."""
        return [folder for glob in self._globs for folder in glob.folders]

    def find(self) -> Iterator[tuple[str, os.stat_result]]:
        """(path, stat) of each file that is there now; one file may come twice."""
        self.left_out.clear()
        own = None if self._own_files is None else self._own_files.look()
        for glob in self._globs:
            for path, stat in glob.find():
                found = None if own is None else own.reason(path, stat)
                if found is None:
                    yield path, stat
                else:
                    self.left_out[found[0]] = ("files_own", found[1])
            for path, why in glob.unlisted.items():
                self.left_out[path] = ("folders_unreadable", f"{why}; what is there is not seen")

    def unmatched(self) -> list[str]:
        """Patterns that name no file now."""
        return [pattern for pattern, glob in zip(self.settings.paths, self._globs, strict=True) if not any(glob.find())]

    def unmatched_told(self) -> list[str]:
        """The same for people; who named a folder is told so."""
        return [
            f"{each} (it is a folder; name files, such as {each}/*.log)" if os.path.isdir(each) else each
            for each in self.unmatched()
        ]

    def spools(self) -> dict[str, dict[str, Any]]:
        """Name -> `bytes` on disk, their `limit`, why the disk `refused` the last, where something is received."""
        return {}

    def start(self) -> None:
        """Begin to receive, where something is received."""

    def end_soon(self) -> None:
        """Receive no more, soon; `stop` waits for it."""

    def stop(self, handover: Handover | None = None, patience: float = 10.0) -> None:
        """Receive no more, waiting `patience` seconds; what a successor goes on with is left in `handover`."""

    def resume(self, handover: Handover) -> None:
        """Receive again after a stop.

        Raises:
            UsageError: its place was taken meanwhile.
        """

    def has_failed(self) -> bool:
        """Did receiving end unexpectedly?"""
        return False

    def is_complete(self) -> bool:
        """Will nothing new come, but what files that are there will hold?"""
        return True

    def wants_scan(self) -> bool:
        """Is there something that `spent` would free, and that is waited for?"""
        return False

    def spent(self) -> list[Key]:
        """Sources that are delivered and were removed just now: nobody will ask for them again."""
        return []

    def leaves_out(self, head: bytes) -> bool:
        """Does a file that begins like this look binary, and are those not wanted?"""
        if not self.settings.skip_binary or may_hold_nul(self.settings.codec.encoding):
            return False
        return b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))

    def decoder(self, entry: Entry) -> Decoder:
        """A decoder that goes on where the entry was acknowledged."""
        return self._make(self.settings.codec, fallback_time=entry.fallback_time, resume=entry.resume, end=entry.offset)

    def metadata(self, path: str) -> Metadata:
        """What the records of `path` get: what the path says wins over `fields`, and those over what we know."""
        runtime, named = of_container(path), of_path(path, self._patterns)
        common = dict(self._common)
        if any(name.startswith("host.") for name in named):
            common.pop("host", None)  # written elsewhere: this host's facts are not true of it
        fields = overlaid(overlaid(overlaid(common, nested(runtime)), self._own), nested(named))
        dataset = self.settings.dataset or runtime.get("container.name") or _dataset(path)
        fields["event"] = {**fields.get("event", {}), "dataset": dataset}
        return Metadata(fields, path)


def _dataset(path: str) -> str:
    name = os.path.basename(path).lstrip(".")
    return name.partition(".")[0] or name
