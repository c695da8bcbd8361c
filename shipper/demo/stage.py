"""Brings the parts up, in the order in which they need each other."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from shipper.demo.agent_config import agent_config
from shipper.demo.processes import Processes
from shipper.demo.shop import Shop, start_shop
from shipper.demo.webhook import Webhook
from shipper.errors import UnavailableError
from shipper.home import Home, write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shipper.demo.console import Console
    from shipper.home import Endpoints

COMMAND_SECONDS = 600
READY_SECONDS = 60.0


@dataclass
class Stage:
    """All that runs for one demonstration; everything lives below `home`."""

    home: Home
    console: Console
    webhook: Webhook = field(default_factory=Webhook)

    def __post_init__(self) -> None:
        self.logs = self.home.path / "logs"
        self.run = self.home.path / "run"
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.processes = Processes(self.run)
        self.page = ""

    @property
    def endpoints(self) -> Endpoints:
        return self.home.endpoints()

    def clear(self) -> None:
        """End what a killed demonstration left behind, and forget its data."""
        with self.console.step("clear what an earlier run left") as step:
            ended = self.processes.end_leftovers()
            self.succeeds("stack", "down", "--delete")
            for folder in (self.logs, self.run / "agent", self.home.path / "agent"):
                shutil.rmtree(folder, ignore_errors=True)
            self.logs.mkdir(parents=True)
            step.note(", ".join(ended))

    def shipper(self, *words: str) -> str:
        """Run one `shipper` command to its end; its standard output.

        Raises:
            UnavailableError: it failed; what it said is in the message.
        """
        result = self._run(words)
        if result.returncode != 0:
            raise UnavailableError(
                f"`shipper {' '.join(words)}` ended with {result.returncode}:\n{result.stderr.strip()[-2000:]}"
            )
        return result.stdout

    def succeeds(self, *words: str) -> bool:
        """Run one `shipper` command to its end; did it exit with 0?"""
        return self._run(words).returncode == 0

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    @staticmethod
    def command(*words: str) -> list[str]:
        """The command line of a `shipper` command in this very environment."""
        return [sys.executable, "-m", "shipper", *words]

    @property
    def environment(self) -> dict[str, str]:
        return {"SHIPPER_HOME": str(self.home.path), "PYTHONUNBUFFERED": "1"}

    def start_elasticsearch(self) -> None:
        """`shipper stack up`; its download bar goes to the terminal."""
        self.console.say("  … Elasticsearch (the first start downloads about 150 MB, then needs half a minute)")
        begin = time.monotonic()
        code = subprocess.call(
            self.command("stack", "up"), env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL
        )
        if code != 0:
            raise UnavailableError("Elasticsearch did not start", hint="read the message above")
        self.console.done("Elasticsearch", time.monotonic() - begin, self.endpoints.elasticsearch)

    def start_logstash(self) -> None:
        """`shipper logstash run` on the real pipelines; it publishes its ports in the home."""
        with self.console.step("Logstash pipelines") as step:
            ready = self.run / "logstash.ready"
            ready.unlink(missing_ok=True)
            self.processes.start(
                "logstash",
                self.command("logstash", "run", "--port-file", str(ready)),
                {**self.environment, "SHIPPER_BEATS_PORT": "0", "SHIPPER_HTTP_PORT": "0", "SHIPPER_SIGNED_PORT": "0"},
            )
            self.processes.wait_for_file("logstash", ready, READY_SECONDS)
            step.note(f"beats {self.endpoints.logstash_beats}, http {self.endpoints.logstash_http}")

    def start_agent(self) -> None:
        """`shipper agent run` on the shop's log files."""
        with self.console.step("agent") as step:
            config = self.run / "agent.yml"
            write_private(config, agent_config(self.logs, str(self.endpoints.logstash_beats)).encode())
            self.shipper("agent", "test", "config", str(config))
            words = ("agent", "run", "-c", str(config), "--state", str(self.run / "agent"))
            self.processes.start("agent", self.command(*words), self.environment)
            step.note(f"tails {self.logs}")

    def start_shop(self) -> Shop:
        """The four services."""
        with self.console.step("services") as step:
            shop = start_shop(self.processes, self.logs, str(self.endpoints.logstash_beats))
            step.note(", ".join(f"{name} :{port}" for name, port in shop.ports.items()))
            return shop

    def start_rules(self, rules: Sequence[Path]) -> None:
        """The webhook receiver and `shipper rules run`."""
        with self.console.step("rule evaluator") as step:
            self.webhook.start()
            config = self.run / "rules.yml"
            notifiers = {"console": {"type": "console"}, "webhook": {"type": "webhook", "url": self.webhook.url}}
            routes = {"default": ["console", "webhook"]}
            write_private(config, yaml.safe_dump({"notifiers": notifiers, "routes": routes}).encode())
            words = [word for path in rules for word in ("--rules", str(path))]
            self.processes.start("rules", self.command("rules", "run", "-c", str(config), *words), self.environment)
            step.note(f"{len(rules)} rules, webhook {self.webhook.url}")

    def start_pages(self) -> None:
        """`shipper dashboards preview`: the dashboards and the Insights page."""
        with self.console.step("pages") as step:
            port = _free_port()
            self.page = f"http://127.0.0.1:{port}/"
            self.processes.start("pages", self.command("dashboards", "preview", "--port", str(port)), self.environment)
            step.note(self.page)

    def stop(self) -> None:
        """End everything and delete the data."""
        with self.console.step("stop and clean up"):
            self.processes.stop_all()
            self.webhook.stop()
            self.succeeds("stack", "down", "--delete")
            shutil.rmtree(self.home.path, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
