"""The checks of a demonstration: each a sentence about what is in Elasticsearch, with the figures behind it."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from shipper.demo.index import ALERTS, LOGS, METRICS, Index
from shipper.demo.shop import expected_records
from shipper.demo.truth import Delivery, compare

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.demo.checks import Outcome
    from shipper.demo.webhook import Webhook
    from shipper.simulate.load import Load

_SHOP = {"terms": {"service.name": ["web", "checkout", "inventory", "mailer"]}}
_DEAD = {"term": {"event.kind": "pipeline_error"}}
HOST_DATASETS = {"system.cpu", "system.memory", "system.filesystem", "system.network", "system.load"}


def wait_for_delivery(index: Index, load: Load, seconds: float) -> Delivery:
    """Compare the index with the load until nothing is missing, for at most `seconds`."""
    expected = expected_records(load.sent)
    deadline = time.monotonic() + seconds
    while True:
        delivery = compare(expected, index.documents(LOGS, _SHOP), load.seed)
        if delivery.lost == 0 or time.monotonic() > deadline:
            return delivery
        time.sleep(1)


def check_delivery(outcome: Outcome, delivery: Delivery, minimum: int) -> None:
    """Nothing lost, nothing doubled, nothing foreign, enough of it."""
    outcome.documents = {
        "in": delivery.expected,
        "delivered": delivery.delivered,
        "lost": delivery.lost,
        "duplicated": delivery.duplicated,
    }
    outcome.check("enough documents", ok=delivery.expected >= minimum, detail=f"{delivery.expected:,} of {minimum:,}")
    outcome.check("no document is lost", ok=delivery.lost == 0, detail=f"{delivery.lost} lost")
    outcome.check("no document is doubled", ok=delivery.duplicated == 0, detail=f"{delivery.duplicated} doubled")
    outcome.check("no document is foreign", ok=delivery.stray == 0, detail=f"{delivery.stray} belong to no request")


def check_conversion(outcome: Outcome, index: Index, logs: Path) -> None:
    """Each service's lines became the ECS that its shape asks for."""
    broken = sum(path.read_text("utf-8").count(" ERROR inventory.stock ") for path in logs.glob("inventory.log*"))
    query = {"bool": {"filter": [{"term": {"service.name": "inventory"}}, {"term": {"error.type": "LookupError"}}]}}
    traces = index.count(LOGS, query)
    outcome.check("each traceback is one error document", ok=traces == broken > 0, detail=f"{traces} of {broken}")
    services = index.values(LOGS, "service.name")
    missing = {"web", "checkout", "inventory", "mailer"} - services.keys()
    outcome.check("all four services arrived", ok=not missing, detail=_listed(services))
    flagged = index.values(LOGS, "shipper.flags")
    outcome.check("every line was understood", ok=not flagged, detail=_listed(flagged) or "no flags")
    refused = index.values(LOGS, "error.message") if index.count(LOGS, _DEAD) else {}
    outcome.check("Elasticsearch refused nothing", ok=not refused, detail=_listed(refused) or "no dead letters")


def check_metrics(outcome: Outcome, index: Index) -> None:
    """Host metrics and heartbeats are there."""
    datasets = index.values(METRICS, "event.dataset")
    missing = (HOST_DATASETS | {"shipper.heartbeat"}) - datasets.keys()
    detail = _listed(datasets) if not missing else f"missing: {', '.join(sorted(missing))}"
    outcome.check("host metrics and heartbeats arrived", ok=not missing, detail=detail)


def check_roles(outcome: Outcome, index: Index) -> None:
    """The account that writes may not read."""
    refused = index.refused("shipper_writer", LOGS)
    outcome.check("the writer may not read", ok=refused, detail="refused" if refused else "it could read")


def check_alerts(outcome: Outcome, index: Index, webhook: Webhook, expected: dict[str, dict[str, str]]) -> None:
    """Each rule of `expected` (rule -> group as field -> value) fired and resolved once for it; nothing else did."""
    documents = [document for document in index.documents(ALERTS) if document["shipper"]["alert"]["sent"]]
    for rule, group in expected.items():
        wanted = " ".join(f"{name}={value}" for name, value in group.items())
        mine = [document for document in documents if document["rule"]["name"] == rule]
        fired = [d for d in mine if d["event"]["action"] == "firing"]
        resolved = [d for d in mine if d["event"]["action"] == "resolved"]
        told = [(n["kind"], n["group"]) for n in webhook.notifications if n["rule"] == rule]
        outcome.alerts.append({"rule": rule, "fired": len(fired), "resolved": len(resolved)})
        groups = {document["shipper"]["alert"]["group"] for document in mine}
        ok = len(fired) == len(resolved) == 1 and groups == {wanted} and len(told) == 2
        detail = f"fired {len(fired)}, resolved {len(resolved)}, webhook {len(told)}, {', '.join(sorted(groups))}"
        outcome.check(f"{rule} fired once and resolved once", ok=ok, detail=detail)
    others = sorted({d["rule"]["name"] for d in documents} - expected.keys())
    outcome.check("no other rule fired", ok=not others, detail=", ".join(others) or "none")


def check_page(outcome: Outcome, url: str) -> None:
    """The dashboards' page answers, with every panel drawn."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback address
            text = answer.read().decode()
    except urllib.error.URLError as error:
        outcome.check("the dashboards' page shows data", ok=False, detail=str(error))
        return
    panels = len(re.findall(r'<section[^>]*class="[^"]*panel', text))
    errors = len(re.findall(r'class="[^"]*panel-error', text))
    outcome.check(
        "the dashboards' page shows data", ok=panels > 0 and errors == 0, detail=f"{panels} panels, {errors} errors"
    )


def write_json(outcome: Outcome, path: Path) -> None:
    """The outcome as the contract of `--json` has it."""
    path.write_text(json.dumps(outcome.as_json(), indent=2) + "\n", "utf-8")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
