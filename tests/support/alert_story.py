"""Stories about notifications on a clock of their own: what happens when, and what each receiver must hear when.

Minutes throughout. `story.at(1).fires("shop")` says what happens; `story.want(between(1, 1.5), ...)` what must be told;
`story.play(10)` runs it and compares everything that was told, no more and no less. It can be killed at any point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shipper import config
from shipper.clock import ManualClock, iso_utc
from shipper.rules.change import Kind, episode_id
from shipper.rules.delivery import Claim, Delivery
from shipper.rules.entry import parcels
from shipper.rules.notification import Notification
from shipper.rules.notifier import Outcome, Sent
from shipper.rules.routing.matcher import parse_matcher
from shipper.rules.routing.mute import Ack, Mutes, Silence
from shipper.rules.routing.route import Router
from shipper.rules.settings import EvaluatorSettings
from tests.support.memory_outbox import MemoryOutbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEP = 5
"""Seconds between two looks of the evaluator."""
DOWNTIME = 60
"""Seconds from a kill to the next look; what happens meanwhile is judged then."""
BEGIN = 1_774_742_400.0
"""2026-03-29T00:00:00Z: at 01:00Z Berlin's clocks go from 02:00 to 03:00."""


class KilledError(BaseException):
    """SIGKILL: nothing of ours may catch it."""


@dataclass(frozen=True)
class Span:
    """Minutes, both ends included."""

    first: float
    last: float


def between(first: float, last: float) -> Span:
    return Span(first, last)


@dataclass
class Told:
    """One message that reached a receiver."""

    at: float
    to: str
    notification: Notification

    def line(self) -> tuple[str, tuple[str, ...]]:
        return self.to, tuple(f"{one.kind} {one.group['service.name']}" for one in self.notification.alerts)


@dataclass
class Memory:
    """Silences and acknowledgements without a cluster; the real store has tests of its own."""

    found: list[Silence] = field(default_factory=list)
    known: list[Ack] = field(default_factory=list)

    reads: int = 0

    def read(self) -> tuple[list[Silence], list[Ack]]:
        self.reads += 1
        return list(self.found), list(self.known)

    def forget(self, names: Sequence[str]) -> None:
        self.known = [ack for ack in self.known if f"ack:{ack.episode}" not in names]


