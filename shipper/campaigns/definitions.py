"""What counts: entries, touches, goals and models, as `campaigns.yml` declares them.

entry: 'action: enter'
touch: 'action: (deliver or open or click)'
goals:
  - name: purchase
    filter: 'action: purchase'
    refund: 'action: refund'
    lookback: 30d
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from shipper import kql
from shipper.campaigns.credit import MODELS
from shipper.config import Duration, Settings, bind, load
from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shipper.config import ConfigFile
    from shipper.event import Document

    Matcher = Callable[[Document], bool]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Goal(Settings, frozen=True):
    """A success criterion.

    Attributes:
        filter: KQL over the event; each match is a conversion.
        refund: KQL over the event; a match carries a negative value and belongs to the conversion with the same
            `object.type` and `object.id`.
        count: `every` conversion, or only the `first` of a contact.
        lookback: how old a touch may be to get credit; unbounded without.
    """

    name: str
    filter: str
    refund: str | None = None
    count: Literal["every", "first"] = "every"
    lookback: Duration | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a goal's name is lower-case letters, digits, - and _, not {self.name!r}")
        if self.lookback is not None and self.lookback <= 0:
            raise ValueError("a look-back is longer than nothing")


class CampaignSettings(Settings, frozen=True):
    """`campaigns.yml`.

    Attributes:
        entry: KQL; the earliest match with a campaign id is the contact's entry into that campaign.
        touch: KQL; a match may get credit.
        direct: channels that the model last_non_direct passes over.
        half_life: of the model time_decay.
    """

    entry: str = "action: enter"
    touch: str = "action: (deliver or sent or open or opened or click or clicked)"
    goals: tuple[Goal, ...] = (
        Goal(name="purchase", filter="action: purchase", refund="action: refund", lookback=Duration(7 * 86400)),
        Goal(name="signup", filter="action: signup", count="first", lookback=Duration(7 * 86400)),
    )
    models: tuple[str, ...] = MODELS
    direct: tuple[str, ...] = ("direct",)
    half_life: Duration = Duration(7 * 86400)

    def __post_init__(self) -> None:
        unknown = [model for model in self.models if model not in MODELS]
        if unknown:
            raise ValueError(f"unknown model {unknown[0]!r}; the models are {', '.join(MODELS)}")
        names = [goal.name for goal in self.goals]
        if len(set(names)) != len(names):
            raise ValueError("two goals have the same name")
        if not self.goals or not self.models:
            raise ValueError("at least one goal and one model are needed")
        if self.half_life <= 0:
            raise ValueError("a half-life is longer than nothing")


@dataclass(frozen=True, slots=True)
class GoalRule:
    """A goal ready to use; look-back in milliseconds."""

    name: str
    converts: Matcher
    refunds: Matcher | None
    only_first: bool
    lookback: int | None


@dataclass(frozen=True, slots=True)
class Definitions:
    """Compiled settings.

    Attributes:
        half_life: milliseconds.
        fingerprint: changes when the same events would give other results.
    """

    is_entry: Matcher
    is_touch: Matcher
    goals: tuple[GoalRule, ...]
    models: tuple[str, ...]
    direct: frozenset[str]
    half_life: int
    fingerprint: str

    def goal(self, name: str) -> GoalRule:
        """The goal of this name, one that a record was given by these definitions."""
        return next(goal for goal in self.goals if goal.name == name)


def read(path: Path | str) -> Definitions:
    """Read `campaigns.yml`.

    Raises:
        ConfigError: unreadable, an unknown key, a wrong value or filter, with its line.
    """
    file = load(path)
    return compile_settings(bind(file, CampaignSettings), file)


def compile_settings(settings: CampaignSettings, file: ConfigFile | None = None) -> Definitions:
    """Compile the filters.

    Raises:
        ConfigError: a filter is not KQL.
    """

    def compiled(text: str, *place: str | int) -> Matcher:
        try:
            return kql.matcher(kql.parse(text), {})
        except kql.KqlError as error:
            where = None if file is None else file.where(place)
            raise ConfigError(f"{error.message}, at {error.where}", where=where, hint=error.hint) from error

    goals = tuple(
        GoalRule(
            name=goal.name,
            converts=compiled(goal.filter, "goals", index, "filter"),
            refunds=None if goal.refund is None else compiled(goal.refund, "goals", index, "refund"),
            only_first=goal.count == "first",
            lookback=None if goal.lookback is None else round(goal.lookback * 1000),
        )
        for index, goal in enumerate(settings.goals)
    )
    return Definitions(
        is_entry=compiled(settings.entry, "entry"),
        is_touch=compiled(settings.touch, "touch"),
        goals=goals,
        models=settings.models,
        direct=frozenset(settings.direct),
        half_life=round(settings.half_life * 1000),
        fingerprint=hashlib.sha256(msgspec.json.encode(settings, enc_hook=float)).hexdigest()[:16],
    )
