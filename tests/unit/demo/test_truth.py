from __future__ import annotations

from shipper.demo.truth import Delivery, compare

SEED = 7


def trace(number: int) -> str:
    return f"{SEED:08x}{number:024x}"


def document(service: str, number: int) -> dict[str, object]:
    return {"service": {"name": service}, "message": f"GET / rid={trace(number)}", "trace": {"id": trace(number)}}


def test_each_record_once_is_a_whole_delivery():
    expected = {"web": {trace(1), trace(2)}, "checkout": {trace(1)}}
    found = [document("web", 1), document("web", 2), document("checkout", 1)]
    assert compare(expected, found, SEED) == Delivery(expected=3, delivered=3, duplicated=0, stray=0)


def test_a_missing_a_doubled_and_a_foreign_record_are_told_apart():
    expected = {"web": {trace(1), trace(2)}, "checkout": {trace(1)}}
    found = [document("web", 1), document("web", 1), document("checkout", 9), document("mailer", 1)]
    delivery = compare(expected, found, SEED)
    assert delivery == Delivery(expected=3, delivered=1, duplicated=1, stray=2)
    assert delivery.lost == 2
