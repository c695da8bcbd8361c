"""The simulated world's documents in Elasticsearch, under a prefix of their own, with the mappings of our templates."""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, Any

import orjson

from shipper.bulk.encode import action_line
from shipper.clock import iso_utc
from shipper.elastic.capability import probe
from shipper.kql import to_dsl
from shipper.rules.fields import field_types
from shipper.rules.query_text import parse_query
from shipper.stack.templates import component_templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elasticsearch import Elasticsearch

    from shipper.rules.rule import Rule
    from shipper.rules.timeline import Arrival

BATCH = 5_000


@contextlib.contextmanager
def loaded(client: Elasticsearch, history: Iterable[Arrival]) -> Iterator[str]:
    """Index a history, and yield the prefix of its daily indices; they are deleted when the block ends."""
    prefix = f"incidents-{secrets.token_hex(4)}-"
    try:
        fill(client, prefix, history)
        yield prefix
    finally:
        for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all", features="aliases"):
            client.indices.delete(index=index)


def fill(client: Elasticsearch, prefix: str, history: Iterable[Arrival]) -> int:
    """Index every document into the day of its time; how many."""
    bodies = _bodies(client)
    known: set[str] = set()
    batch: list[bytes] = []
    count = 0
    for arrival in history:
        event = arrival.document.get("event", {})
        stream = "metrics" if str(event.get("dataset", "")).startswith("system.") else "logs"
        index = f"{prefix}shipper-{stream}-{iso_utc(arrival.happened / 1000)[:10].replace('-', '.')}"
        if index not in known:
            known.add(index)
            client.indices.create(index=index, **bodies[stream])
        batch += [action_line(index, None), orjson.dumps(arrival.document)]
        count += 1
        if len(batch) >= 2 * BATCH:
            _send(client, batch)
            batch = []
    if batch:
        _send(client, batch)
    client.indices.refresh(index=f"{prefix}*")
    return count


def _bodies(client: Elasticsearch) -> dict[str, dict[str, Any]]:
    """The settings and mappings that a new day's index has by our templates, for both streams."""
    parts = component_templates(probe(client))
    found: dict[str, dict[str, Any]] = {"logs": {}, "metrics": {}}
    for stream, whole in found.items():
        for name in ("shipper-base", "shipper-ecs", f"shipper-{stream}-own"):
            _merge(whole, parts[name]["template"])
    return found


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        elif isinstance(value, list) and isinstance(into.get(key), list):
            into[key] = [*into[key], *value]
        else:
            into[key] = value


def _send(client: Elasticsearch, lines: list[bytes]) -> None:
    answer = client.bulk(operations=lines)  # type: ignore[arg-type]  # encoded lines are sent as they are
    if answer["errors"]:
        raise RuntimeError(f"not indexed: {next(i for i in answer['items'] if i['create']['status'] >= 300)}")


def reached(client: Elasticsearch, prefix: str, rules: Iterable[Rule]) -> list[Rule]:
    """The rules whose filter some document passes; the others have nothing to judge here."""
    found = []
    for rule in rules:
        index = ",".join(prefix + part.strip() for part in rule.index.split(","))
        query = dict(to_dsl(parse_query(rule.filter, rule.name, "filter"), field_types()))
        if client.count(index=index, query=query, ignore_unavailable=True)["count"]:
            found.append(rule)
    return found
