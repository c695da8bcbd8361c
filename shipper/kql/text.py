"""Text fields offline: Elasticsearch's standard analyzer for what logs contain.

Word boundaries of Unicode Annex 29 as Lucene applies them: letters, digits and `_` run together; `. : '` join between
letters, `. , ; '` between digits; ideographs and hiragana stand alone. Everything is lower case.
"""

from __future__ import annotations

import re

_ALONE = "\u3040-\u309f\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = rf"(?:(?![{_ALONE}])\w[\u0300-\u036f]*)+"
_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"[{_ALONE}]|{_RUN}(?:(?:(?<={_LETTER})[.:'\u00b7\u2018\u2019](?={_LETTER})|(?<=\d)[.,;'\u2018\u2019](?=\d)){_RUN})*"
)
MAX_TOKEN = 255
"""Characters; the analyzer cuts longer tokens."""


def tokens(text: str) -> list[str]:
    """The searchable tokens of a text, in order."""
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if any(character.isalnum() for character in token):
            lower = token.lower()
            found += [lower[at : at + MAX_TOKEN] for at in range(0, len(lower), MAX_TOKEN)]
    return found


def has_phrase(words: list[str], phrase: list[str]) -> bool:
    """Does `phrase` occur in `words`, unbroken and in order? An empty phrase occurs nowhere."""
    size = len(phrase)
    return size > 0 and any(words[at : at + size] == phrase for at in range(len(words) - size + 1))
