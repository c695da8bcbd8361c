"""From what the agent really says of itself to what the rules make of it: names and meanings hold on both sides."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from shipper.agent.batch import Batch, Reject
from shipper.agent.dead_letters import DeadLetters
from shipper.agent.metrics.collector import Collector, MetricsSettings
from shipper.agent.monitoring.health import Health
from shipper.agent.monitoring.report import Report
from shipper.cli.rules import command
from tests.support.agent import Rig, parts_of

ROOT = Path(__file__).parents[3]


class Reporting:
    """An agent on a manual clock that samples itself every ten seconds; `documents` is what it said."""

    def __init__(self, tmp_path):
        (tmp_path / "logs").mkdir()
        self.rig = Rig(tmp_path / "logs", tmp_path / "state")
        self.letters = DeadLetters(self.rig.state, self.rig.clock)
        parts = parts_of(self.rig, letters=self.letters)
        self.health = Health(parts, self.rig.state, list, self.rig.clock)
        common = {"host": {"name": "web-1"}, "agent": {"id": "agent0"}}
        fleet, rig = (lambda: self.rig.tailer.fleet), self.rig
        settings = MetricsSettings(host=False)
        self.collector = Collector(settings, common, fleet, rig.registry, rig.delivery, rig.clock)
        self.collector.vitals = Report(parts, self.health, rig.clock).vitals
        self.documents = []

    def run(self, minutes):
        for _ in range(minutes * 6):
            self.rig.clock.advance(10)
            self.health.turned()
            self.collector.sample()
            batches = self.rig.delivery.take(10_000, 1 << 30, 0)
            mine = [batch for batch in batches if batch.run is None]
            self.rig.queue += [batch for batch in batches if batch.run is not None]
            self.rig.delivery.settle(mine)
            for document in (orjson.loads(each) for batch in mine for each in batch.documents):
                document["event"]["ingested"] = document["@timestamp"]
                self.documents.append(document)

    def changes(self, tmp_path, rule):
        """What the rule makes of all that was said."""
        file = tmp_path / "said.ndjson"
        file.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in self.documents))
        arguments = ["replay", "--events", str(file), "--rule", str(ROOT / f"alert_rules/{rule}.yml"), "--json"]
        result = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        until = self.documents[-1]["@timestamp"]  # the replay looks on, when the agent is silent
        return [each for each in map(orjson.loads, result.stdout.splitlines()) if each["at"] <= until]

    def states(self, tmp_path, rule):
        return [(each["to"], each["group"]) for each in self.changes(tmp_path, rule)]


@pytest.fixture
def agent(tmp_path):
    agent = Reporting(tmp_path)
    yield agent
    agent.rig.tailer.close()
    agent.rig.registry.close()
    agent.letters.close()


def test_an_agent_whose_peer_takes_none_of_its_logs_fires_agent_unhealthy_with_its_reason_and_resolves(agent, tmp_path):
    agent.run(10)
    (agent.rig.folder / "a.log").write_text("one\n")
    agent.rig.read()
    agent.run(12)
    agent.rig.deliver()
    agent.run(10)
    states = agent.states(tmp_path, "agent-unhealthy")
    group = {"host.name": "web-1", "shipper.agent.reasons": "source_stuck"}
    assert [state for state, _ in states if state in ("firing", "resolved")] == ["firing", "resolved"]
    assert all(found == group for _, found in states)


def test_a_lag_of_sixty_megabytes_fires_ingest_lag_and_resolves_once_it_is_worked_off(agent, tmp_path):
    (agent.rig.folder / "a.log").write_text("one\n")
    agent.rig.ship()
    agent.run(10)
    os.truncate(agent.rig.folder / "a.log", 60_000_000)  # unread: nothing looks at the file
    agent.run(20)
    os.truncate(agent.rig.folder / "a.log", 4)
    agent.run(20)
    states = [state for state, _ in agent.states(tmp_path, "ingest-lag")]
    assert [state for state in states if state in ("firing", "resolved")] == ["firing", "resolved"]


def test_dead_letters_fire_agent_dead_letters_until_they_are_gone(agent, tmp_path):
    agent.run(10)
    batch = Batch(
        ["k3jd02mfa7qweruo-0-0"], [b'{"@timestamp":"2026-01-01T00:00:00.000Z"}'], ["2026-01-01T00:00:00.000Z"]
    )
    agent.letters.bury([Reject(batch, 0, "no such type", 400)])
    agent.run(20)
    with agent.letters.changing():
        agent.letters.mark([place for place, _ in agent.letters.waiting()])
    agent.run(20)
    states = [state for state, _ in agent.states(tmp_path, "agent-dead-letters")]
    assert [state for state in states if state in ("firing", "resolved")] == ["firing", "resolved"]


def test_an_agent_that_says_nothing_for_ten_minutes_fires_agent_silent_until_it_speaks_again(agent, tmp_path):
    agent.run(10)
    agent.rig.clock.advance(600)
    agent.run(10)
    told = [one for one in agent.states(tmp_path, "agent-silent") if one[0] in ("firing", "resolved")]
    assert told == [("firing", {"host.name": "web-1"}), ("resolved", {"host.name": "web-1"})]


def test_a_lag_that_only_grows_fires_agent_behind_and_one_that_stays_does_not(agent, tmp_path):
    file = agent.rig.folder / "a.log"
    file.write_text("one\n")
    agent.rig.ship()
    os.truncate(file, 4_000_000)  # unread: nothing looks at the file
    agent.run(90)
    assert "firing" not in [state for state, _ in agent.states(tmp_path, "agent-behind")]
    for minute in range(60):
        os.truncate(file, 4_000_000 + minute * 2_000_000)
        agent.run(1)
    told = [one for one in agent.states(tmp_path, "agent-behind") if one[0] in ("firing", "resolved")]
    assert told == [("firing", {"host.name": "web-1"})]


def test_an_agent_that_is_well_fires_none_of_them(agent, tmp_path):
    (agent.rig.folder / "a.log").write_text("one\n")
    agent.rig.ship()
    agent.run(30)
    for rule in ("agent-unhealthy", "agent-dead-letters", "ingest-lag", "agent-behind", "agent-silent"):
        assert [state for state, _ in agent.states(tmp_path, rule) if state == "firing"] == []
