"""Builds what the rules commands run: config or local stack -> client, receivers, evaluator."""

from __future__ import annotations

import contextlib
import logging
import signal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from shipper import config as config_files
from shipper.cli.rules_labels import check_settings
from shipper.clock import SystemClock
from shipper.config import Duration
from shipper.config_words import nearest
from shipper.declarative import find
from shipper.elastic.client import connect, explained, for_role
from shipper.errors import ConfigError, UsageError
from shipper.home import default_home
from shipper.rules.clusterclock import ClusterClock
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.explain import explain
from shipper.rules.fields import field_types
from shipper.rules.files import SUFFIXES, load_rule, load_rules, near_file
from shipper.rules.heartbeat import Heartbeat
from shipper.rules.overview import overview
from shipper.rules.query import CellReader
from shipper.rules.settings import EvaluatorSettings
from shipper.rules.statestore import StateStore

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from shipper.config import ConfigFile
    from shipper.elastic.client import ClientSettings
    from shipper.rules.notifier.base import Notifier
    from shipper.rules.rule import Rule

ROLE = "rules_evaluator"
_LOG = logging.getLogger("shipper.rules")


@contextlib.contextmanager
def evaluator(config: Path | None, rules: tuple[Path, ...], *, quiet: bool) -> Iterator[Evaluator]:
    """An evaluator, connected; closed at the end. `quiet` keeps the console's text out of standard output.

    Raises:
        ShipperError: the config or a rule is wrong, or Elasticsearch cannot be reached.
    """
    file, settings = _bound(config)
    found = load_rules(rules or settings.rules or (find("alert_rules"),))
    loaded = [each.rule for each in found]
    _check_routes(loaded, settings.routes)
    check_settings(settings, loaded, file)
    target = _target(settings)
    receivers = _receivers(settings, quiet=quiet)
    with connect(target) as client, contextlib.ExitStack() as stack:
        for receiver in receivers.values():
            stack.callback(receiver.close)
        with explained(target.place):
            client.nodes.info(metric="_none")
        clock = SystemClock()
        heartbeat = None if settings.watch.heartbeat is None else Heartbeat(settings.watch.heartbeat, clock)
        if heartbeat is not None:
            stack.callback(heartbeat.close)
        around = Surroundings(
            client=client,
            clock=clock,
            cluster_clock=ClusterClock(client, clock, limit=float(settings.lease) / 2),
            types=field_types(),
            receivers=receivers,
            routes=settings.routes,
            routing=settings.routing,
            maintenance=settings.maintenance,
            policies=settings.notifiers,
            watchers=settings.watchers,
            heartbeat=heartbeat,
            prefix=settings.index_prefix,
            kibana=settings.kibana,
            runbooks=settings.runbooks,
            lease=float(settings.lease),
            files={each.rule.name: each.path for each in found},
        )
        _LOG.info("rules: %d, watching %s; alerts go to: %s", len(loaded), target.place, ", ".join(sorted(receivers)))
        with explained(target.place):
            yield Evaluator(loaded, around)


def _receivers(settings: EvaluatorSettings, *, quiet: bool) -> dict[str, Notifier]:
    receivers: dict[str, Notifier] = {name: entry.build() for name, entry in settings.notifiers.items()}
    if not quiet:
        return receivers
    from shipper.rules.notifier.console import Console, ConsoleSettings

    to_stderr = Console(ConsoleSettings(stderr=True))
    return {name: to_stderr if isinstance(made, Console) else made for name, made in receivers.items()}


@contextlib.contextmanager
def cluster(config: Path | None, *, timeout: float | None = None) -> Iterator[tuple[Elasticsearch, str]]:
    """A client as the evaluator's own, and the prefix of its indices; `timeout` (seconds) in place of the config's.

    Raises:
        ShipperError: the config is wrong, or Elasticsearch cannot be reached.
    """
    settings = settings_of(config)
    target = _target(settings)
    if timeout is not None:
        target = msgspec.structs.replace(target, timeout=Duration(timeout), retries=0)
    with connect(target) as client, explained(target.place):
        yield client, settings.index_prefix


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and SIGINT set `stop`."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def explanation(config: Path | None, path: Path) -> dict[str, Any]:
    """What `rules explain` prints: the query, the window, each group's cells, verdict, state and why.

    Raises:
        ShipperError: the rule is wrong, or Elasticsearch cannot be reached.
    """
    settings = settings_of(config)
    rule = rule_named(path, settings)
    target = _target(settings)
    with connect(target) as client, explained(target.place):
        reader = CellReader(client, field_types(), settings.index_prefix)
        state = StateStore(client, settings.index_prefix).load(rule).state
        return explain(rule, reader, state, int(SystemClock().time()))


def rule_named(path: Path, settings: EvaluatorSettings) -> Rule:
    """The rule of a file, or the config's rule of that name.

    Raises:
        ShipperError: the file is wrong, or there is no such rule.
    """
    return load_rule(path).rule if _is_place(path) else _by_name(path, _known(settings))


def rules_named(paths: Sequence[Path], settings: EvaluatorSettings) -> dict[str, Rule]:
    """The rules of files, folders and names, by name.

    Raises:
        ShipperError: a file is wrong, two of them have one name, or there is no such file, folder or rule.
    """
    places = [path for path in paths if _is_place(path)]
    found = {file.rule.name: file.rule for file in load_rules(places)} if places else {}
    names = [path for path in paths if path not in places]
    known = _known(settings) if names else {}
    return found | {path.name: _by_name(path, known) for path in names}


def _is_place(path: Path) -> bool:
    """A file or folder, there or not; else a rule's name."""
    return path.exists() or path.suffix in SUFFIXES or len(path.parts) > 1


def _known(settings: EvaluatorSettings) -> dict[str, Rule]:
    return {file.rule.name: file.rule for file in load_rules(settings.rules or (find("alert_rules"),))}


def _by_name(path: Path, rules: Mapping[str, Rule]) -> Rule:
    if path.name in rules:
        return rules[path.name]
    hint = None if get_close_matches(path.name, rules, n=1) else near_file(path)
    raise UsageError(f"there is no rule `{path.name}`", hint=hint or nearest(path.name, rules))


def rules_status(config: Path | None) -> dict[str, Any]:
    """What `rules status` prints.

    Raises:
        ShipperError: the config is wrong, or Elasticsearch cannot be reached.
    """
    with cluster(config) as (client, prefix):
        return overview(client, prefix, SystemClock().time())


def settings_of(path: Path | None) -> EvaluatorSettings:
    """The evaluator's config; its defaults without a file.

    Raises:
        ConfigError: the file is wrong.
    """
    return _bound(path)[1]


def _bound(path: Path | None) -> tuple[ConfigFile | None, EvaluatorSettings]:
    if path is None:
        return None, EvaluatorSettings()
    file = config_files.load(path)
    return file, config_files.bind(file, EvaluatorSettings)


def _target(settings: EvaluatorSettings) -> ClientSettings:
    return settings.elasticsearch or for_role(default_home().endpoints(), ROLE)


def _check_routes(rules: list[Rule], routes: Mapping[str, tuple[str, ...]]) -> None:
    for rule in rules:
        for route in rule.notify:
            if route not in routes:
                raise ConfigError(
                    f"the rule {rule.name} notifies the route `{route}`, which the config does not have",
                    where="routes",
                    hint=f"add `{route}: [console]` under `routes`; known: {', '.join(sorted(routes))}",
                )
