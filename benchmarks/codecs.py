"""Events per CPU second of each codec, and the share of each stage, in this process.

    python -m benchmarks.codecs [--events 20000] [--rounds 3] [--json]

The records are those of the contract tests, over and over, so caches are warm: real logs vary more. Stages are
measured by adding one after the other (cut lines, look for secrets, detect and parse and frame, build, encode), each as
the least of the rounds; a share is the difference to the stage before.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING

import orjson

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.chronology import Chronology, zone_of
from shipper.agent.codec.detect import Detector
from shipper.agent.codec.framer import Line
from shipper.agent.codec.lines import LineSplitter
from shipper.agent.codec.registry import FALLBACK
from shipper.agent.codec.stream import LineStream
from shipper.agent.processor.redact import Redactor
from tests.unit.codec.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 256 << 10
LIMIT = 1 << 20
STAGES = ("cut", "secrets", "parse", "build", "encode")


def pieces(records: tuple[str, ...], events: int) -> list[bytes]:
    text = "".join(f"{record}\n" for record in records).encode()
    data = text * max(1, events // len(records))
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]


def cut(chunks: list[bytes]) -> int:
    splitter = LineSplitter(0, LIMIT)
    return sum(len(splitter.block(chunk)[1].split(b"\n")) for chunk in chunks)


def secrets(chunks: list[bytes]) -> int:
    splitter, redactor = LineSplitter(0, LIMIT), Redactor(CodecSettings().redact)
    count = 0
    for chunk in chunks:
        block = splitter.block(chunk)[1]
        redactor.places(block)
        count += len(block.split(b"\n"))
    return count


def parse(chunks: list[bytes]) -> int:
    settings = CodecSettings(timezone="UTC")
    splitter, redactor = LineSplitter(0, LIMIT), Redactor(settings.redact)
    stream = LineStream(Detector(settings.formats(), FALLBACK), Chronology(zone_of("UTC"), 0), LIMIT)
    count = 0
    for chunk in chunks:
        offset, block = splitter.block(chunk)
        redactor.places(block)
        for data in block.split(b"\n")[:-1]:
            count += len(stream.push(Line(offset, data.decode())))
            offset += len(data) + 1
    return count


def build(chunks: list[bytes]) -> int:
    decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=0)
    return sum(len(decoder.feed(chunk).offsets) for chunk in chunks)


def encode(chunks: list[bytes]) -> int:
    decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=0)
    count = 0
    for chunk in chunks:
        decoded = decoder.feed(chunk)
        count += len(decoded.offsets)
        for document in decoded.documents:
            if isinstance(document, dict):  # else bytes already
                orjson.dumps(document)
    return count


def seconds(stage: Callable[[list[bytes]], int], chunks: list[bytes], rounds: int) -> tuple[float, int]:
    """(least CPU seconds, what the stage counted)."""
    best, count = float("inf"), 0
    for _ in range(rounds):
        begin = time.process_time()
        count = stage(chunks)
        best = min(best, time.process_time() - begin)
    return best, count


def measure(records: tuple[str, ...], events: int, rounds: int) -> dict[str, float]:
    chunks = pieces(records, events)
    spent, count, shares = 0.0, 1, {}
    for name, stage in zip(STAGES, (cut, secrets, parse, build, encode), strict=True):
        total, count = seconds(stage, chunks, rounds)
        shares[name] = max(0.0, total - spent)
        spent = max(spent, total)
    return {
        "events_per_cpu_second": round(count / spent),
        "us_per_event": round(spent / count * 1e6, 1),
        **{f"{name}_percent": round(100 * share / spent) for name, share in shares.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {}
    for name, records in SAMPLES.items():
        figures[name] = measure(records, options.events, options.rounds)
        if not options.json:
            shares = " ".join(f"{stage} {figures[name][f'{stage}_percent']:3}%" for stage in STAGES)
            rate, cost = figures[name]["events_per_cpu_second"], figures[name]["us_per_event"]
            print(f"{name:18} {rate:8,}/s {cost:7} us  {shares}")
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
