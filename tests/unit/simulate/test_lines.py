from __future__ import annotations

import json

import pytest

from shipper.simulate.lines import SHAPES, lines


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_the_same_seed_writes_the_same_lines(shape):
    assert list(lines(shape, 50, seed=3)) == list(lines(shape, 50, seed=3))
    assert list(lines(shape, 50, seed=3)) != list(lines(shape, 50, seed=4))


def test_ecs_lines_are_json_with_a_unique_trace():
    documents = [json.loads(line) for line in lines("ecs", 200)]
    assert len({document["trace"]["id"] for document in documents}) == 200
    assert {document["event"]["outcome"] for document in documents} == {"success", "failure"}
