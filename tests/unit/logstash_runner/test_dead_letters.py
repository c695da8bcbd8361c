"""The dead letter store: nothing it took is lost, whatever the crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner import dead_letters
from shipper.logstash_runner.dead_letters import DeadLetterStore, DroppedLetters, entry, read_from, segments

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def made(number: int) -> dict[str, object]:
    return entry({"n": number, "@metadata": {"_id": str(number)}}, ("elasticsearch", "es"), "mapping", 0.0)


def read_all(folder: Path) -> list[object]:
    return [item and item["event"]["n"] for segment in segments(folder) for item, _ in read_from(segment, 0)]


def test_an_entry_carries_event_metadata_and_reason(tmp_path: Path) -> None:
    DeadLetterStore(tmp_path / "logs").write([made(1)])
    (segment,) = segments(tmp_path / "logs")
    ((item, end),) = read_from(segment, 0)
    assert item == {
        "entry_time": "1970-01-01T00:00:00.000Z",
        "plugin_type": "elasticsearch",
        "plugin_id": "es",
        "reason": "mapping",
        "event": {"n": 1},
        "metadata": {"_id": "1"},
    }
    assert end == segment.stat().st_size
    assert segment.stat().st_mode & 0o077 == 0


def test_reading_resumes_at_an_offset(tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path)
    store.write([made(1), made(2)])
    (segment,) = segments(tmp_path)
    (_, first), _ = read_from(segment, 0)
    store.write([made(3)])
    assert [item and item["event"]["n"] for item, _ in read_from(segment, first)] == [2, 3]


def test_an_entry_cut_by_a_crash_costs_itself_only(tmp_path: Path) -> None:
    DeadLetterStore(tmp_path).write([made(1), made(2)])
    (segment,) = segments(tmp_path)
    segment.write_bytes(segment.read_bytes()[:-20])
    assert read_all(tmp_path) == [1]
    DeadLetterStore(tmp_path).write([made(3)])
    assert read_all(tmp_path) == [1, None, 3]


def test_segments_roll_and_stay_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "_SEGMENT_BYTES", 300)
    store = DeadLetterStore(tmp_path)
    for number in range(10):
        store.write([made(number)])
    assert len(segments(tmp_path)) > 2
    assert read_all(tmp_path) == list(range(10))


def test_a_full_store_drops_the_newer_and_counts_them(tmp_path: Path) -> None:
    store = DeadLetterStore(tmp_path, max_bytes=400)
    for number in range(10):
        store.write([made(number)])
    kept = read_all(tmp_path)
    assert kept == list(range(len(kept)))
    assert store.dropped == 10 - len(kept) > 0


def test_without_a_store_rejections_are_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    letters = DroppedLetters()
    letters.write([made(number) for number in range(5)])
    assert letters.dropped == 5
    assert "mapping" in caplog.text
    assert "dropped 2 more" in caplog.text
