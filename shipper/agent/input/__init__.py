"""The inputs: `INPUTS` is what a configuration may name, `make_input` what the agent runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.input.spooled import reading
from shipper.agent.input.stdin import StdinInput, StdinInputSettings
from shipper.agent.input.syslog import SyslogInput, SyslogInputSettings
from shipper.agent.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shipper.agent.input.handover import Handover
    from shipper.agent.input.own import OwnFiles
    from shipper.agent.registry import Registry
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.input")
InputSettings = FileInputSettings | StdinInputSettings | SyslogInputSettings

__all__ = ["FileInput", "InputSettings", "make_input", "warn_of_forgotten", "warn_of_unmatched"]


def make_input(
    settings: InputSettings,
    common: Mapping[str, Any],
    own: OwnFiles,
    registry: Registry,
    clock: Clock,
    handover: Handover,
) -> FileInput:
    """An input at work, not started yet; `common` holds what all records get, `own` is what the agent itself writes.

    `handover` holds what an input before it may have left.

    Raises:
        UsageError: an address is taken.
        OSError: the spool cannot be used, with the file or folder.
    """
    if isinstance(settings, FileInputSettings):
        return FileInput(settings, common, own=own)
    folder = own.state / "spool" / settings.name
    try:
        spool = Spool(folder, int(settings.spool))
    except OSError as error:
        error.filename = error.filename or str(folder)
        raise
    read = reading(
        folder,
        codec=settings.codec,
        dataset=settings.dataset,
        service=settings.service,
        fields=settings.fields,
        flush_after=settings.flush_after,
    )
    if isinstance(settings, StdinInputSettings):
        return StdinInput(settings.name, read, common, spool, registry)
    made = SyslogInput(settings.name, read, _seen_from(settings, common), spool, registry)
    made.open(settings, str(common.get("host", {}).get("name", "-")), clock, handover)
    return made


def warn_of_unmatched(inputs: Sequence[FileInput]) -> None:
    """Say which patterns of files name nothing yet: a mistyped one looks like a quiet service."""
    for each in inputs:
        if type(each) is FileInput:
            for pattern in each.unmatched_told():
                _LOG.warning("no file matches %s; what comes there later is read", pattern)


def warn_of_forgotten(settings: Sequence[InputSettings], state: Path) -> None:
    """Say which spools hold records of inputs that are not configured any more."""
    names = {each.name for each in settings if not isinstance(each, FileInputSettings)}
    for folder in sorted((state / "spool").glob("*")):
        if folder.name not in names and folder.is_dir() and any(folder.iterdir()):
            _LOG.warning("%s holds records of an input that is not configured any more; they wait for it", folder)


def _seen_from(settings: SyslogInputSettings, common: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of other hosts' records this one is the observer, not the host."""
    if settings.addresses()[0].is_local or "host" not in common:
        return common
    seen = {name: value for name, value in common.items() if name != "host"}
    return {
        **seen,
        "observer": {"hostname": common["host"].get("hostname", common["host"]["name"]), "type": "collector"},
    }
