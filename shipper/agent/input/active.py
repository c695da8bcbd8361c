"""The inputs at work, and their exchange while the agent runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shipper.agent.input.handover import Handover
from shipper.agent.input.spooled import SpoolInput
from shipper.agent.input.syslog import SyslogInputSettings
from shipper.errors import ShipperError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shipper.agent.deadline import Deadline
    from shipper.agent.input import InputSettings
    from shipper.agent.input.file import FileInput

_LOG = logging.getLogger("shipper.agent.input")
_Made = tuple["InputSettings", "FileInput"]


class ActiveInputs:
    """Used by the reader thread; others may read `all`.

    Attributes:
        all: the inputs, in the order of the configuration; always the same list.
    """

    def __init__(self, make: Callable[[InputSettings, Handover], FileInput], settings: Sequence[InputSettings]) -> None:
        """Make them, not started yet.

        Raises:
            UsageError: an address is taken, or a spool cannot be used.
        """
        self._make = make
        self._made: list[_Made] = [(each, make(each, Handover())) for each in settings]
        self._retiring: list[SpoolInput] = []
        self._others: list[FileInput] = []
        self.all: list[FileInput] = [source for _, source in self._made]

    def add(self, source: FileInput) -> None:
        """One that no configuration names; it stays."""
        self._others.append(source)
        self._show()

    def start(self) -> None:
        for source in self.all:
            source.start()

    def stop(self, deadline: Deadline) -> None:
        """Receive no more; all are told before one is waited for."""
        for source in self.all:
            source.end_soon()
        for source in self.all:
            source.stop(patience=deadline.last())

    def exchange(self, settings: Sequence[InputSettings]) -> tuple[list[FileInput], list[FileInput]]:
        """(those that are no more, those that are new and started); what did not change goes on undisturbed.

        Where a new one listens at the place of an old one it gets its sockets, connections and all.
        An input that received and is named no more stays until its spool is delivered.

        Raises:
            UsageError: a new one cannot be made; all goes on as before.
        """
        left = list(self._made)
        kept = [_take(left, each) for each in settings]
        names = {each.name for each in settings if hasattr(each, "name")}
        again = [each for each in self._retiring if each.name in names]
        handover = Handover(
            {place for each in settings if isinstance(each, SyslogInputSettings) for place in each.addresses()}
        )
        for source in (*(source for _, source in left), *again):
            source.stop(handover)  # before others are made: they may want its place
        try:
            made = self._make_all(settings, kept, handover)
        except (ShipperError, OSError):
            for _, source in left:
                source.resume(handover)
            raise
        finally:
            handover.close()
        self._retiring = [each for each in self._retiring if each not in again]
        for _, source in left:
            if isinstance(source, SpoolInput) and source.name not in names and source.spool.used:
                self._retiring.append(source)
        self._made = made
        fresh = [source for (_, source), old in zip(made, kept, strict=True) if old is None]
        self._show()
        for source in fresh:
            source.start()
        return [*(source for _, source in left if source not in self._retiring), *again], fresh

    def see_off(self) -> list[FileInput]:
        """Those that were named no more and are delivered by now."""
        done: list[FileInput] = [each for each in self._retiring if not each.spool.used]
        if done:
            self._retiring = [each for each in self._retiring if each not in done]
            self._show()
        return done

    def _make_all(
        self, settings: Sequence[InputSettings], kept: Sequence[_Made | None], handover: Handover
    ) -> list[_Made]:
        made: list[_Made] = []
        try:
            for each, old in zip(settings, kept, strict=True):
                made.append(old or (each, self._make(each, handover)))
        except (ShipperError, OSError):
            for pair in made:
                if pair not in kept:
                    pair[1].stop(handover)
            raise
        return made

    def _show(self) -> None:
        self.all[:] = [*(source for _, source in self._made), *self._retiring, *self._others]


def _take(made: list[_Made], settings: InputSettings) -> _Made | None:
    for each in made:
        if each[0] == settings:
            made.remove(each)
            return each
    return None
