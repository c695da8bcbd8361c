"""The runner's life: connecting, ending, stopping, reloading; pipelines are hand-made here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from shipper.errors import ConfigError, UnavailableError
from shipper.logstash_runner.flow import Flow
from shipper.logstash_runner.output.bulk import StoppedError
from shipper.logstash_runner.output.pipeline import PipelineOutput
from shipper.logstash_runner.runner import InputPlan, PipelinePlan, Runner
from shipper.logstash_runner.settings import PipelineSettings

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from shipper.logstash_runner.input.base import InputContext


class Source:
    def __init__(self, context: InputContext, port: int | None) -> None:
        self.context = context
        self.address = ("127.0.0.1", port or 4711)
        self.started = self.stopped = False
        self.answers: list[bool] = []

    def start(self) -> None:
        self.started = True

    def stop(self, timeout: float) -> None:
        self.stopped = True

    def send(self, *documents: Any) -> None:
        self.context.submit(list(documents), self.answers.append)


class Store:
    def __init__(self, stopping: threading.Event) -> None:
        self.events: list[Any] = []
        self.closed = False
        self.blocked = False
        self.failure: Exception | None = None
        self.stopping = stopping

    def receive(self, events: Sequence[Any]) -> None:
        if self.failure:
            raise self.failure
        if self.blocked:
            self.stopping.wait(10)
            raise StoppedError("blocked")
        self.events += events

    def close(self) -> None:
        self.closed = True


def same(document: Any) -> Any:
    return document


def without_drops(events: list[Any]) -> list[Any]:
    return [event for event in events if event != "drop"]


@dataclass
class Maker:
    """Builds plans: `texts` are the files; a text that begins with `!` is broken; `-> x` sends on to x."""

    texts: dict[str, str]
    sources: list[Source] = field(default_factory=list)
    stores: dict[str, Store] = field(default_factory=dict)
    taken: bool = False

    def __call__(
        self, settings: PipelineSettings, find: Callable[[str], Any], stopping: threading.Event
    ) -> PipelinePlan:
        text = self.texts[settings.id]
        if text.startswith("!"):
            raise ConfigError("broken", where=settings.id)
        store = self.stores[settings.id] = Store(stopping)
        targets = text.partition("-> ")[2].split()
        output = PipelineOutput(targets, find, None) if targets else store

        def make(context: InputContext, port: int | None) -> Source:
            if self.taken:
                raise UnavailableError("taken")
            self.sources.append(Source(context, port))
            return self.sources[-1]

        return PipelinePlan(
            id=settings.id,
            text=text,
            flow=Flow(without_drops, output.receive, [store]),
            inputs=[InputPlan("beats", "in", make, same)] if "input" in text else [],
            addresses={settings.id: list},
            targets=frozenset(targets),
            ordered=False,
        )

    def runner(self) -> Runner:
        return Runner([PipelineSettings(name) for name in self.texts], self)


def test_events_flow_through_pipelines_and_are_answered_after_the_last_output() -> None:
    maker = Maker({"intake": "input -> logs", "logs": ""})
    runner = maker.runner()
    runner.start()
    maker.sources[0].send("a", "drop", "b")
    assert runner.stop(5)
    assert maker.stores["logs"].events == ["a", "b"]
    assert maker.sources[0].answers == [True]
    assert maker.sources[0].stopped
    assert all(store.closed for store in maker.stores.values())


def test_the_listeners_are_known_before_the_start() -> None:
    maker = Maker({"intake": "input"})
    runner = maker.runner()
    (listener,) = runner.listeners
    assert (listener.pipeline, listener.plugin, listener.port) == ("intake", "beats", 4711)
    assert not maker.sources[0].started
    runner.stop(1)


def test_a_runner_ends_when_all_inputs_have_ended() -> None:
    maker = Maker({"a": "input", "b": "input"})
    runner = maker.runner()
    runner.start()
    maker.sources[0].context.finished()
    assert not runner.wait(0)
    maker.sources[1].context.finished()
    assert runner.wait(5)
    assert runner.stop(1)


def test_a_stop_refuses_what_the_outputs_do_not_take_in_time() -> None:
    maker = Maker({"a": "input"})
    runner = maker.runner()
    maker.stores["a"].blocked = True
    runner.start()
    maker.sources[0].send("x")
    assert not runner.stop(0.1)
    assert maker.sources[0].answers == [False]


def test_an_unforeseen_error_ends_the_runner_with_it() -> None:
    maker = Maker({"a": "input"})
    runner = maker.runner()
    maker.stores["a"].failure = KeyError("bug")
    runner.start()
    maker.sources[0].send("x")
    assert runner.wait(5)
    with pytest.raises(KeyError, match="bug"):
        runner.stop(1)
    assert maker.sources[0].answers == [False]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"a": "-> nowhere"}, "no pipeline has the address `nowhere`"),
        ({"a": "-> b", "b": "-> c", "c": "-> b"}, "in a circle: b -> c -> b"),
        ({"a": "!"}, "broken"),
    ],
)
def test_pipelines_that_do_not_fit_are_refused_at_the_start(texts: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Maker(texts).runner()


def test_a_taken_address_stops_the_inputs_that_were_bound_before() -> None:
    maker = Maker({"a": "input", "b": "input"})
    original = maker.__call__

    def take(context: InputContext, port: int | None) -> Source:
        maker.taken = bool(maker.sources)
        if maker.taken:
            raise UnavailableError("taken")
        maker.sources.append(Source(context, port))
        return maker.sources[-1]

    def build(settings: PipelineSettings, find: Any, stopping: threading.Event) -> PipelinePlan:
        plan = original(settings, find, stopping)
        return PipelinePlan(
            plan.id, plan.text, plan.flow, [InputPlan("beats", "in", take, same)],
            plan.addresses, plan.targets, ordered=False,
        )  # fmt: skip

    with pytest.raises(UnavailableError):
        Runner([PipelineSettings("a"), PipelineSettings("b")], build)
    assert maker.sources[0].stopped


def test_a_reload_swaps_only_what_changed_and_keeps_the_port() -> None:
    maker = Maker({"intake": "input -> logs", "logs": "one"})
    runner = maker.runner()
    runner.start()
    old_logs = maker.stores["logs"]
    maker.texts["logs"] = "two"
    assert runner.reload() == ["logs"]
    assert old_logs.closed
    maker.sources[0].send("x")
    maker.texts["intake"] = "input # edited -> logs"
    assert runner.reload() == ["intake"]
    assert maker.sources[0].stopped
    assert maker.sources[1].started
    assert maker.sources[1].address[1] == 4711
    maker.sources[1].send("y")
    assert runner.stop(5)
    assert maker.sources[0].answers == maker.sources[1].answers == [True]


def test_a_broken_edit_keeps_everything_as_it_was() -> None:
    maker = Maker({"intake": "input -> logs", "logs": ""})
    runner = maker.runner()
    runner.start()
    store = maker.stores["logs"]
    for broken in ("! input", "input -> nowhere"):
        maker.texts["intake"] = broken
        with pytest.raises(ConfigError):
            runner.reload()
    maker.sources[0].send("x")
    assert runner.stop(5)
    assert store.events == ["x"]
    assert len(maker.sources) == 1


def test_an_edit_that_cannot_listen_falls_back_to_the_old_pipeline() -> None:
    maker = Maker({"a": "input"})
    runner = maker.runner()
    runner.start()
    store = maker.stores["a"]
    maker.texts["a"] = "input, edited"
    attempts: list[int] = []
    original = Maker.__call__

    def build(settings: PipelineSettings, find: Any, stopping: threading.Event) -> PipelinePlan:
        plan = original(maker, settings, find, stopping)

        def refuse(context: InputContext, port: int | None) -> Source:
            attempts.append(port or 0)
            raise UnavailableError("taken")

        return PipelinePlan(
            plan.id, plan.text, plan.flow, [InputPlan("beats", "in", refuse, same)],
            plan.addresses, plan.targets, ordered=False,
        )  # fmt: skip

    runner._build = build
    runner.reload()
    assert attempts == [4711]
    maker.sources[-1].send("x")
    assert runner.stop(5)
    assert store.events == ["x"]
    assert len(maker.sources) == 2
