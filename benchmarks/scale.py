"""Many files and many registry entries: `python benchmarks/scale.py [--files 10000] [--entries 100000]`.

Prints JSON: seconds (wall and CPU) to find the files, to take them up at the first scan, to look at them again when
nothing changed, and to start with a registry of that many entries.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from shipper.agent.book import Book
from shipper.agent.delivery import Delivery
from shipper.agent.descriptors import OpenFiles
from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.memory import calm_collector
from shipper.agent.registry import Entry, Registry, mint
from shipper.agent.tailer import Tailer
from shipper.clock import SystemClock
from tests.support.agent import NoGraveyard

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def timed(action: Callable[[], T]) -> tuple[T, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = action()
    return result, {"wall": round(time.perf_counter() - wall, 3), "cpu": round(time.process_time() - cpu, 3)}


def files(count: int, folder: Path) -> dict[str, dict[str, float]]:
    for number in range(count):
        place = folder / f"{number % 100:02d}" / f"{number // 100 % 10}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.log").write_text(f"line of {number}\n")
    source = FileInput(FileInputSettings(paths=[f"{folder}/**/*.log"]), {"host": {"name": "h"}})
    _, find = timed(lambda: sum(1 for _ in source.find()))
    registry = Registry(folder.parent / "state")
    tailer = Tailer([source], registry, Delivery(registry, NoGraveyard(), 1 << 30), SystemClock(), OpenFiles(500))
    _, first = timed(tailer.scan)
    _, idle = timed(tailer.scan)
    assert len(registry.entries()) == count
    tailer.close()
    registry.close()
    return {"find": find, "first_scan": first, "idle_scan": idle}


def entry(number: int) -> Entry:
    return Entry(
        source=mint(),
        generation=0,
        path=f"/var/log/app/{number}.log",
        device=1,
        inode=number,
        fallback_time=1e9,
        head_length=1024,
        head=f"{number:016x}",
        offset=10_000,
        resume=b"{}",
        tail_length=64,
        tail="0" * 16,
    )


def entries(count: int, folder: Path) -> dict[str, float]:
    registry = Registry(folder)
    for number in range(count):
        registry.put(entry(number))
    registry.close()
    del registry

    def start() -> tuple[Registry, Book]:
        loaded = Registry(folder)
        return loaded, Book(loaded)

    (again, book), taken = timed(start)
    assert len(again.entries()) == count
    assert book.knows((1, 0))
    again.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100_000)
    wanted = parser.parse_args()
    calm_collector()  # as `shipper agent run` does
    with tempfile.TemporaryDirectory() as folder:
        found = files(wanted.files, Path(folder) / "logs")
        started = entries(wanted.entries, Path(folder) / "registry")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"files": found, "registry": started, "peak_mib": memory}, indent=2))


if __name__ == "__main__":
    main()
