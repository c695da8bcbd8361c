"""Starts the shop's four services and knows which records a load must have made."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.demo.services.shop import PASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from shipper.demo.processes import Processes
    from shipper.simulate.load import Sent

READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Shop:
    """The running services: name -> loopback port."""

    ports: Mapping[str, int]


def start_shop(processes: Processes, folder: Path, logstash: str) -> Shop:
    """Start mailer, inventory, checkout and web, each after those it calls.

    Args:
        processes: who owns the children.
        folder: where they log.
        logstash: host:port that the mailer sends to.
    """
    ports: dict[str, int] = {}
    for name, needs in (
        ("mailer", ()),
        ("inventory", ()),
        ("checkout", ("inventory", "mailer")),
        ("web", ("checkout", "inventory")),
    ):
        port_file = folder / f"{name}.port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "shipper.demo.services", name, "--log", str(folder)]
        command += ["--port-file", str(port_file), "--logstash", logstash]
        command += [word for need in needs for word in ("--peer", f"{need}={ports[need]}")]
        processes.start(name, command)
        ports[name] = int(processes.wait_for_file(name, port_file, READY_SECONDS))
    return Shop(ports)


def expected_records(sent: Iterable[Sent]) -> dict[str, set[str]]:
    """Service -> trace ids of the requests it must have logged, once each."""
    expected: dict[str, set[str]] = {name: set() for names in PASSES.values() for name in names}
    for request in sent:
        for name in PASSES[request.route]:
            expected[name].add(request.trace)
    return expected
