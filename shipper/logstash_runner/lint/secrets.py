"""Rule `secret`: a password or key written into the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.logstash_runner import tree
from shipper.logstash_runner.lint.finding import Finding, literal, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.logstash_runner.tree import Pipeline

_NAMES = re.compile(r"(?:.*_)?(?:password|passphrase|secret|api_key|token|cloud_auth)(?:_\w+)?")
_FINGERPRINT_KEY = "key"
_VARIABLE_ALONE = re.compile(r"(?:\$\{[^}:]+:?\})+|")
"""An empty default is no secret."""
_IN_URL = re.compile(r"://[^/@\s:]+:(?!\$\{)[^/@\s]+@")


def secrets(pipeline: Pipeline, _: Mapping[str, str]) -> Iterator[Finding]:
    """Look at every option of every plugin."""
    for kind in ("input", "filter", "output"):
        for plugin in tree.plugins(pipeline.section(kind).body):
            for attribute in plugin.attributes:
                named = _NAMES.fullmatch(attribute.name) or (
                    plugin.name == "fingerprint" and attribute.name == _FINGERPRINT_KEY
                )
                for text in texts(literal(attribute.value)):
                    if (named and not _is_safe(plugin, text)) or _IN_URL.search(text):
                        yield Finding(
                            "secret",
                            f"{attribute.name} of {plugin.name} is in the file",
                            attribute.place,
                            "use ${VARIABLE} without a default, and change what was written here",
                        )


def _is_safe(plugin: tree.Plugin, text: str) -> bool:
    prefix_length = plugin.name == "fingerprint" and text.isdecimal()
    return prefix_length or _VARIABLE_ALONE.fullmatch(text) is not None
