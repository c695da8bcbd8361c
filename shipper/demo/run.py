"""The demonstration, from an empty home to a summary."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shipper.demo.campaign import run_campaign
from shipper.demo.checks import Outcome
from shipper.demo.console import Console
from shipper.demo.index import ALERTS, Index
from shipper.demo.services.server import CONTROL_PATH
from shipper.demo.stage import Stage
from shipper.demo.summary import show
from shipper.demo.timeline import Timeline
from shipper.demo.verify import (
    check_alerts,
    check_conversion,
    check_delivery,
    check_metrics,
    check_page,
    check_roles,
    wait_for_delivery,
    write_json,
)
from shipper.errors import FindingError, UnavailableError, UsageError
from shipper.home import Home
from shipper.simulate.load import Load, start_incident

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.demo.console import Step
    from shipper.demo.shop import Shop

RULES = Path(__file__).parent / "rules"
EXPECTED_ALERTS = {
    "demo-slow-endpoint": {"service.name": "web", "http.route": "/search"},
    "demo-error-burst": {"service.name": "inventory"},
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    Attributes:
        home: the installation whose `demo` folder holds everything.
        once: check, clean up and end; else stay until Ctrl-C.
        json_file: where to write the outcome.
    """

    home: Home
    once: bool = False
    json_file: Path | None = None
    timeline: Timeline = field(default_factory=Timeline)


def run(options: Options) -> Outcome:
    """Run it all.

    Raises:
        FindingError: a check failed; the summary says which.
        UsageError: another demonstration runs in the same home.
        UnavailableError: a part did not start.
    """
    own = Home(options.home.path / "demo")
    own.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    console, outcome = Console(), Outcome()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _alone(own.path.with_name(".demo.lock")):
        _forget(options.home, own)
        stage = Stage(own, console)
        try:
            _perform(stage, outcome, options.timeline)
            if options.json_file is not None:
                write_json(outcome, options.json_file)
            with _published(options.home, own):
                show(console, stage, outcome, staying=not options.once, home=options.home)
                if not options.once:
                    _stay(stage)
        finally:
            stage.stop()
    if not outcome.ok:
        failed = [check.name for check in outcome.checks if not check.ok]
        raise FindingError(f"the demonstration did not show: {'; '.join(failed)}")
    return outcome


def _perform(stage: Stage, outcome: Outcome, timeline: Timeline) -> None:
    stage.clear()
    stage.start_elasticsearch()
    stage.start_logstash()
    stage.start_agent()
    shop = stage.start_shop()
    stage.start_rules(sorted(RULES.glob("*.yml")))
    stage.start_pages()
    load = Load(port=shop.ports["web"], rate=timeline.rate, workers=40)
    run_campaign(stage, outcome)
    load.start()
    try:
        _trouble(stage, shop, load, timeline)
    finally:
        load.stop()
    _check(stage, outcome, load, timeline)


def _trouble(stage: Stage, shop: Shop, load: Load, timeline: Timeline) -> None:
    """Two incidents, then quiet until both alerts have resolved."""
    _watch(stage, load, "ordinary load", timeline.calm)
    start_incident(shop.ports["web"], CONTROL_PATH, "slow", timeline.incident)
    _watch(stage, load, "incident: /search is slow", timeline.incident)
    _watch(stage, load, "ordinary load", timeline.calm)
    start_incident(shop.ports["inventory"], CONTROL_PATH, "errors", timeline.incident)
    _watch(stage, load, "incident: the stock service fails", timeline.incident)
    with stage.console.step("wait for the alerts to resolve") as step:
        index = Index(stage.endpoints)
        try:
            deadline = time.monotonic() + timeline.resolve
            while time.monotonic() < deadline:
                stage.processes.check()
                resolved = index.count(ALERTS, {"term": {"event.action": "resolved"}})
                _note(step, load, f"{resolved} of {len(EXPECTED_ALERTS)} resolved")
                if resolved >= len(EXPECTED_ALERTS) and len(load.sent) * 2.4 > timeline.minimum:
                    break
                time.sleep(1)
        finally:
            index.close()
    _tell(stage)


def _tell(stage: Stage) -> None:
    """Print the notifications that came since the last time."""
    for notification in stage.webhook.fresh():
        colour = "red" if notification["kind"] == "firing" else "green"
        about = [notification["rule"], *(f"{name}={value}" for name, value in notification["group"].items())]
        kind = click.style(f"{notification['kind']:<10}", fg=colour)
        stage.console.say(f"      {kind} {' '.join(about)}: {notification['text']}")


def _watch(stage: Stage, load: Load, name: str, seconds: float) -> None:
    with stage.console.step(name) as step:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            stage.processes.check()
            _note(step, load, "")
            time.sleep(0.2)
    _tell(stage)


def _note(step: Step, load: Load, text: str) -> None:
    step.note(f"{len(load.sent):,} requests" + (f", {text}" if text else ""))


def _check(stage: Stage, outcome: Outcome, load: Load, timeline: Timeline) -> None:
    with stage.console.step("compare Elasticsearch with the truth") as step:
        index = Index(stage.endpoints)
        try:
            outcome.check("every request was answered", ok=not load.failed, detail=f"{len(load.failed)} were not")
            check_delivery(outcome, wait_for_delivery(index, load, timeline.settle), timeline.minimum)
            check_conversion(outcome, index, stage.logs)
            check_metrics(outcome, index)
            check_roles(outcome, index)
            check_alerts(outcome, index, stage.webhook, EXPECTED_ALERTS)
            check_page(outcome, stage.page)
            rebuilt = stage.succeeds("dashboards", "build", "--check")
            outcome.check("the dashboards are what their sources make", ok=rebuilt, detail="rebuilt and compared")
        finally:
            index.close()
        step.note(f"{sum(check.ok for check in outcome.checks)} of {len(outcome.checks)} checks hold")


def _stay(stage: Stage) -> None:
    try:
        while True:
            stage.processes.check()
            time.sleep(1)
    except KeyboardInterrupt:
        stage.console.say()


@contextmanager
def _published(home: Home, own: Home) -> Iterator[None]:
    """Let commands without a config find the demonstration's stack, unless the home has one of its own."""
    if home.endpoints_file.exists():
        yield
        return
    home.publish(own.endpoints())
    try:
        yield
    finally:
        home.endpoints_file.unlink(missing_ok=True)


def _forget(home: Home, own: Home) -> None:
    """Take back what a killed demonstration published in the home."""
    try:
        if home.endpoints().accounts == own.endpoints().accounts:
            home.endpoints_file.unlink()
    except UnavailableError:
        return  # one of the two is not there: nothing was published


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UsageError(
            "another demonstration runs",
            where=str(lock),
            hint="end it with Ctrl-C, or set SHIPPER_HOME to another folder",
        ) from None
    finally:
        os.close(descriptor)
