"""Keeps a lease while something slow goes on: a thread renews it until the block is left.

A process that is stopped stops its thread too: the lease then ends, and who took over is found by the next renewal.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

import elasticsearch

from shipper.elastic.client import failure
from shipper.rules.statestore import LostLeaseError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 3600
"""Seconds after which what goes on is taken for stuck: the lease is no longer renewed."""
_log = logging.getLogger("shipper.rules")


class Keeper:
    """Calls `renew` every `every` seconds from another thread, while the block lasts.

    A failure of Elasticsearch is tried again the next time; after a LostLeaseError it stops.
    """

    def __init__(self, renew: Callable[[], None], every: float) -> None:
        self._renew = renew
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        for _ in range(max(1, int(LONGEST / self._every))):
            if self._over.wait(self._every):
                return
            try:
                self._renew()
            except LostLeaseError:
                return
            except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
                _log.warning("a lease is not renewed now: %s", failure(error))
