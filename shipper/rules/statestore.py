"""`shipper-rule-state`: one document a rule, with its lease, its state and what it has said but not yet handed over.

Every write names the version it read (`if_seq_no`, `if_primary_term`): of two evaluators one wins, the other learns it.
While an evaluation goes on its lease is renewed (`renew`) by a thread beside it, under the same condition.
Many groups are kept in pages of their own (`pages`), and so is much that was said at once; the document names them.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import elasticsearch
import msgspec

from shipper.clock import iso_utc
from shipper.elastic.client import refresh
from shipper.errors import UsageError
from shipper.rules.entry import Entry
from shipper.rules.notification import Notification
from shipper.rules.pages import MARK, MissingPageError, PageStore
from shipper.rules.stand import READ, Stand, stand_of
from shipper.rules.state import ACTIVE, VERSION, GroupState, RuleState, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from shipper.rules.rule import Rule

INDEX = "shipper-rule-state"
A_PAGE = 1000
"""Groups, or things said, in one document at most (about)."""
A_SAY = A_PAGE // 2
"""Things said, in one page of the journal or one request to the outbox."""
A_SPILL = 4 * A_SAY
"""Things said that are held in memory before they are put into pages."""
MOST_RULES = 10_000
_NAMED = {"exists": {"field": "rule.name"}}
_log = logging.getLogger("shipper.rules")
MAPPING = {
    "dynamic": False,
    "properties": {"@timestamp": {"type": "date"}, "rule": {"properties": {"name": {"type": "keyword"}}}},
}


class _Stored(msgspec.Struct):
    """The document as `save` writes it; `live` only older versions wrote."""

    state: str
    alerts: str
    outbox: str
    owner: str
    until: float
    stamp: float = 0.0
    pages: list[str] = []
    journal: list[str] = []
    forgotten: int = 0
    """What the state has, too, where it can be read without it."""
    live: str = "{}"
    memo: str = ""


class _Said(msgspec.Struct):
    """A page of the journal."""

    alerts: list[msgspec.Raw]
    outbox: list[Entry]


@dataclass(slots=True)
class Held:
    """A rule's document as it was read or written last."""

    rule: str
    state: RuleState
    alerts: list[msgspec.Raw] = field(default_factory=list)
    """Alert documents, as JSON, that are not yet known to be indexed."""
    outbox: list[Entry] = field(default_factory=list)
    """What is not yet known to be in the outbox."""
    journal: list[str] = field(default_factory=list)
    """Pages of things said before those in `alerts` and `outbox`."""
    stamp: float = 0.0
    """Epoch seconds at which the last thing was said; the next is later, whatever the clock says."""
    owner: str = ""
    until: float = 0.0
    """Epoch seconds at which the lease ends."""
    version: tuple[int, int] | None = None
    """(`_seq_no`, `_primary_term`); None = not stored yet."""
    memo: str = ""
    """What `removal` keeps of the rule."""
    pages: list[str] = field(default_factory=list)
    """The pages that the document named when it was read or written last."""
    former: RuleState | None = None
    """What was stored when the rule had another `group_by`: its alerts are still to be ended, and until then it is
    what `save` writes."""
    damage: str | None = None
    """Why what was stored could not be read, and where it was put; the state is a fresh one."""
    lost: bool = False
    """Somebody else wrote the document since."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held while `version` moves: the lease is renewed from another thread."""

    @property
    def kept(self) -> RuleState:
        """What is stored."""
        return self.state if self.former is None else self.former


class NewerStateError(UsageError):
    """A newer version of Shipper stored the state: judging by less would end and repeat its alerts."""


class LostLeaseError(Exception):
    """Somebody else wrote the document: what was computed here must not be used."""


