"""The agent killed at any moment, against a real Lumberjack server: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from functools import partial

import pytest

from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def line(file, number):
    return json.dumps({"@timestamp": "2026-03-01T12:00:00.000Z", "log.level": "info", "message": f"{file} {number}"})


class Writer(threading.Thread):
    """Appends numbered lines to several files, and renames them away now and then."""

    def __init__(self, folder, seed, files=3, count=4000):
        super().__init__()
        self.folder, self.random, self.files, self.count = folder, random.Random(seed), files, count
        self.truth = [f"{name} {number}" for name in range(files) for number in range(count)]

    def run(self):
        numbers = [0] * self.files
        rotations: Counter[int] = Counter()
        while any(number < self.count for number in numbers):
            name = self.random.choice([n for n in range(self.files) if numbers[n] < self.count])
            until_number = min(self.count, numbers[name] + self.random.randint(1, 200))
            path = self.folder / f"{name}.log"
            with path.open("a") as file:
                for number in range(numbers[name], until_number):
                    file.write(line(name, number) + "\n")
            numbers[name] = until_number
            if self.random.random() < 0.05:
                rotations[name] += 1
                path.rename(self.folder / f"{name}.log.{rotations[name]}")
            time.sleep(0.002)


def has_more(sink, before):
    return len(sink.logs) > before


def check(sink, truth):
    got = Counter(document["message"] for document in sink.logs.values())
    assert sorted(set(truth) - set(got)) == []
    assert {message: count for message, count in got.items() if count > 1} == {}
    assert len(got) == len(truth)


@pytest.mark.parametrize("seed", [1, 2])
def test_t41_sigkill_at_random_moments_loses_nothing_and_doubles_nothing(tmp_path, seed):
    logs = tmp_path / "logs"
    logs.mkdir()
    moments = random.Random(seed)
    writer = Writer(logs, seed)
    arguments = ("--path", f"{logs}/*.log*")
    with LumberjackSink(delay=0.01) as sink:
        sink.refuse = lambda window: window % 7 == 3  # half-acknowledging: takes half of a window, then resets
        writer.start()
        for _ in range(5):
            agent = AgentProcess(tmp_path / "state", *arguments, "--output", sink.url)
            before = len(sink.logs)
            until(partial(has_more, sink, before), 10)
            time.sleep(moments.uniform(0, 0.4))
            agent.kill()
        writer.join()
        sink.refuse = lambda window: False
        agent = AgentProcess(tmp_path / "state", *arguments, "--output", sink.url, "--once")
        assert agent.wait() == 0
        check(sink, writer.truth)
