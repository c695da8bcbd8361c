"""Files read again beside the agent: the ids that it gave, its registry untouched, a cursor of their own."""

from __future__ import annotations

import bz2
import json
import os

import pytest

from shipper.agent.backfill import Backfill, Scope, Window, make_plan
from shipper.agent.backfill.words import parse_rate, parse_window
from shipper.agent.dead_letters import DeadLetters
from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.output import make_output
from shipper.agent.output.logstash import LogstashSettings
from shipper.agent.registry import Registry
from shipper.clock import SystemClock
from shipper.config import Size
from shipper.ecs.instant import SECOND, parse_iso
from shipper.errors import UsageError
from tests.support.agent import Rig
from tests.support.lumberjack_sink import LumberjackSink

MINUTE = 60


def line(name, minute):
    stamp = f"2026-03-01T12:{minute:02d}:00.000Z"
    return json.dumps({"@timestamp": stamp, "message": f"{name} {minute} {'x' * 60}"}) + "\n"


def lines(name, minutes=range(MINUTE)):
    return "".join(line(name, minute) for minute in minutes)


def ns(text):
    found = parse_iso(text)
    assert found is not None
    return found[0]


@pytest.fixture
def sink():
    with LumberjackSink() as sink:
        yield sink


class Live(Rig):
    """The agent that tails; what it delivered is in `sent`."""

    def __init__(self, tmp_path):
        (tmp_path / "logs").mkdir(exist_ok=True)
        super().__init__(tmp_path / "logs", tmp_path / "live")

    def write(self, name, text):
        with (self.folder / name).open("a") as file:
            file.write(text)


@pytest.fixture
def live(tmp_path):
    from shipper.agent.codec import make_decoder

    live = Live(tmp_path)
    live.make = make_decoder
    live.restart()
    yield live
    live.tailer.close()
    live.registry.close()


def backfill(tmp_path, sink, *, window=Window(), job="job", tailed=(), act=None, **options):  # noqa: B008 - frozen
    """One run of one command; the outcome and the plan."""
    home = tmp_path / "backfill" / job
    registry = Registry(home / "registry")
    try:
        inputs = [FileInputSettings(paths=[f"{tmp_path}/logs/*.log*"], chunk=Size(16_384))]
        others = [each for each in (tmp_path / "backfill").glob("*/registry") if each.parent != home]
        scope = Scope(window, tmp_path / "live", others, None, tailed)
        plan = make_plan(home, registry, [FileInput(each, {}) for each in inputs], scope)
        host = sink.url.removeprefix("logstash://")
        clock = SystemClock()
        output = make_output(LogstashSettings(hosts=[host]), clock)
        run = Backfill(home, registry, DeadLetters(tmp_path / "backfill", clock), output, clock, budget=1 << 22)
        if act is not None:
            act(run)
        return run.run(plan, window, inputs, {}, **options), plan
    finally:
        registry.close()


def shipped(live):
    return dict(live.sent)


def in_sink(sink):
    return {name: document["message"] for name, document in sink.logs.items()}


