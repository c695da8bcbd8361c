"""What stands between the agent and the index: a proxy before each node, or a proxy and our runner before those."""

from __future__ import annotations

import contextlib
import random
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.chaos.plan import Fault
from tests.chaos.proxy import Proxy
from tests.support.runner_process import RunnerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.chaos.peer import Peer
    from tests.chaos.servers import Elsewhere, Own

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


class Nodes:
    """A proxy in front of each node of Elasticsearch."""

    def __init__(self, peer: Peer, seed: int) -> None:
        servers = peer.servers
        self._each = [Proxy(partial(_address, servers, at), seed + at) for at in range(len(servers.addresses))]
        self._chance = random.Random(seed)

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{proxy.port}" for proxy in self._each]

    @property
    def hits(self) -> int:
        return sum(proxy.hits for proxy in self._each)

    @contextlib.contextmanager
    def fault(self, fault: Fault, *, one: bool) -> Iterator[None]:
        """In front of every node, or of one."""
        with contextlib.ExitStack() as troubled:
            for proxy in [self._chance.choice(self._each)] if one else self._each:
                troubled.enter_context(proxy.fault(fault))
            yield

    def close(self) -> None:
        for proxy in self._each:
            proxy.close()


def _address(servers: Elsewhere | Own, at: int) -> tuple[str, int]:
    return servers.addresses[at]  # asked anew: a node that came back may listen elsewhere


class Direct:
    """agent -> proxies -> Elasticsearch."""

    def __init__(self, peer: Peer, folder: Path, seed: int, environment: Mapping[str, str]) -> None:
        self._peer = peer
        self._nodes = Nodes(peer, seed)

    @property
    def hits(self) -> int:
        return self._nodes.hits

    def output(self) -> str:
        user, password = self._peer.servers.account
        return (
            f"{{type: elasticsearch, hosts: {self._nodes.urls}, user: {user}, "
            f"password: '{password}', prefix: '{self._peer.prefix}', batch: 300, timeout: 3s}}"
        )

    def fault(self, fault: Fault, *, far: bool) -> contextlib.AbstractContextManager[None]:
        return self._nodes.fault(fault, one=far)

    def close(self) -> None:
        self._nodes.close()


class ThroughRunner:
    """agent -> proxy -> `shipper logstash run` with the project's own pipelines -> proxies -> Elasticsearch."""

    def __init__(self, peer: Peer, folder: Path, seed: int, environment: Mapping[str, str]) -> None:
        self._back = Nodes(peer, seed + 1)
        home = folder / "runner"
        home.mkdir()
        user, password = peer.servers.account
        self._runner = RunnerProcess(
            home,
            "--pipelines",
            str(_PIPELINES),
            "--data",
            str(home / "data"),
            SHIPPER_ES_URL=" ".join(self._back.urls),
            SHIPPER_WRITER_USER=user,
            SHIPPER_WRITER_PASSWORD=password,
            SHIPPER_CAMPAIGN_USER=user,
            SHIPPER_CAMPAIGN_PASSWORD=password,
            SHIPPER_HTTP_PASSWORD="hook",
            SHIPPER_BEATS_PORT="0",
            SHIPPER_HTTP_PORT="0",
            SHIPPER_SIGNED_PORT="0",
            SHIPPER_INDEX_PREFIX=peer.prefix,
            **environment,
        )
        self._runner.start()
        address = self._runner.address()
        self._runner.environment["SHIPPER_BEATS_PORT"] = str(address[1])  # the next run's too: the proxy knows no other
        self._front = Proxy(lambda: address, seed)

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
        return self._back.fault(fault, one=False) if back else self._front.fault(fault)

    @contextlib.contextmanager
    def _runner_away(self) -> Iterator[None]:
        self._runner.kill()
        yield
        self._runner.start()

    def close(self) -> None:
        self._runner.kill()
        self._front.close()
        self._back.close()
