"""What a line costs that was made to cost time: every codec takes time in proportion to its length."""

from __future__ import annotations

import pytest

from tests.support.hostile import LIMIT, SIZE, codecs, cost, hostile, slow


@pytest.mark.parametrize("seed", range(10))
def test_a_hostile_line_is_one_record_and_costs_no_codec_more_than_its_length(seed: int) -> None:
    for data in hostile(seed, 5):
        for codec in codecs(data):
            if data.count(b"\n") == 1:
                assert cost(codec, data)[1] == 1, (codec, data[:200])
            assert slow(codec, data) is None


def test_a_hostile_line_as_long_as_the_limit_costs_no_codec_more_than_its_length() -> None:
    for data in [data for data in hostile(1, 8, LIMIT) if data.count(b"\n") == 1][:2]:
        for codec in codecs(data):
            assert slow(codec, data) is None


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_of_a_hostile_line_are_kept(seed: int) -> None:
    good = b'{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"neighbour","ecs.version":"1.6.0"}\n'
    for data in hostile(seed, 5, SIZE // 4):
        if data.count(b"\n") == 1:
            assert cost("auto", good + data + good)[1] == 3, data[:200]