def test_what_the_agent_delivered_comes_again_under_the_same_ids(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.write("b.log", lines("b", range(3)))
    live.ship()
    outcome, _ = backfill(tmp_path, sink)
    assert in_sink(sink) == shipped(live)
    assert len(in_sink(sink)) == 63
    assert (outcome.complete, outcome.sent, outcome.files) == (True, 63, 2)


def test_the_agents_registry_is_not_touched(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.ship()
    before = {path.name: path.read_bytes() for path in (tmp_path / "live").iterdir()}
    backfill(tmp_path, sink)
    assert {path.name: path.read_bytes() for path in (tmp_path / "live").iterdir()} == before


def test_only_records_of_the_time_range_are_sent(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.ship()
    window = Window(ns("2026-03-01T12:10:00Z"), ns("2026-03-01T12:20:00Z"))
    outcome, _ = backfill(tmp_path, sink, window=window)
    assert [message.split()[1] for message in in_sink(sink).values()] == [str(n) for n in range(10, 20)]
    assert (outcome.sent, outcome.passed_over) == (10, 50)
    assert in_sink(sink).items() <= shipped(live).items()


def test_a_file_last_written_before_the_range_is_not_opened(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.ship()
    os.utime(tmp_path / "logs/a.log", (1e9, 1e9))
    outcome, plan = backfill(tmp_path, sink, window=Window(int(1.1e9) * SECOND))
    assert (plan.files, outcome.read) == ([], 0)


def test_what_the_agent_has_not_delivered_stays_its_own_work(tmp_path, live, sink):
    live.write("a.log", lines("a", range(20)))
    live.ship()
    live.write("a.log", lines("a", range(20, 30)) + line("a", 30)[:-10])
    live.write("b.log", lines("b"))
    live.read()  # and not acknowledged
    live.registry.commit()
    outcome, plan = backfill(tmp_path, sink)
    assert in_sink(sink) == shipped(live)
    assert outcome.sent == 20
    assert plan.left_to_agent == [f"{tmp_path}/logs/b.log"]


def test_files_that_its_configuration_names_and_it_has_not_met_are_left_to_the_agent(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    stat = (tmp_path / "logs/a.log").stat()
    outcome, plan = backfill(tmp_path, sink, tailed={(stat.st_dev, stat.st_ino)})
    assert (outcome.sent, plan.left_to_agent) == (0, [f"{tmp_path}/logs/a.log"])


def test_a_rotated_and_compressed_file_keeps_its_ids(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.ship()
    (tmp_path / "logs/a.log.1.bz2").write_bytes(bz2.compress(lines("a").encode()))
    (tmp_path / "logs/a.log").unlink()
    backfill(tmp_path, sink)
    assert in_sink(sink) == shipped(live)


def test_two_generations_of_one_source_keep_their_ids(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.ship()
    (tmp_path / "logs/a.log.1").write_bytes((tmp_path / "logs/a.log").read_bytes())
    (tmp_path / "logs/a.log").write_text("")
    live.ship()
    live.write("a.log", lines("b", range(30)))
    live.ship()
    assert len(shipped(live)) == 90
    backfill(tmp_path, sink)
    assert in_sink(sink) == shipped(live)


def test_a_file_that_nobody_knows_has_the_same_ids_in_every_backfill(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    backfill(tmp_path, sink, job="one", window=Window(0, ns("2026-03-01T12:30:00Z")))
    assert len(in_sink(sink)) == 30
    backfill(tmp_path, sink, job="two")
    backfill(tmp_path, sink, job="two")
    assert len(in_sink(sink)) == 60
    assert sorted(sink.received.values()) == [2] * 30 + [3] * 30


def test_a_stopped_backfill_goes_on_where_it_was_acknowledged(tmp_path, live, sink):
    for number in range(4):
        live.write(f"{number}.log", "".join(lines(f"{number}-{part}") for part in range(30)))
    sink.delay = 0.05

    def stop_soon(run):
        seen = run._count

        def count(size):
            seen(size)
            if run._read > 600_000:
                run.stop()

        run._count = count

    first, _ = backfill(tmp_path, sink, act=stop_soon)
    assert not first.complete
    assert 0 < len(in_sink(sink)) < 7200
    sink.delay = 0
    second, _ = backfill(tmp_path, sink)
    assert second.complete
    assert second.sent < 7200
    assert len(in_sink(sink)) == 7200


def test_a_truncation_on_the_way_sends_nothing_in_the_agents_name(tmp_path, live, sink):
    live.write("a.log", lines("a"))
    live.ship()

    def truncate(run):
        (tmp_path / "logs/a.log").write_text(line("new", 1)[:-20])

    backfill(tmp_path, sink, act=truncate)
    assert in_sink(sink) == {}


def test_no_more_is_read_a_second_than_allowed(tmp_path, live, sink):
    for number in range(3):
        live.write(f"{number}.log", lines(str(number)) * 20)
    size = sum(path.stat().st_size for path in (tmp_path / "logs").iterdir())
    clock = SystemClock()
    began = clock.monotonic()
    backfill(tmp_path, sink, rate=size / 2)
    assert clock.monotonic() - began >= 1.0  # the first chunks are free, the last is not waited for


def test_times_and_rates_are_read_as_they_are_typed():
    assert parse_window("2026-03-01", "2026-03-01T12:00+02:00", 0) == Window(
        ns("2026-03-01T00:00:00Z"), ns("2026-03-01T10:00:00Z")
    )
    assert parse_window("7d", None, 700_000).begin == (700_000 - 604_800) * SECOND
    assert parse_rate("5MiB") == 5 << 20


@pytest.mark.parametrize(
    ("begin", "end", "message"),
    [
        ("soon", None, "--from: 'soon' is no time"),
        (None, "2026-02-30", "--to: '2026-02-30' is no time"),
        ("2026-03-02", "2026-03-01", "--to: the range is empty"),
    ],
)
def test_a_range_that_is_none_is_told(begin, end, message):
    with pytest.raises(UsageError, match=message):
        parse_window(begin, end, 0)


@pytest.mark.parametrize("rate", ["fast", "0B", "5"])
def test_a_rate_that_is_none_is_told(rate):
    with pytest.raises(UsageError, match="--rate"):
        parse_rate(rate)


def test_a_trace_that_a_rotation_divided_comes_again_whole(tmp_path, live, sink):
    live.write("a.log", lines("a") + "2026-03-01T13:00:00Z ERROR it failed\nTraceback (most recent call last):\n")
    live.ship()
    (tmp_path / "logs" / "a.log").rename(tmp_path / "logs" / "a.log.1")
    live.write("a.log", '  File "a.py", line 3, in go\nValueError: no\n' + lines("b", range(3)))
    for _ in range(3):
        live.ship()
        live.clock.advance(2)
    assert len(shipped(live)) == 60 + 1 + 3
    backfill(tmp_path, sink)
    assert in_sink(sink) == shipped(live)
    failed = [document for document in sink.logs.values() if "error" in document]
    assert [document["error"]["type"] for document in failed] == ["ValueError"]
