"""Severities as one set of words: trace, debug, info, notice, warning, error, critical and their kin."""

from __future__ import annotations

import re
from functools import lru_cache

CANONICAL = frozenset(
    {"trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency", "fatal"}
)

_SPELLINGS = {
    "warn": "warning", "wrn": "warning", "warnings": "warning",
    "err": "error", "eror": "error", "crit": "critical", "emerg": "emergency", "ftl": "fatal",
    "information": "info", "informational": "info", "inf": "info", "informative": "info",
    "dbg": "debug", "trc": "trace", "not": "notice",
    "e": "error", "w": "warning", "i": "info", "d": "debug", "t": "trace", "f": "fatal", "n": "notice", "c": "critical",
    "v": "verbose", "vrb": "verbose",
}  # fmt: skip
"""Other spellings of the same word: nothing is lost by replacing them."""

_MEANINGS = {
    "severe": "error",
    "fine": "debug",
    "finer": "trace",
    "finest": "trace",
    "config": "debug",
    "dpanic": "panic",
}
"""Words of other scales: replaced, and the original is kept beside it."""

PINO = {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "fatal"}
"""Numbers of pino and bunyan."""

SYSLOG = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
"""Severity 0-7 of syslog, GELF and journald."""

WORDS = frozenset(
    [
        "trace",
        "debug",
        "info",
        "notice",
        "warning",
        "warn",
        "error",
        "err",
        "critical",
        "crit",
        "alert",
        "emergency",
        "emerg",
        "fatal",
        "panic",
        "severe",
        "fine",
        "finer",
        "finest",
        "config",
        "verbose",
        "success",
        "information",
        "dpanic",
        "dbg",
        "inf",
        "wrn",
        "ftl",
        "trc",
        "vrb",
        "exception",
        "log",
    ]
)
"""Words that a text format may take for a level where it expects one."""


_STEP = re.compile(r"([a-z]+)[+-]\d+")
"""slog's levels between two words: `INFO+2`."""


@lru_cache(maxsize=256)
def normalise(raw: str) -> tuple[str, str | None]:
    """(`log.level`, the original where its meaning was translated and must be kept)."""
    word = raw.strip().strip("[]").lower()
    step = _STEP.fullmatch(word)
    if step is not None:
        return normalise(step[1])[0], raw.strip()
    if word in CANONICAL:
        return word, None
    if word in _SPELLINGS:
        return _SPELLINGS[word], None
    if word in _MEANINGS:
        return _MEANINGS[word], raw.strip()
    return word, None


@lru_cache(maxsize=256)
def from_number(number: int) -> str:
    """A level on the 10-to-60 scale (pino, bunyan, Python) or syslog's 0-7 as a word."""
    if 0 <= number <= 7:
        return SYSLOG[number]
    if number in PINO:
        return PINO[number]
    return PINO[min(60, max(10, number // 10 * 10))]
