"""One name for "the same error": stable when line numbers, addresses, paths and values change."""

from __future__ import annotations

import hashlib
import re

_FRAMES = (
    re.compile(r'[|>+\s]*File "(?:[^"]*[/\\])?(?P<file>[^"/\\]+)", line \d+(?:, in (?P<name>.+))?'),  # Python
    re.compile(r"\s*at (?P<name>[\w.$<>\[\]` /]+?)\s?\((?:.*[/\\])?(?P<file>[^():/\\]*)(?::\d+)*\)"),  # Java, Node, C#
    re.compile(r"\s*at (?:async )?(?P<name>)(?:.*[/\\])?(?P<file>[^():/\\]+)(?::\d+)+$"),  # Node, no name
    re.compile(r"#\d+ +(?P<name>\S[^()]*) \((?:[^()]*[/:])?(?P<file>[^():/]+\.dart)"),  # Dart
    re.compile(r"\s*#\d+ (?:.*[/\\])?(?P<file>[^/\\(]+)\(\d+\): (?P<name>[^(]+)"),  # PHP
    re.compile(r"\s*(?:from |\d+: from )?(?:.*[/\\])?(?P<file>[^/\\:]+\.rb):\d+:in [`'](?P<name>[^']+)'"),  # Ruby
    re.compile(r"(?P<name>[\w./()*\-]+\.[\w.()*]+)\((?:0x|\.\.\.|\{|\)|[^)]*\)$)(?P<file>)"),  # Go
    re.compile(r"\s*\d+: (?:0x[0-9a-f]+ - )?(?P<name>[\w:<>$ {}.]+?)(?:::h[0-9a-f]{16})?$(?P<file>)"),  # Rust
)
_FRAME_SIZE = 400
"""Characters of a line that are looked at: no frame is longer, and some of the patterns take quadratic time."""
_NOISE = re.compile(r"0x[0-9a-fA-F]+|\d+")


def fingerprint(kind: object, lines: list[str]) -> str:
    """16 hexadecimal digits from the type and the frames' files and functions."""
    digest = hashlib.blake2b(str(kind or "").encode("utf-8", "replace"), digest_size=8)
    for line in lines:
        for frame in _FRAMES:
            match = frame.match(line[:_FRAME_SIZE])
            if match is not None:
                place = f"\n{match['file']}|{match['name'] or ''}"
                digest.update(_NOISE.sub("0", place).encode("utf-8", "replace"))
                break
    return digest.hexdigest()
