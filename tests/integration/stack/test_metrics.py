"""What the agent says of its host and of itself, in a real index: each field has its type, and none is left out."""

from __future__ import annotations

import orjson
import pytest
from elasticsearch.helpers import bulk

from shipper.agent.metrics.collector import Collector, MetricsSettings
from shipper.agent.metrics.host import DATASETS
from shipper.agent.monitoring.health import Health
from shipper.agent.monitoring.report import Report
from shipper.config import bind, parse
from shipper.event import iter_fields
from tests.support.agent import Rig, parts_of

pytestmark = pytest.mark.elasticsearch
DOUBLES = ("pct", "per_sec", "busy", "seconds", "rate", "load", "norm")


@pytest.fixture
def documents(tmp_path):
    """Two intervals of all datasets of this machine, so that there are rates."""
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state")
    (rig.folder / "a.log").write_text("one\n")
    rig.read()
    common = {"host": {"name": "h"}, "agent": {"id": "agent0"}}
    settings = bind(parse(f"datasets: [{', '.join(DATASETS)}]"), MetricsSettings)
    made = Collector(settings, common, lambda: rig.tailer.fleet, rig.registry, rig.delivery, rig.clock)
    parts = parts_of(rig)
    made.vitals = Report(parts, Health(parts, rig.state, list, rig.clock), rig.clock).vitals
    found = []
    for _ in range(2):
        rig.clock.advance(10)
        made.sample()
        for batch in rig.delivery.take(1000, 1 << 24, 0):
            found += [orjson.loads(document) for document in batch.documents]
    rig.tailer.close()
    rig.registry.close()
    return found


def test_every_field_of_every_dataset_is_indexed_with_its_type(elasticsearch, ready, documents):
    index = f"{ready}shipper-metrics-2026.01.01"
    bulk(elasticsearch, ({"_op_type": "create", "_index": index, "_source": each} for each in documents), refresh=True)
    datasets = {each["event"]["dataset"] for each in documents}
    expected = {f"system.{name}" for name in DATASETS} | {"shipper.heartbeat", "shipper.agent"}
    assert datasets >= expected - {"system.diskio", "system.filesystem", "system.network"}, "a machine may have no disk"
    ignored = elasticsearch.search(index=index, query={"exists": {"field": "_ignored"}})["hits"]["hits"]
    assert ignored == []
    names = sorted({name for each in documents for name, _ in iter_fields(each)})
    kinds = {name: set(found) for name, found in elasticsearch.field_caps(index=index, fields=names)["fields"].items()}
    assert [name for name in names if name not in kinds] == [], "every field can be searched"
    wrong = {
        name: kinds[name]
        for name in names
        if name.startswith(("system.", "shipper.agent."))
        and any(part in DOUBLES for part in name.split("."))
        and kinds[name] != {"double"}
    }
    assert wrong == {}
    assert kinds["shipper.agent.healthy"] == {"boolean"}
    assert kinds["shipper.agent.dead_letters"] == {"long"}
    assert kinds["system.core.id"] == kinds["process.name"] == kinds["system.process.state"] == {"keyword"}
    assert kinds["process.pid"] == kinds["system.process.memory.rss.bytes"] == {"long"}
