"""Are the labels that silences, acknowledgements, routes and windows choose by those of the rules?

A person's slip of the hand is refused; the rest may belong to rules elsewhere, and is warned of.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from shipper.declarative import find
from shipper.errors import ShipperError, UsageError
from shipper.rules.files import load_rules
from shipper.rules.routing.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shipper.config import ConfigFile
    from shipper.rules.routing.matcher import Matcher
    from shipper.rules.routing.vocabulary import Doubt
    from shipper.rules.rule import Rule
    from shipper.rules.settings import EvaluatorSettings

_LOG = logging.getLogger("shipper.rules")
_Place = tuple[str | int, ...]


def check_silence(matchers: Sequence[Matcher], settings: EvaluatorSettings) -> None:
    """Refuse slips, warn of the rest; a rule that cannot be read keeps nobody from a silence.

    Raises:
        UsageError: a label or value that no rule has, and that is near one.
    """
    try:
        rules = [file.rule for file in load_rules(settings.rules or (find("alert_rules"),))]
    except ShipperError as error:
        click.echo(f"warning: whether a rule has these labels is not known: {error}", err=True)
        return
    vocabulary = Vocabulary(rules)
    for matcher in matchers:
        for doubt in vocabulary.doubts([matcher]):
            if doubt.hint is not None:
                hint = f"{doubt.hint} If a rule elsewhere has it, name its config with -c"
                raise UsageError(doubt.message, hint=hint)
            effect = "holds for every alert" if matcher.negated else "holds for none until a rule has it"
            click.echo(f"warning: {doubt.message}; `{matcher}` {effect}", err=True)


def check_ack(matchers: Sequence[Matcher], rule: Rule) -> None:
    """Raises UsageError for a label that the alerts of `rule` do not have."""
    vocabulary = Vocabulary([rule])
    for matcher in matchers:
        if vocabulary.label(matcher.label) is not None:
            known = sorted({*rule.group_by, *rule.labels, "rule", "severity", "owner"})
            raise UsageError(
                f"alerts of {rule.name} have no label `{matcher.label}`", hint=f"they have: {', '.join(known)}"
            )


def check_settings(settings: EvaluatorSettings, rules: Iterable[Rule], file: ConfigFile | None) -> None:
    """Warn of the same in `routing` and `maintenance`; a renamed rule must not keep the others from alerting."""
    if file is None:
        return
    for place, doubt in _doubts(settings, Vocabulary(rules)):
        _LOG.warning("%s: %s%s", file.where(place), doubt.message, f" ({doubt.hint})" if doubt.hint else "")


def _doubts(settings: EvaluatorSettings, vocabulary: Vocabulary) -> Iterator[tuple[_Place, Doubt]]:
    matchers = [("routing", number, entry.matchers()) for number, entry in enumerate(settings.routing)]
    matchers += [("maintenance", number, entry.matchers()) for number, entry in enumerate(settings.maintenance)]
    for key, number, parsed in matchers:
        for row, matcher in enumerate(parsed):
            for doubt in vocabulary.doubts([matcher]):
                yield (key, number, "match", row), doubt
    for number, route in enumerate(settings.routing):
        for row, label in enumerate(route.group_by or ()):
            missing = vocabulary.label(label)
            if missing is not None:
                yield ("routing", number, "group_by", row), missing
