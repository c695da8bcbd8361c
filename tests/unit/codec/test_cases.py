"""The shared cases: golden conversions of real loggers' output."""

import pytest

from tests.support.cases import FOLDER, load_cases, score

CASES = load_cases()


@pytest.mark.skipif(not CASES, reason=f"the shared cases are not at {FOLDER}")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_case_converts_as_expected(case) -> None:
    assert score(case) == []
