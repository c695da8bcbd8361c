"""The Elasticsearch of the rounds: somebody's, which only answers, or the harness's own, whose nodes can be killed."""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import psutil

from shipper.elastic.client import connect, for_role, from_url
from shipper.home import Home
from shipper.stack import members, node
from shipper.stack.local import LocalStack, Options
from tests.support import stack

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.home import Endpoints


class Elsewhere:
    """A server that other tests use as well.

    Attributes:
        client: of somebody who may do everything.
    """

    def __init__(self, url: str) -> None:
        self.client = connect(from_url(url))
        self._parts = urlsplit(url)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        return [(self._parts.hostname or "127.0.0.1", self._parts.port or 9200)]

    @property
    def account(self) -> tuple[str, str]:
        """Name and password."""
        return unquote(self._parts.username or ""), unquote(self._parts.password or "")

    def close(self) -> None:
        self.client.close()


class Own:
    """One node or three on this machine, for nobody else."""

    def __init__(self, nodes: int) -> None:
        self._folder = stack.make_folder()
        home = Home(self._folder / "home")
        home.path.mkdir()
        self._stack, self._nodes = LocalStack(home, Options(nodes=nodes)), nodes
        self._rising: threading.Thread | None = None
        self._error: BaseException | None = None
        self._client: Elasticsearch | None = None
        try:
            self._endpoints = self._stack.up()
        except BaseException:
            self.close()
            raise

    @property
    def client(self) -> Elasticsearch:
        """Of the superuser; waits until every node is there."""
        self.whole()
        if self._client is None:
            self._client = connect(for_role(self._endpoints, "admin"))
        return self._client

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Of each node; one that came back may listen elsewhere."""
        parts = map(urlsplit, self._endpoints.hosts)
        return [(each.hostname or "127.0.0.1", each.port or 9200) for each in parts]

    @property
    def account(self) -> tuple[str, str]:
        admin = self._endpoints.account("admin")
        return admin.user, admin.password

    def kill(self, number: int) -> None:
        """SIGKILL a node, once every other is there."""
        self.whole()
        found = node.processes(members.folders(self._stack.folder, self._nodes)[number])
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(found, timeout=10)

    def rise(self) -> None:
        """Begin to start what was killed; `whole` waits for it."""
        self._rising = threading.Thread(target=self._rise, daemon=True)
        self._rising.start()

    def whole(self) -> None:
        """Wait until every node is there."""
        if self._rising is None:
            return
        self._rising.join()
        self._rising = None
        if self._error is not None:
            raise self._error

    def _rise(self) -> None:
        try:
            self._took_up(self._stack.up())
        except BaseException as error:  # noqa: BLE001 - told by `whole`, in the thread that waits
            self._error = error

    def _took_up(self, endpoints: Endpoints) -> None:
        self._endpoints, before = endpoints, self._client
        self._client = None
        if before is not None:
            before.close()

    def close(self) -> None:
        """Stop every node, and remove what they wrote."""
        if self._rising is not None:
            self._rising.join()
        if self._client is not None:
            self._client.close()
        self._stack.down(delete=True)
        shutil.rmtree(self._folder, ignore_errors=True)
