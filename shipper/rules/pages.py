"""Pages of `shipper-rule-state`: what of a rule is too much for one document.

A page is never changed: the rule's document names the pages that count, and whoever changes something writes new ones
first. Pages that no document names (their writer died or was overtaken) are swept after an hour.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

import elasticsearch

from shipper.clock import iso_utc
from shipper.elastic.client import failure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from elasticsearch import Elasticsearch

A_READ = 16
"""Pages a request."""
A_WRITE = 4 << 20
"""Bytes a request."""
OLD = 3600
"""Seconds after which a page that no document names is deleted."""
MARK = "page/"
"""Before the rule's name in `rule.name`."""
_log = logging.getLogger("shipper.rules")


class MissingPageError(Exception):
    """A page is not there: its document has changed since, or is damaged."""


class PageStore:
    """Texts under names of their own, in `index`."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index
        self._known: dict[str, dict[str, str | None]] = {}

    def read(self, rule: str, names: Sequence[str], *, keep: bool = True) -> list[str]:
        """The texts of pages; those that were read or written here before, and kept, are not asked for.

        Raises:
            MissingPageError: one is gone.
        """
        known = self._known.setdefault(rule, {})
        found_now = {name: text for name in names if (text := known.get(name)) is not None}
        wanted = [name for name in names if name not in found_now]
        for at in range(0, len(wanted), A_READ):
            for found in self._client.mget(index=self._index, ids=wanted[at : at + A_READ])["docs"]:
                if not found.get("found"):
                    raise MissingPageError(found["_id"])
                found_now[found["_id"]] = text = str(found["_source"].get("body"))
                known[found["_id"]] = text if keep else None
        return [found_now[name] for name in names]

    def write(self, rule: str, texts: Iterable[str], now: float, *, keep: bool = True) -> list[str]:
        """Store new pages; their names. The texts are kept to be read again, unless `keep` says no."""
        known = self._known.setdefault(rule, {})
        names: list[str] = []
        operations: list[dict[str, Any]] = []
        size = 0
        for text in texts:
            name = f"{MARK}{rule}/{secrets.token_hex(12)}"
            names.append(name)
            known[name] = text if keep else None
            document = {"@timestamp": iso_utc(now), "rule": {"name": f"{MARK}{rule}"}, "body": text}
            operations += [{"create": {"_id": name}}, document]
            size += len(text)
            if size >= A_WRITE:
                self._bulk(operations)
                operations, size = [], 0
        if operations:
            self._bulk(operations)
        return names

    def keep_only(self, rule: str, names: Collection[str]) -> None:
        """The document names just these now: forget the others of those known here, and delete them."""
        known = self._known.get(rule, {})
        gone = [name for name in known if name not in names]
        for name in gone:
            del known[name]
        self._delete(gone)

    def sweep(self, now: float) -> None:
        """Delete old pages that no document names."""
        age = {"range": {"@timestamp": {"lt": iso_utc(now - OLD)}}}
        old = {"bool": {"filter": [{"prefix": {"rule.name": MARK}}, age]}}
        hits = self._client.search(
            index=self._index, query=old, size=1000, source_includes=["rule"], ignore_unavailable=True
        )["hits"]["hits"]
        rules = {hit["_id"]: hit["_source"]["rule"]["name"].removeprefix(MARK) for hit in hits}
        if not rules:
            return
        heads = self._client.mget(
            index=self._index, ids=sorted(set(rules.values())), source_includes=["pages", "journal"]
        )
        named: set[str] = set()
        for head in heads["docs"]:
            source = head.get("_source", {})
            named.update(source.get("pages", ()), source.get("journal", ()))
        self._delete([name for name in rules if name not in named])

    def _bulk(self, operations: list[dict[str, Any]]) -> None:
        answer = self._client.bulk(index=self._index, operations=operations)
        if answer["errors"]:
            errors = [item["create"]["error"] for item in answer["items"] if "error" in item["create"]]
            raise elasticsearch.TransportError(f"a page of state cannot be stored: {errors[0]}")

    def _delete(self, names: Iterable[str]) -> None:
        """A failure costs disk until the next sweep, no more."""
        operations = [{"delete": {"_id": name}} for name in names]
        if operations:
            try:
                self._client.bulk(index=self._index, operations=operations)
            except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
                _log.warning("%d old pages of state are left for the sweep: %s", len(operations), failure(error))
