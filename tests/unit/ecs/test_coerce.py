import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.ecs.coerce import MISFIT, coerce_field
from shipper.ecs.table import ALLOWED, ARRAYS, OBJECTS, TYPES, VERSION

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("process.pid", "4711", 4711),
        ("process.pid", 12.0, 12),
        ("process.pid", 12.5, MISFIT),
        ("process.pid", True, MISFIT),
        ("process.pid", 2**70, MISFIT),
        ("service.name", 5, "5"),
        ("service.name", True, "true"),
        ("service.name", {"a": 1}, MISFIT),
        ("service.name", ["one"], "one"),
        ("service.name", ["one", "two"], MISFIT),
        ("tags", "a", ["a"]),
        ("tags", ["a", 2, None], ["a", "2"]),
        ("host.ip", "10.0.0.1", ["10.0.0.1"]),
        ("source.ip", "10.0.0.256", MISFIT),
        ("source.ip", "fe80::1%eth0", MISFIT),
        ("source.ip", " ::1 ", "::1"),
        ("event.start", "2026-01-01 00:00:00+01:00", "2025-12-31T23:00:00.000Z"),
        ("event.start", 1767225600, "2026-01-01T00:00:00.000Z"),
        ("event.start", "soon", MISFIT),
        ("event.outcome", "success", "success"),
        ("event.outcome", "maybe", MISFIT),
        ("event.category", ["web", "database"], ["web", "database"]),
        ("event.category", "nonsense", MISFIT),
        ("labels", "x", MISFIT),
        ("geo.location" if "geo.location" in TYPES else "source.geo.location", "48.1,11.5", "48.1,11.5"),
        ("host.cpu.usage", "0.5", 0.5),
        ("host.cpu.usage", float("nan"), MISFIT),
    ],
)
def test_values_take_their_ecs_type_or_do_not_fit(name: str, value: object, expected: object) -> None:
    assert coerce_field(name, value) == expected


@given(st.sampled_from(sorted(TYPES)), json_values)
def test_what_fits_fits_again_unchanged(name: str, value: object) -> None:
    fitted = coerce_field(name, value)
    if fitted is not MISFIT:
        assert coerce_field(name, fitted) == fitted


def test_the_table_is_whole() -> None:
    assert VERSION.count(".") == 2
    assert TYPES["@timestamp"] == "date"
    assert {"tags", "event.category", "host.ip"} <= ARRAYS
    assert ALLOWED["event.outcome"] == {"success", "failure", "unknown"}
    assert {"event", "host", "log", "log.origin", "http.request", "labels"} <= OBJECTS
    assert "message" not in OBJECTS
