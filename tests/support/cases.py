"""Scores conversions against the shared cases: `python -m tests.support.cases [system …]` prints the failures.

The cases and what their keys mean are described in ../shared/cases/README.md.
"""

from __future__ import annotations

import ipaddress
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.stamp import read_stamp
from shipper.agent.processor.redact import RedactSettings
from shipper.ecs.instant import parse_iso
from shipper.event import MISSING, get_field, iter_fields

FOLDER = Path(__file__).parents[3] / "shared" / "cases"
NOW = 1_795_395_600.0  # 2026-11-23, when the cases were made

_LEVELS = {
    **dict.fromkeys(("warn", "warning"), "warning"),
    **dict.fromkeys(("err", "error", "severe"), "error"),
    **dict.fromkeys(("info", "information", "informational"), "info"),
    **dict.fromkeys(("crit", "critical"), "critical"),
    **dict.fromkeys(("emerg", "emergency", "panic"), "emergency"),
}
_TOLERANCE_NS = {
    "exact": 500_000,
    "exact_ms_truncated": 1_000_000,
    "ms": 1_000_000,
    "us": 1000,
    "second": 1_000_000_000,
}


@dataclass(frozen=True)
class Case:
    """One line of a case file."""

    data: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def system(self) -> str:
        return str(self.data["system"])


def load_cases(folder: Path = FOLDER) -> list[Case]:
    """All cases; an empty list where the folder is missing."""
    return [
        Case(json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]


def convert(text: str, timezone: str = "UTC", codec: str = "auto") -> list[dict[str, Any]]:
    """`text` through the decoder, without redaction."""
    settings = CodecSettings(codec=codec, timezone=timezone, redact=RedactSettings(enabled=False))
    decoder = make_decoder(settings, fallback_time=NOW, nested_only=True)
    documents = [*decoder.feed(text.encode("utf-8", "surrogatepass")).each(), *decoder.flush().each()]
    return [json.loads(json.dumps(document)) for document in documents]


def score(case: Case) -> list[str]:
    """What is wrong; empty where the case passes."""
    data = case.data
    context = data.get("context", {})
    documents = convert(data["input"], context.get("timezone", "UTC"))
    if len(documents) != data["events"]:
        return [f"{len(documents)} events, not {data['events']}: {[d.get('message') for d in documents]}"]
    if "expect_events" in data:
        return _score_stream(data["expect_events"], documents)
    document = documents[0]
    problems = [_compare(name, value, document, data["ts_rule"]) for name, value in data["expect"].items()]
    problems += [_any_of(option, document) for option in data.get("any_of", [])]
    problems += [_preserved(key, value, document) for key, value in data.get("preserve", {}).items()]
    for name in data.get("absent", []):
        found = get_field(document, name)
        problems.append("" if found is MISSING else f"{name} is there: {found!r}")
    for name, parts in data.get("contains", {}).items():
        text = get_field(document, name, "")
        problems += ["" if part in text else f"{name} lacks {part!r}: {text!r}" for part in parts]
    return [problem for problem in problems if problem]


def _score_stream(wanted: list[dict[str, Any]], documents: list[dict[str, Any]]) -> list[str]:
    left = [_message(document.get("message", "")) for document in documents]
    problems = []
    for event in wanted:
        message = _message(event["message"])
        if message in left:
            left.remove(message)
        else:
            problems.append(f"no event {message!r}; left {left!r}")
    return problems


def _message(text: str) -> str:
    return text.removesuffix("\n")


def _compare(name: str, wanted: Any, document: dict[str, Any], rule: str) -> str:
    found = get_field(document, name)
    if found is MISSING:
        return f"{name} is missing (wanted {wanted!r})"
    if name == "@timestamp":
        return _compare_time(wanted, found, rule)
    return "" if _equal(name, wanted, found) else f"{name} is {found!r}, not {wanted!r}"


def _compare_time(wanted: str, found: str, rule: str) -> str:
    if rule == "ignore":
        return ""
    if rule == "no_year":
        return "" if wanted[5:19] == found[5:19] else f"@timestamp is {found}, not {wanted}"
    stamp = read_stamp(wanted)
    parsed = parse_iso(found)
    assert stamp is not None
    assert parsed is not None
    distance = abs(stamp.ns - parsed[0])
    close = distance <= _TOLERANCE_NS[rule]
    same = stamp.ns // 1_000_000_000 == parsed[0] // 1_000_000_000 if rule == "second" else close
    return "" if same else f"@timestamp is {found}, not {wanted} ({rule})"


def _equal(name: str, wanted: Any, found: Any) -> bool:
    if isinstance(found, list) and not isinstance(wanted, list) and len(found) == 1:
        found = found[0]
    if name == "log.level":
        return _level(wanted) == _level(found)
    if name == "http.request.method":
        return str(wanted).lower() == str(found).lower()
    if name in ("url.path", "url.query"):
        return unquote(str(wanted)) == unquote(str(found))
    if name.endswith(".ip"):
        return ipaddress.ip_address(wanted) == ipaddress.ip_address(found)
    if name == "message":
        return str(wanted) == str(found)
    return bool(wanted == found) or (str(wanted) == str(found) and not isinstance(wanted, bool))


def _level(word: str) -> str:
    return _LEVELS.get(word.lower(), word.lower())


def _any_of(option: dict[str, Any], document: dict[str, Any]) -> str:
    values = {name: get_field(document, name) for name in option["fields"]}
    if any(value is not MISSING and _equal(name, option["value"], value) for name, value in values.items()):
        return ""
    return f"none of {values} is {option['value']!r}"


def _preserved(key: str, wanted: Any, document: dict[str, Any]) -> str:
    last = key.rpartition(".")[2]
    for name, value in iter_fields(document):
        if (name == last or name.endswith(f".{last}")) and value == wanted:
            return ""
    return f"{key}={wanted!r} did not survive"


def main(systems: list[str]) -> int:
    """Print failures and a table; 1 where one fails."""
    cases = [case for case in load_cases() if not systems or case.system in systems]
    if not cases:
        sys.stdout.write(f"no cases in {FOLDER}\n")
        return 0
    passed: dict[str, list[bool]] = {}
    for case in cases:
        problems = score(case)
        passed.setdefault(case.system, []).append(not problems)
        for problem in problems:
            sys.stdout.write(f"{case.id}: {problem}\n")
    for system, results in sorted(passed.items()):
        sys.stdout.write(f"{system:22} {sum(results):4}/{len(results)}\n")
    return 0 if all(all(results) for results in passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
