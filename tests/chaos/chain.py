"""What stands between the agent and the index: nothing but a proxy, or a proxy, our runner and another proxy."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.chaos.plan import Fault
from tests.chaos.proxy import Proxy
from tests.support.runner_process import RunnerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.peer import Peer

_PIPELINES = Path(__file__).parents[2] / "logstash" / "pipelines.yml"
_OF_HTTP = (Fault.BUSY, Fault.TOO_LARGE)
"""Faults that only an HTTP server has."""


class Chain(Protocol):
    """One round's way to the index."""

    @property
    def hits(self) -> int:
        """How often a fault met traffic."""

    def output(self) -> str:
        """The agent's output, as YAML."""

    def fault(self, fault: Fault, *, far: bool) -> contextlib.AbstractContextManager[None]:
        """Trouble while it is open; `far`: as far from the agent as the chain allows."""

    def close(self) -> None: ...


class Direct:
    """agent -> proxy -> Elasticsearch."""

    def __init__(self, peer: Peer, folder: Path, seed: int) -> None:
        self._peer = peer
        self._proxy = Proxy(peer.address, seed)

    @property
    def hits(self) -> int:
        return self._proxy.hits

    def output(self) -> str:
        user, password = self._peer.account
        return (
            f"{{type: elasticsearch, hosts: ['http://127.0.0.1:{self._proxy.port}'], user: {user}, "
            f"password: '{password}', prefix: '{self._peer.prefix}', batch: 300, timeout: 3s}}"
        )

    def fault(self, fault: Fault, *, far: bool) -> contextlib.AbstractContextManager[None]:
        return self._proxy.fault(fault)

    def close(self) -> None:
        self._proxy.close()


class ThroughRunner:
    """agent -> proxy -> `shipper logstash run` with the project's own pipelines -> proxy -> Elasticsearch."""

    def __init__(self, peer: Peer, folder: Path, seed: int) -> None:
        self._back = Proxy(peer.address, seed + 1)
        home = folder / "runner"
        home.mkdir()
        user, password = peer.account
        self._runner = RunnerProcess(
            home,
            "--pipelines",
            str(_PIPELINES),
            "--data",
            str(home / "data"),
            SHIPPER_ES_URL=f"http://127.0.0.1:{self._back.port}",
            SHIPPER_WRITER_USER=user,
            SHIPPER_WRITER_PASSWORD=password,
            SHIPPER_CAMPAIGN_USER=user,
            SHIPPER_CAMPAIGN_PASSWORD=password,
            SHIPPER_HTTP_PASSWORD="hook",
            SHIPPER_BEATS_PORT="0",
            SHIPPER_HTTP_PORT="0",
            SHIPPER_SIGNED_PORT="0",
            SHIPPER_INDEX_PREFIX=peer.prefix,
        )
        self._runner.start()
        address = self._runner.address()
        self._runner.environment["SHIPPER_BEATS_PORT"] = str(address[1])  # the next run's too: the proxy knows no other
        self._front = Proxy(address, seed)

    @property
    def hits(self) -> int:
        return self._front.hits + self._back.hits

    def output(self) -> str:
        return (
            f"{{type: logstash, hosts: ['127.0.0.1:{self._front.port}'], window: 300, timeout: 10s, backoff_max: 1s}}"
        )

    def fault(self, fault: Fault, *, far: bool) -> contextlib.AbstractContextManager[None]:
        if fault is Fault.KILL_RUNNER:
            return self._runner_away()
        garbled = fault in (Fault.GARBLED_REQUEST, Fault.GARBLED_ANSWER, Fault.HALF_ACKNOWLEDGED)
        back = fault in _OF_HTTP or (far and not garbled)
        return (self._back if back else self._front).fault(fault)

    @contextlib.contextmanager
    def _runner_away(self) -> Iterator[None]:
        self._runner.kill()
        yield
        self._runner.start()

    def close(self) -> None:
        self._runner.kill()
        self._front.close()
        self._back.close()
