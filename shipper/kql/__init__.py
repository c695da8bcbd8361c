"""Our documented subset of KQL: one text, two readers that agree.

`to_dsl` gives Elasticsearch's query, `matcher` a test on plain documents; a property test holds them together on a
real Elasticsearch. Used by rules (live and offline) and dashboards. docs/concepts/kql.md is the reference.
"""

from shipper.kql.dsl import to_dsl
from shipper.kql.lens import Lens, Values
from shipper.kql.match import matcher, matches, sieve, values
from shipper.kql.nodes import KqlError, Node, fields
from shipper.kql.parser import parse
from shipper.kql.values import FieldTypes

__all__ = [
    "FieldTypes",
    "KqlError",
    "Lens",
    "Node",
    "Values",
    "fields",
    "matcher",
    "matches",
    "parse",
    "sieve",
    "to_dsl",
    "values",
]