class Story:
    """Some rules' notifications under a config of the evaluator (YAML)."""

    def __init__(self, text: str = "{}", *, begin: float = BEGIN) -> None:
        self.settings = config.bind(config.parse(text, "evaluator.yml"), EvaluatorSettings)
        self.begin = begin
        self.told: list[Told] = []
        self.memory = Memory()
        self.forgetful: set[str] = set()
        """Receivers that must hear again and again what fires; what each heard last is in `believed`."""
        self.believed: dict[str, set[str]] = {}
        self.kill_at: int | None = None
        self.killed = False
        self._answers: dict[str, list[Outcome]] = {}
        self._points = 0
        self._dead_until = 0
        self._plan: list[tuple[float, Callable[[], None]]] = []
        self._wanted: list[tuple[Span, str, tuple[str, ...]]] = []
        self._since: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def at(self, minute: float) -> At:
        return At(self, minute)

    def want(self, span: Span, to: str, *lines: str) -> None:
        """One message to `to`, told in `span`; a line (`firing shop`) for each alert in it."""
        self._wanted.append((span, to, lines))

    def answers(self, to: str, *outcomes: Outcome) -> None:
        """What the receiver says to the first attempts; it takes what comes after."""
        self._answers[to] = list(outcomes)

    def play(self, minutes: float) -> None:
        """Run, and compare with all that was wanted."""
        self.run(minutes)
        left = list(self.told)
        for span, to, lines in self._wanted:
            found = [
                one for one in left
                if one.line() == (to, lines) and span.first - 1e-6 <= one.at <= span.last + 1e-6
            ]  # fmt: skip
            assert found, f"{to} was not told {lines} in {span}; all: {self.lines()}"
            left.remove(found[0])
        assert not left, f"nobody wanted {[(one.at, *one.line()) for one in left]}"

    def lines(self) -> list[tuple[float, str, tuple[str, ...]]]:
        return [(round(one.at, 3), *one.line()) for one in self.told]

    def run(self, minutes: float) -> None:
        """Run alone."""
        self.clock = ManualClock(self.begin)
        self.outbox = MemoryOutbox(self._point)
        self.believed = {}
        self._said = 0
        self._start()
        plan = sorted(self._plan, key=lambda event: event[0])
        for second in range(0, round(minutes * 60) + 1, STEP):
            while plan and plan[0][0] * 60 <= second:
                plan.pop(0)[1]()
            if second < self._dead_until:
                self.clock.advance(STEP)
                continue
            try:
                self.delivery.run()
            except KilledError:
                self._restart()
                self._dead_until = second + DOWNTIME
            self.clock.advance(STEP)

    def push(self, kind: Kind, name: str, rule: str = "r") -> None:
        if kind is Kind.FIRING:
            self._since[name] = int(self.clock.time())
        since = self._since[name]
        self._numbers[name] = self._numbers.get(name, 0) + 1
        self._said += 1
        notification = Notification(
            key=f"{name}-{kind}-{self._numbers[name]}", episode=episode_id("r", ("service.name",), (name,), since),
            kind=kind, rule=rule, summary="s", severity="critical", owner="o", runbook="b", labels={"team": "a"},
            group={"service.name": name}, at=iso_utc(self.clock.time()), since=iso_utc(since), value=1.0, text="t",
            facts={}, complete=True, correction=False, stale=False, reason=None, index="i", query="", window_seconds=60,
        )  # fmt: skip
        router = Router(self.settings.routing, self.settings.routes)
        entries = router.entries(notification, ("default",), self.clock.time() + self._said / 1e6)
        self.outbox.quietly_add(
            parcels(entries)
        )  # an evaluator adds again what it may not have added: never killed here

    def episode(self, name: str) -> str:
        return episode_id("r", ("service.name",), (name,), self._since[name])

    def plan(self, minute: float, event: Callable[[], None]) -> None:
        self._plan.append((minute, event))

    def heard(self, to: str, notification: Notification) -> Outcome:
        """A receiver gets a message: the evaluator may die just before and just after."""
        self._point()
        answers = self._answers.get(to)
        outcome = answers.pop(0) if answers else Sent()
        if isinstance(outcome, Sent):
            self.told.append(Told((self.clock.time() - self.begin) / 60, to, notification))
        self._point()
        return outcome

    def _start(self) -> None:
        receivers = {
            name: (_ForgetfulEar if name in self.forgetful else _Ear)(self, name) for name in self.settings.notifiers
        }
        mutes = Mutes(self.memory, self.settings.maintenance, self.clock)
        self.delivery = Delivery(
            self.outbox,
            receivers,
            self.clock,
            policies=self.settings.notifiers,
            mutes=mutes,
            claim=Claim(f"life {self._points}"),
        )

    def _restart(self) -> None:
        self.killed = True
        self._start()

    def _point(self) -> None:
        self._points += 1
        if self._points == self.kill_at:
            raise KilledError


@dataclass(frozen=True)
class At:
    """What happens at a minute of a story."""

    story: Story
    minute: float

    def _push(self, kind: Kind, names: tuple[str, ...], rule: str = "r") -> None:
        for name in names:
            self.story.plan(self.minute, lambda name=name: self.story.push(kind, name, rule))  # type: ignore[misc]  # a loop variable bound early

    def fires(self, *names: str, rule: str = "r") -> None:
        self._push(Kind.FIRING, names, rule)

    def reminds(self, *names: str) -> None:
        self._push(Kind.REMINDER, names)

    def resolves(self, *names: str, rule: str = "r") -> None:
        self._push(Kind.RESOLVED, names, rule)

    def silenced(self, matcher: str, until: float) -> None:
        begin = self.story.begin
        silence = Silence(
            id="s1", matchers=(parse_matcher(matcher),), start=begin + 60 * self.minute, end=begin + 60 * until,
            author="ann", comment="work",
        )  # fmt: skip
        self.story.plan(self.minute, lambda: self.story.memory.found.append(silence))

    def acknowledged(self, name: str) -> None:
        def note() -> None:
            ack = Ack(episode=self.story.episode(name), rule="r", at=0.0, author="ann", comment="")
            self.story.memory.known.append(ack)

        self.story.plan(self.minute, note)


@dataclass(frozen=True)
class _Ear:
    story: Story
    name: str

    def notify(self, notification: Notification) -> Outcome:
        return self.story.heard(self.name, notification)

    def close(self) -> Any:
        pass


@dataclass(frozen=True)
class _ForgetfulEar(_Ear):
    keep_alive_every: float = 30.0

    def keep_alive(self, firing: Sequence[Notification]) -> Outcome:
        self.story.believed[self.name] = {one.group["service.name"] for one in firing}
        return Sent()
