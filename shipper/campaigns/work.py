"""The room at work on a cluster: job, rebuild and single contacts over one client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.campaigns.contact import contact_id
from shipper.campaigns.feed import ElasticFeed
from shipper.campaigns.indices import Indices, ensure
from shipper.campaigns.job import Job, Round
from shipper.campaigns.rebuild import Difference, Rebuild, must_not_forget
from shipper.campaigns.report import Reader
from shipper.campaigns.store import Cursor, ElasticStore
from shipper.elastic.client import explained
from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from elasticsearch import Elasticsearch

    from shipper.campaigns.contact import Contact
    from shipper.campaigns.definitions import Definitions
    from shipper.clock import Clock

_LONGEST_REST = 60.0


class Workplace:
    """One client, one prefix, one set of definitions."""

    def __init__(self, client: Elasticsearch, prefix: str, definitions: Definitions, clock: Clock) -> None:
        self.definitions = definitions
        self._client = client
        self._indices = Indices(prefix)
        self._store = ElasticStore(client, self._indices)
        self._clock = clock

    def run_once(self, tell: Callable[[Round], None] = lambda _: None) -> Round:
        """Take all events there are and let readers see the result; `tell` hears of each page."""
        ensure(self._client, self._indices)
        job = Job(self._store, self.definitions, self._clock)
        done = job.run_once(self._events(), self._ledger, tell)
        self._store.refresh()
        return done

    def run_forever(self, interval: float, stop: threading.Event, say: Callable[[str], None]) -> None:
        """Rounds with `interval` seconds of rest until `stop`; while the cluster is away, with longer ones.

        Raises:
            UsageError: the stored state was made under other definitions.
        """
        rest = interval
        while not stop.is_set():
            try:
                with explained("Elasticsearch"):
                    done = self.run_once()
            except UnavailableError as error:
                rest = min(max(rest * 2, interval), _LONGEST_REST)
                say(f"{error}; again in {rest:.0f} s")
            else:
                rest = interval
                if done.events:
                    say(f"{done.events:,} events, {done.contacts:,} contacts changed, {done.invalid:,} refused")
            self._clock.wait(stop, rest)

    def rebuild(self, *, write: bool) -> Difference:
        """Compare the state with one made from the raw events; `write` makes them equal.

        Raises:
            UsageError: writing would forget events that are in no index any more.
            UnavailableError: another worker was at it at the same time.
        """
        ensure(self._client, self._indices)
        raw = (change for page in self._events().pages({}) for change in page.changes)
        rebuild = Rebuild(raw, self.definitions)
        difference = rebuild.compare(self._store.all_contacts(), self._store.all_cells())
        if write:
            must_not_forget(difference)
            rebuild.write(difference.contacts, self._store, self._clock)
            self._adopt_definitions()
            self.run_once()
        return difference

    def contact(self, tenant: str | None, contact: str) -> Contact:
        """The state of one contact.

        Raises:
            UsageError: it is not known, or there are several tenants and none was named.
        """
        name = tenant or Reader(self._client, self._indices).only_tenant()
        key = contact_id(name, contact)
        found = self._store.contacts([key]).get(key)
        if found is None:
            raise UsageError(f"no contact {contact!r} of tenant {name!r} is known", hint="mind the spelling")
        return found.value

    def _adopt_definitions(self) -> None:
        """From now on the state is one of these definitions; the feeds go on where they were."""
        for name in ("events", "ledger"):
            cursor = self._store.cursor(name)
            if cursor is not None:
                self._store.save_cursor(name, Cursor(cursor.position, self.definitions.fingerprint))

    def _events(self) -> ElasticFeed:
        return ElasticFeed(self._client, self._indices.events)

    def _ledger(self) -> ElasticFeed:
        return ElasticFeed(self._client, self._indices.ledger)
