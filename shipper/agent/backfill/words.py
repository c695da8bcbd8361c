"""Times and rates as they are typed."""

from __future__ import annotations

import msgspec

from shipper import config
from shipper.agent.backfill.selection import Window
from shipper.config import Duration, Settings, Size
from shipper.ecs.instant import EARLIEST, LATEST, SECOND, parse_iso
from shipper.errors import ConfigError, UsageError


class _Ago(Settings, frozen=True):
    value: Duration


class _Rate(Settings, frozen=True):
    value: Size


def parse_window(begin: str | None, end: str | None, now: float) -> Window:
    """From `--from` and `--to`, each a time (UTC where it names no zone) or a duration before `now` (epoch seconds).

    Raises:
        UsageError: no time, or the range holds none.
    """
    window = Window(
        EARLIEST if begin is None else parse_instant(begin, "--from", now),
        LATEST + 1 if end is None else parse_instant(end, "--to", now),
    )
    if window.begin >= window.end:
        raise UsageError("the range is empty: it ends before it begins", where="--to", hint="exchange the two")
    return window


def parse_rate(text: str) -> float:
    """Bytes a second.

    Raises:
        UsageError: no size above 0.
    """
    try:
        rate = config.bind(config.ConfigFile({"value": text}, "--rate", {}), _Rate).value
    except ConfigError as error:
        raise UsageError(f"{text!r} is no size", where="--rate", hint="write bytes a second, such as 5MiB") from error
    if rate < 1:
        raise UsageError("nothing would ever be read", where="--rate", hint="write bytes a second, such as 5MiB")
    return float(rate)


def parse_instant(text: str, where: str, now: float) -> int:
    """A time (UTC where it names no zone) or a duration before `now` (epoch seconds), in units of `SECOND`.

    Raises:
        UsageError: it is neither; `where` names the option.
    """
    found = parse_iso(text)
    if found is not None:
        return found[0]
    try:
        ago = config.bind(config.ConfigFile({"value": text}, where, {}), _Ago).value
    except (ConfigError, msgspec.MsgspecError) as error:
        hint = "write 2026-01-31, 2026-01-31T12:00Z, or how long ago: 7d"
        raise UsageError(f"{text!r} is no time", where=where, hint=hint) from error
    return round((now - ago) * SECOND)
