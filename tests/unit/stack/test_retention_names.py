from __future__ import annotations

from datetime import date

import pytest

from shipper.stack.retention import day_of


def test_a_daily_index_gives_its_day():
    assert day_of("x-shipper-logs-2026.02.28", "x-shipper-logs") == date(2026, 2, 28)


@pytest.mark.parametrize(
    "name",
    [
        "shipper-logs-2026.02.31",
        "shipper-logs-2026.02.28-restored",
        "shipper-logs-old-2026.02.28",
        "shipper-logs-2026-02-28",
        "shipper-logs2026.02.28",
        "shipper-logs-\uff12\uff10\uff12\uff16.02.28",
        "shipper-logs-\u0662\u0660\u0662\u0666.02.28",
        "shipper-logs-2026.02.28\n",
        "my-shipper-logs-2026.02.28",
    ],
)
def test_an_index_of_a_similar_name_is_never_ours(name):
    assert day_of(name, "shipper-logs") is None
