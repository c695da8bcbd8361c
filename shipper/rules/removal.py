"""Rules that were removed while they fired: what is kept of each rule beside its state is enough to end its alerts."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from shipper import config
from shipper.errors import ConfigError
from shipper.rules.type import AnyRule

if TYPE_CHECKING:
    from shipper.rules.rule import Rule
    from shipper.rules.stand import Stand

ABANDONED_AFTER = 86_400
"""Seconds without an evaluator after which a rule counts as removed, wherever its file is or was."""


class Memo(msgspec.Struct):
    """A rule as it was evaluated last, and where it stood."""

    host: str = ""
    file: str = ""
    rule: msgspec.Raw = msgspec.Raw(b"null")

    def read(self) -> Rule | None:
        """The rule; None where this version cannot read it."""
        try:
            data = msgspec.json.decode(self.rule)
            return config.bind(config.ConfigFile(data, self.file, {}), cast("type[Rule]", AnyRule))
        except (ConfigError, msgspec.DecodeError):
            return None


def memo(rule: Rule, file: Path | None) -> str:
    """What is kept of a rule, as JSON; its tests are not."""
    plain = msgspec.json.encode(msgspec.structs.replace(rule, tests=()), enc_hook=_plain)
    where = "" if file is None else str(file.absolute())
    return msgspec.json.encode(Memo(socket.gethostname(), where, msgspec.Raw(plain))).decode()


def remembered(text: str) -> Memo:
    """Reads it; an empty one where it cannot be read."""
    try:
        return msgspec.json.decode(text or "{}", type=Memo)
    except msgspec.DecodeError:
        return Memo()


def why_removed(stand: Stand, now: float) -> str | None:
    """Why a rule that nobody has counts as removed; None where its evaluator may only be down."""
    kept = remembered(stand.memo)
    file = Path(kept.file)
    if kept.file and kept.host == socket.gethostname() and file.parent.is_dir() and not file.exists():
        return f"its file {file.name} was removed"
    if now - stand.seen > ABANDONED_AFTER:
        return f"nobody has evaluated it for {(now - stand.seen) / 3600:.0f} h"
    return None


def _plain(value: object) -> object:
    if isinstance(value, float):
        return f"{round(value * 1000)}ms"
    raise TypeError(f"{type(value).__name__} is not in any rule")
