"""Cost of the rules: `replay` of a month, and the live evaluation against Elasticsearch.

    .venv/bin/python benchmarks/rules.py replay [--documents 1000000] [--days 30]
    .venv/bin/python benchmarks/rules.py live [--groups 10 100 1000 10000] [--days 1 7]

`replay` runs the first 20 rules of alert_rules/ in one process over a made-up month of five services, ten routes and
eight hosts, and prints the CPU time of both passes and the peak of memory. `live` fills the local stack
(`shipper stack up`) with one document a group a minute for an hour and prints, for rules of several types, the
searches and the milliseconds (wall; Elasticsearch's own `took` beside it) of one evaluation that is due. `--days`
adds as many days of older documents: what a rule costs must not grow with them.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shipper import config
from shipper.clock import iso_utc
from shipper.elastic.client import connect, for_role
from shipper.home import default_home
from shipper.rules.engine import Engine, Sight
from shipper.rules.eventfile import EventFile
from shipper.rules.fields import field_types
from shipper.rules.files import load_rules
from shipper.rules.query import CellReader
from shipper.rules.replay import replay_all
from shipper.rules.state import RuleState
from shipper.rules.type import AnyRule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

START = 1_764_547_200
"""2025-12-01T00:00:00Z."""
RULES = {
    "threshold": "type: threshold\nabove: 1000000\n",
    "ratio": "type: ratio\nof: 'event.outcome: failure'\nabove_percent: 90\n",
    "latency": "type: latency\nabove_ms: 100000\nmin_samples: 5\n",
    "burn_rate": "type: burn_rate\nbad: 'event.outcome: failure'\nobjective_percent: 99\n",
}
MAPPING = {
    "properties": {
        "@timestamp": {"type": "date"},
        "host": {"properties": {"name": {"type": "keyword"}}},
        "event": {"properties": {"duration": {"type": "long"}, "outcome": {"type": "keyword"}}},
    }
}


def document(number: int, at: float, source: random.Random) -> dict[str, Any]:
    service, kind = source.choice(["shop", "pay", "mail", "search", "auth"]), source.random()
    lag = source.random() * (3 if source.random() < 0.98 else 60)
    event: dict[str, Any] = {"ingested": iso_utc(at + lag), "dataset": f"{service}.log"}
    found: dict[str, Any] = {
        "_id": f"{number:08x}",
        "@timestamp": iso_utc(at),
        "host": {"name": f"h{source.randrange(8)}"},
        "service": {"name": service, "version": "1.2.3"},
        "event": event,
    }
    if kind < 0.6:
        failed = source.random() < 0.01
        event |= {"duration": int(source.lognormvariate(17, 0.6)), "outcome": "failure" if failed else "success"}
        route = f"/r{source.randrange(10)}/{{id}}"
        found["http"] = {"route": route, "response": {"status_code": 500 if failed else 200}}
    elif kind < 0.9:
        bad = source.random() < 0.03
        found |= {"log": {"level": "error" if bad else "info"}, "message": f"something happened with order {number}"}
        if bad:
            found["error"] = {"id": f"e{source.randrange(9)}", "type": "ValueError"}
    else:
        event["dataset"] = "system.cpu"
        found["system"] = {"cpu": {"total": {"norm": {"pct": source.random() * 0.7}}}}
    return found


def replay(documents: int, days: int) -> None:
    rules = [file.rule for file in load_rules([Path("alert_rules")])][:20]
    source, step = random.Random(1), days * 86400 / documents
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as made:
        for number in range(documents):
            made.write(orjson.dumps(document(number, START + (number + source.random()) * step, source)) + b"\n")
        made.flush()
        began = time.process_time()
        with EventFile(Path(made.name)) as history:
            size = sum(history.scan())
            scanned = time.process_time()
            changes = sum(change is not None for change in replay_all(rules, history))
            done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{documents:,} documents ({size / 1e6:.0f} MB), {days} days, {len(rules)} rules: {changes:,} changes")
    print(f"first pass {scanned - began:.1f} s, replay {done - scanned:.1f} s CPU, peak {peak} MB")


def fill(client: Elasticsearch, index: str, groups: int, days: int) -> int:
    """An hour of one document a group a minute, and `days` before it with as many documents a day as the hour has."""
    end = int(time.time()) // 60 * 60
    source = random.Random(2)
    stamps = [end - 60 * minute - 30 for minute in range(60)]
    stamps += [end - 3600 - day * 86400 - 1440 * number for day in range(1, days) for number in range(60)]
    client.indices.create(index=index, mappings=MAPPING, settings={"number_of_replicas": 0})
    operations: list[dict[str, Any]] = []
    for at in stamps:
        for group in range(groups):
            event = {"duration": int(source.lognormvariate(17, 0.6)), "outcome": "success"}
            operations += [{"create": {}}, {"@timestamp": iso_utc(at), "host": {"name": f"h{group}"}, "event": event}]
            if len(operations) >= 20_000:
                client.bulk(index=index, operations=operations)
                operations = []
    if operations:
        client.bulk(index=index, operations=operations)
    client.indices.refresh(index=index)
    return end


def live(groups: list[int], days: list[int]) -> None:
    print("| rule | groups | days of data | searches | took | wall | reading again |\n|---|---|---|---|---|---|---|")
    with connect(for_role(default_home().endpoints(), "admin")) as client:
        for some in groups:
            for many in days:
                index = f"shipper-logs-bench-{uuid.uuid4().hex[:8]}"
                end = fill(client, index, some, many)
                for name, text in RULES.items():
                    measure(client, index, name, text, end, f"| {name} | {some:,} | {many}")
                client.indices.delete(index=index)


def measure(client: Elasticsearch, index: str, name: str, text: str, now: int, label: str) -> None:
    common = (
        f"name: {name.replace('_', '-')}\nsummary: s\nowner: o\nrunbook: r\ngroup_by: [host.name]\nindex: {index}\n"
    )
    engine = Engine(config.bind(config.parse(common + text), AnyRule))  # type: ignore[arg-type]  # a union
    reader, state = CellReader(client, field_types()), RuleState(shape=["host.name"], last=now - 60)
    walls = []
    for _ in range(2):  # the second one finds Elasticsearch and the store warm, as an evaluator does
        began = time.perf_counter()
        start = engine.reach(state, now)
        reading = reader.read(engine.rule, engine.judge.measures, start, now)
        engine.store.replace(start, now, reading.cells)
        engine.tick(RuleState(shape=["host.name"], last=now - 60), now, Sight())
        walls.append(1000 * (time.perf_counter() - began))
    print(f"{label} | {reading.pages} | {reading.took_ms} ms | {walls[0]:.0f} ms | {walls[1]:.0f} ms |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    of_replay = commands.add_parser("replay")
    of_replay.add_argument("--documents", type=int, default=1_000_000)
    of_replay.add_argument("--days", type=int, default=30)
    of_live = commands.add_parser("live")
    of_live.add_argument("--groups", type=int, nargs="+", default=[10, 100, 1000])
    of_live.add_argument("--days", type=int, nargs="+", default=[1, 7])
    chosen = parser.parse_args()
    if chosen.command == "replay":
        replay(chosen.documents, chosen.days)
    else:
        live(chosen.groups, chosen.days)


if __name__ == "__main__":
    main()
