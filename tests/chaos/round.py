"""One round: writers write, things go wrong as planned, everything ends, and the index is compared with the truth."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.agent.dead_letters import DeadLetters
from shipper.agent.status import read_status
from shipper.clock import SystemClock
from shipper.errors import ShipperError
from tests.chaos.chain import Chain, Direct, ThroughRunner
from tests.chaos.judge import Truth, judge
from tests.chaos.plan import OF_THE_CLOCK, Fault, Topology
from tests.chaos.servers import Own
from tests.chaos.small_disk import small_disk
from tests.chaos.window import complaints, counted, windows_of
from tests.chaos.wrong_clock import WrongClock, why_not
from tests.support.agent_process import AgentProcess, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.chaos.judge import Verdict
    from tests.chaos.peer import Peer
    from tests.chaos.plan import Incident, Plan

_CHAINS: dict[Topology, Callable[[Peer, Path, int, Mapping[str, str]], Chain]] = {
    Topology.DIRECT: Direct,
    Topology.RUNNER: ThroughRunner,
    Topology.CLUSTER: Direct,
    Topology.CLUSTER_RUNNER: ThroughRunner,
}
_DEAD = "dead-"
"""How the ids of the dead letters begin that `logstash/pipelines/dead-letters.conf` indexes."""
DRAIN = 90.0
"""Seconds in which everything must have arrived once nothing goes wrong any more."""


@dataclass(slots=True)
class Report:
    """How a round ended.

    Attributes:
        dead_letters: of these, exactly the lines that the index must refuse are expected.
        counted_lost: bytes that the agent says nobody can read any more; `tests.chaos.window` proves each of them.
        cut_bytes: of the lines cut away that did not arrive. More than the agent counts where lines came and went
            between two of its looks, or while it was down.
        hits: how often a fault met traffic.
        skipped: faults that this machine cannot have, each with its reason.
    """

    plan: Plan
    verdict: Verdict
    dead_letters: int
    counted_lost: int
    cut_bytes: int
    hits: int
    seconds: float
    skipped: list[str]
    complaints: list[str]

    @property
    def ok(self) -> bool:
        return self.verdict.ok and not self.complaints

    def __str__(self) -> str:
        notes = [*self.complaints, *(f"skipped {each}" for each in self.skipped)]
        return (
            f"{'ok' if self.ok else 'FAILED'} in {self.seconds:.1f} s, faults met traffic {self.hits} times; "
            f"{self.verdict}; "
            f"{self.dead_letters} dead letters, {self.counted_lost} bytes counted lost of {self.cut_bytes} cut away"
            + "".join(f"; {note}" for note in notes)
        )


def _no_sockets(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".sock")]


class Round:
    """The parts of one round, in `folder` (kept by the caller when it fails)."""

    def __init__(self, plan: Plan, folder: Path, peer: Peer) -> None:
        self._plan, self._folder, self._peer = plan, folder, peer
        self._logs = folder / "logs"
        self._logs.mkdir(parents=True)
        self._state = folder / "disk" / "state"
        self._config = folder / "agent.yml"
        self._agent: AgentProcess | None = None
        self._skipped: list[str] = []
        self._complaints: list[str] = []
        self._counted_lost = 0
        self._log = folder / "agent.log"
        self._lived = True
        self._clock: WrongClock | None = None
        self._no_clock: str | None = None
        if any(incident.fault in OF_THE_CLOCK for incident in plan.incidents):
            self._no_clock = why_not()
            self._clock = None if self._no_clock else WrongClock(folder)

    def run(self) -> Report:
        """Play the plan to its end."""
        began = time.monotonic()
        plan = self._plan
        with small_disk(self._folder / "disk") as self._disk:
            self._peer.prepare()
            chain = _CHAINS[plan.topology](self._peer, self._folder, plan.seed, self._environment)
            try:
                self._configure(chain)
                self._start()
                until(lambda: self._status() is not None)  # else a slow machine's faults meet nothing
                with self._writer() as writer:
                    self._play(chain, time.monotonic())
                    out, _ = writer.communicate(timeout=60)
                if isinstance(self._peer.servers, Own):
                    self._peer.servers.whole()
                self._drain()
                truth = json.loads(out)
                refused = sorted(f"{name} {number}" for name, numbers in truth["refused"].items() for number in numbers)
                until(
                    lambda: len(self._letters()) >= len(refused), 30
                )  # the runner tells them behind its acknowledgement
            finally:
                if self._agent is not None:
                    self._agent.kill()
                chain.close()
                shutil.copytree(self._folder / "disk", self._folder / "kept", ignore=_no_sockets)
            letters = self._letters()
            arrived = list(self._peer.messages())
            (self._folder / "arrived.tsv").write_text("".join(f"{name}\t{text[:40]}\n" for name, text in arrived))
            windows = windows_of(truth["windows"])
            sizes = {f"{w.file} {n}": end - begin for w in windows for n, (begin, end) in w.records.items()}
            verdict = judge(Truth(truth["lines"], sizes.keys()), self._texts(arrived) + letters)
            named = sorted({" ".join(letter.split(" ", 2)[:2]) for letter in letters})
            if not set(refused) - set(verdict.cut_away) <= set(named) <= set(refused):
                self._complaints.append(f"{len(refused)} lines must be dead letters, and these are: {named[:5]} …")
            cuts = counted(self._log.read_text())
            told = sum(cut.end - cut.begin for cut in cuts)
            if self._counted_lost > told or (self._lived and self._counted_lost < told):
                self._complaints.append(f"its status counts {self._counted_lost} bytes lost, and its log tells {told}")
            self._complaints += complaints(windows, cuts, verdict.cut_away, lived=self._lived)
        return Report(
            plan,
            verdict,
            len(letters),
            told,
            sum(sizes[line] for line in verdict.cut_away),
            chain.hits,
            time.monotonic() - began,
            self._skipped,
            self._complaints,
        )

    def _configure(self, chain: Chain) -> None:
        self._config.write_text(
            f"inputs: [{{type: file, paths: ['{self._logs}/*.log*'], exclude: ['*.tmp'], chunk: 16KiB}}]\n"
            "metrics: {host: false, heartbeats: false, agent: false}\n"
            "shutdown_timeout: 3s\n"
            f"{'queue: {memory: 1MiB}' if self._plan.cramped else ''}\n"
            f"output: {chain.output()}\n"
        )

    def _start(self) -> None:
        self._agent = AgentProcess(self._state, "-c", str(self._config), environment=self._environment, log=self._log)

    @property
    def _environment(self) -> dict[str, str]:
        return {} if self._clock is None else self._clock.environment

    def _writer(self) -> subprocess.Popen[bytes]:
        plan = self._plan
        arguments = [str(self._logs), str(plan.seed), str(plan.seconds), str(plan.lines)]
        arguments += [str(plan.refused), str(0.4 if plan.cramped else 0.02), *plan.rotations]
        return subprocess.Popen([sys.executable, "-m", "tests.chaos.writer", *arguments], stdout=subprocess.PIPE)

    # ---- trouble ---------------------------------------------------------------------------------------------------

    def _play(self, chain: Chain, began: float) -> None:
        for number, incident in enumerate(self._plan.incidents):
            time.sleep(max(0.0, began + incident.at - time.monotonic()))
            with self._trouble(chain, incident, far=number % 2 == 1):
                time.sleep(incident.seconds)

    def _trouble(self, chain: Chain, incident: Incident, *, far: bool) -> contextlib.AbstractContextManager[None]:
        if incident.fault in (Fault.KILL_AGENT, Fault.STOP_AGENT):
            return self._agent_away(incident.fault)
        if incident.fault is Fault.READ_ONLY:
            return self._read_only()
        if incident.fault is Fault.FULL_DISK:
            return self._full_disk()
        if incident.fault in (Fault.KILL_ELASTICSEARCH, Fault.LOSE_NODE):
            return self._node_away(incident)
        if incident.fault in OF_THE_CLOCK:
            if self._clock is not None:
                return self._clock.jump(incident)
            self._skipped.append(f"{incident.fault}: {self._no_clock}")
            return contextlib.nullcontext()
        return chain.fault(incident.fault, far=far)

    @contextlib.contextmanager
    def _agent_away(self, fault: Fault) -> Iterator[None]:
        assert self._agent is not None
        self._lived = False
        self._note_lost()
        if fault is Fault.KILL_AGENT:
            self._agent.kill()
        elif (code := self._agent.terminate()) not in (0, 4, -15):  # -15: it had not begun yet
            self._complaints.append(f"SIGTERM ended it with {code}")
        self._agent = None
        yield
        self._start()

    @contextlib.contextmanager
    def _node_away(self, incident: Incident) -> Iterator[None]:
        servers = self._peer.servers
        if not isinstance(servers, Own):
            self._skipped.append(f"{incident.fault}: this Elasticsearch is not the round's own")
            yield
            return
        servers.kill(random.Random(f"{self._plan.seed} {incident}").randrange(len(servers.addresses)))
        try:
            yield
        finally:
            servers.rise()  # what goes wrong next meets a server that starts

    @contextlib.contextmanager
    def _read_only(self) -> Iterator[None]:
        self._peer.block(on=True)
        try:
            yield
        finally:
            self._peer.block(on=False)

    @contextlib.contextmanager
    def _full_disk(self) -> Iterator[None]:
        if not self._disk.is_small:
            self._skipped.append(f"{Fault.FULL_DISK}: no tmpfs may be mounted here")
            yield
            return
        begun = self._status() is not None
        self._disk.fill()
        try:
            yield
        finally:
            self._disk.empty()
            self._start_again_if_it_could_not(begun=begun)

    def _start_again_if_it_could_not(self, *, begun: bool) -> None:
        """An agent that finds the disk full at its start ends, and its supervisor starts it again; no other may end."""
        if not begun:
            until(lambda: self._has_ended() or self._status() is not None, 10)
        if not self._has_ended():
            return
        assert self._agent is not None
        self._lived = False
        code = self._agent.wait()
        if begun:
            self._complaints.append(f"a full disk ended it with {code}")
        self._start()

    def _has_ended(self) -> bool:
        return self._agent is not None and self._agent.process.poll() is not None

    # ---- the end ---------------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        """All of it must arrive while the agent lives; then it ends in order, and another finds nothing to do."""
        if not until(self._is_drained, DRAIN):
            self._complaints.append(f"not drained after {DRAIN:.0f} s")
        self._note_lost()
        assert self._agent is not None
        agent, self._agent = self._agent, None
        if (code := agent.terminate()) != 0:
            self._complaints.append(f"SIGTERM ended it with {code}")
        last = AgentProcess(
            self._state, "-c", str(self._config), "--once", environment=self._environment, log=self._log
        )
        if (code := last.wait(120)) != 0:
            self._complaints.append(f"the last run ended with {code}")

    def _is_drained(self) -> bool:
        status = self._status()
        if status is None:
            return False
        files = status["files"]
        return not status["queue"]["records"] and not any(each["lag_bytes"] or each["held"] for each in files)

    def _note_lost(self) -> None:
        status = self._status()
        if status is not None:
            self._counted_lost += status["counts"]["bytes_lost"]

    def _status(self) -> dict[str, Any] | None:
        try:
            return read_status(self._state)
        except (ShipperError, OSError):
            return None

    def _letters(self) -> list[str]:
        """`message` of each dead letter: the agent's own, and those that the runner's pipelines indexed."""
        own = [json.loads(bytes(each.document))["message"] for each in DeadLetters(self._state, SystemClock()).list()]
        return own + [text for name, text in self._peer.messages() if name.startswith(_DEAD)]

    def _texts(self, arrived: list[tuple[str, str]]) -> list[str]:
        return [text for name, text in arrived if not name.startswith(_DEAD)]
