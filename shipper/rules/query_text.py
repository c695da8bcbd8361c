"""KQL inside a rule: parsed with the rule's name in the message."""

from __future__ import annotations

from shipper.errors import ConfigError
from shipper.kql import KqlError, Node, parse


def parse_query(text: str, rule: str, key: str) -> Node:
    """The tree of a rule's query.

    Raises:
        ConfigError: it is not in the subset.
    """
    try:
        return parse(text)
    except KqlError as error:
        raise ConfigError(error.message, where=f"rule {rule}: `{key}`, {error.where}", hint=error.hint) from error