class StateStore:
    """Loads and saves; `prefix` goes before the index name."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._index = prefix + INDEX
        self._pages = PageStore(client, self._index)
        self._digests: dict[str, dict[str, str]] = {}
        """Rule -> digest of a page's text -> its name."""

    def prepare(self) -> None:
        """Create the index if nobody has."""
        try:
            self._client.indices.create(index=self._index, mappings=MAPPING)
        except elasticsearch.BadRequestError as error:
            if "resource_already_exists" not in str(error.body):
                raise

    def sweep(self, now: float) -> None:
        """Delete what dead writers left."""
        self._pages.sweep(now)

    def leased(self, rule: str) -> tuple[str, float]:
        """Who has the rule, and until when (epoch seconds), without reading its state."""
        try:
            source = self._client.get(index=self._index, id=rule, source_includes=["owner", "until"])["_source"]
            return str(source["owner"]), float(source["until"])
        except (elasticsearch.NotFoundError, KeyError, TypeError, ValueError):
            return "", 0.0

    def all(self) -> list[Stand]:
        """What is known of each rule without reading its state."""
        refresh(self._client, self._index)
        pages = {"prefix": {"rule.name": MARK}}
        try:  # not `ignore_unavailable`: that takes an index one may not read for none at all
            hits = self._client.search(
                index=self._index, size=MOST_RULES, query={"bool": {"must_not": [pages], "filter": [_NAMED]}},
                source_includes=READ,
            )["hits"]["hits"]  # fmt: skip
        except elasticsearch.NotFoundError:
            return []
        return [stand_of(hit["_id"], hit["_source"]) for hit in sorted(hits, key=lambda hit: hit["_id"])]

    def load(self, rule: Rule) -> Held:
        """The rule's document, or a fresh one."""
        version: tuple[int, int] | None = None
        while True:
            try:
                found = self._client.get(index=self._index, id=rule.name)
            except elasticsearch.NotFoundError:
                return Held(rule.name, RuleState(shape=list(rule.group_by)))
            again, version = version, (found["_seq_no"], found["_primary_term"])
            try:
                return self._read(rule, found["_source"], version)
            except (msgspec.DecodeError, UnicodeError) as error:
                return self._set_aside(rule, found["_source"], version, error)
            except MissingPageError as error:
                if again == version:  # else its owner wrote new pages while we read
                    return self._set_aside(rule, found["_source"], version, error)

    def _read(self, rule: Rule, source: dict[str, Any], version: tuple[int, int]) -> Held:
        stored = msgspec.convert(source, _Stored)
        state = msgspec.json.decode(stored.state, type=RuleState)
        if state.version > VERSION:
            raise NewerStateError(
                f"the state of {rule.name} was stored by a newer version of Shipper", hint="update this evaluator"
            )
        for text in self._pages.read(rule.name, stored.pages):
            state.groups += msgspec.json.decode(text, type=list[GroupState])
        state.groups.sort(key=lambda group: group.group)
        sizes = {len(group.group) for group in state.groups}
        former = None
        if state.version < VERSION or state.shape != list(rule.group_by) or sizes - {len(rule.group_by)}:
            former, state = state, RuleState(shape=list(rule.group_by))
        held = Held(
            rule=rule.name,
            state=state,
            former=former,
            alerts=_raws(stored.alerts),
            outbox=_told_before(stored.live) + msgspec.json.decode(stored.outbox, type=list[Entry]),
            stamp=stored.stamp,
            owner=stored.owner,
            until=stored.until,
            version=version,
            memo=stored.memo,
            pages=stored.pages,
        )
        for text in self._pages.read(rule.name, stored.journal):
            said = msgspec.json.decode(text, type=_Said)
            held.alerts += _raws(msgspec.json.encode(said.alerts))
            held.outbox += said.outbox
        return held

    def _set_aside(self, rule: Rule, source: dict[str, Any], version: tuple[int, int], error: Exception) -> Held:
        """A fresh state in place of a document that cannot be read, with what it said if that can; a copy is kept."""
        copy = f"{rule.name}.damaged-{version[1]}-{version[0]}"
        kept = {"damaged": msgspec.json.encode(source).decode()}
        self._client.index(index=self._index, id=copy, document=kept)
        damage = f"the stored state of {rule.name} cannot be read ({error}); it was set aside as {self._index}/{copy}"
        _log.error("%s; the rule is judged afresh", damage)
        fresh = Held(rule.name, RuleState(shape=list(rule.group_by)), version=version, damage=damage)
        with contextlib.suppress(msgspec.DecodeError, UnicodeError):
            fresh.outbox = msgspec.json.decode(source.get("outbox") or "[]", type=list[Entry])
        for name in source.get("journal") or ():
            with contextlib.suppress(msgspec.DecodeError, UnicodeError, MissingPageError):
                fresh.outbox += msgspec.json.decode(self._pages.read(rule.name, [name])[0], type=_Said).outbox
        return fresh

    def save(self, held: Held, now: float) -> None:
        """Write it back over the version it was read from; `held.version` moves on.

        Raises:
            LostLeaseError: it was changed by another evaluator meanwhile.
        """
        pages, journal = self._state_pages(held, now), self._journal(held, now)
        state = msgspec.structs.replace(held.kept, groups=[]) if pages else held.kept
        document = {
            "@timestamp": iso_utc(now),
            "rule": {"name": held.rule},
            "owner": held.owner,
            "until": held.until,
            "stamp": held.stamp,
            "forgotten": held.kept.forgotten,
            "problems": held.kept.problems,
            "memo": held.memo,
            "firing": sum(group.status in ACTIVE for group in held.kept.groups),
            "state": encode(state),
            "pages": pages,
            "journal": journal,
            "alerts": _text(held.alerts),
            "outbox": _text(held.outbox),
        }
        with held.lock:
            expected: dict[str, Any] = {"op_type": "create"} if held.version is None else _only_over(held.version)
            try:
                answer = self._client.index(index=self._index, id=held.rule, document=document, **expected)
            except elasticsearch.ConflictError as error:
                held.lost = True
                raise LostLeaseError(held.rule) from error
            held.version, held.pages = (answer["_seq_no"], answer["_primary_term"]), pages
        self._pages.keep_only(held.rule, {*pages, *journal})

    def spill(self, held: Held, now: float) -> None:
        """Put what is said into pages where it is much: an incident of very many groups need not be held in memory."""
        most = max(len(held.alerts), len(held.outbox))
        if most >= A_SPILL:
            self._write_said(held, now, most // A_SAY * A_SAY)

    def said(self, held: Held) -> Iterator[tuple[int, list[msgspec.Raw], list[Entry]]]:
        """All that is said, a page at a time: how many entries came before, alerts, entries.

        Raises:
            LostLeaseError: a page is gone: somebody else handed it over.
        """
        first = 0
        for name in held.journal:
            try:
                page = msgspec.json.decode(self._pages.read(held.rule, [name], keep=False)[0], type=_Said)
            except MissingPageError as error:
                raise LostLeaseError(held.rule) from error
            yield first, page.alerts, page.outbox
            first += len(page.outbox)
        for at in range(0, max(len(held.alerts), len(held.outbox)), A_SAY):
            yield first + at, held.alerts[at : at + A_SAY], held.outbox[at : at + A_SAY]

    def renew(self, held: Held, until: float) -> None:
        """Hold the lease until then (epoch seconds), and leave the rest as it is stored; `held.version` moves on.

        Raises:
            LostLeaseError: it was changed by another evaluator meanwhile.
        """
        with held.lock:
            if held.lost:
                raise LostLeaseError(held.rule)
            if held.version is None:
                return
            lease = {"owner": held.owner, "until": until}
            try:
                answer = self._client.update(
                    index=self._index, id=held.rule, doc=lease, detect_noop=False, **_only_over(held.version)
                )
            except elasticsearch.ConflictError as error:
                held.lost = True
                raise LostLeaseError(held.rule) from error
            held.version, held.until = (answer["_seq_no"], answer["_primary_term"]), until

    def _state_pages(self, held: Held, now: float) -> list[str]:
        """The names of the pages that hold the groups; none where they are few. Those that did not change are kept."""
        groups = held.kept.groups
        if len(groups) <= A_PAGE:
            return []
        number = 1 << (len(groups) // A_PAGE).bit_length()
        parts: list[list[GroupState]] = [[] for _ in range(number)]
        for group in groups:
            parts[zlib.crc32("\0".join(group.group).encode()) % number].append(group)
        texts = {_digest(text): text for text in map(_text, parts)}
        before = {text: name for text, name in self._digests.get(held.rule, {}).items() if name in held.pages}
        fresh = [digest for digest in texts if digest not in before]
        names = dict(zip(fresh, self._pages.write(held.rule, [texts[digest] for digest in fresh], now), strict=True))
        self._digests[held.rule] = {digest: names.get(digest) or before[digest] for digest in texts}
        return list(self._digests[held.rule].values())

    def _journal(self, held: Held, now: float) -> list[str]:
        """The names of the pages that hold what was said; none where it is little."""
        most = max(len(held.alerts), len(held.outbox))
        if held.journal or most > A_SAY:
            self._write_said(held, now, most)
        return held.journal

    def _write_said(self, held: Held, now: float, most: int) -> None:
        """Put the first `most` things said into pages; a page that is not full is the last."""
        parts = range(0, most, A_SAY)
        texts = (_text(_Said(held.alerts[at : at + A_SAY], held.outbox[at : at + A_SAY])) for at in parts)
        held.journal += self._pages.write(held.rule, texts, now, keep=False)
        del held.alerts[:most], held.outbox[:most]


def _raws(text: str | bytes) -> list[msgspec.Raw]:
    """The JSON objects of a list, each for itself; raises msgspec.DecodeError where one is none."""
    return [msgspec.Raw(msgspec.json.encode(one)) for one in msgspec.json.decode(text, type=list[dict[str, Any]])]


def _only_over(version: tuple[int, int]) -> dict[str, Any]:
    return {"if_seq_no": version[0], "if_primary_term": version[1]}


def _told_before(live: str) -> list[Entry]:
    """What an older version noted that a receiver must hear again and again."""
    found = msgspec.json.decode(live, type=dict[str, dict[str, Notification]])
    return [
        Entry(notification=told, receivers=[name], known=True)
        for name, alerts in found.items()
        for told in alerts.values()
    ]


def _text(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
