"""Write shipper/ecs/table.py from a copy of the ECS release: `scripts/make_ecs_table.py FOLDER > shipper/ecs/table.py`.

FOLDER holds `version` and `ecs_flat.yml` as elastic/ecs publishes them (Apache-2.0). Only facts are taken: names,
types, which fields are arrays, which values are allowed.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

_HEAD = '''\
"""The fields of the Elastic Common Schema: names, types, arrays, allowed values. Written by scripts/make_ecs_table.py.

The facts come from the Elastic Common Schema {version}, Copyright Elasticsearch B.V., Apache-2.0
(https://github.com/elastic/ecs: LICENSE.txt, NOTICE.txt).
"""

from __future__ import annotations

VERSION = "{version}"
"""Written as `ecs.version` into documents that Shipper builds itself."""
'''

_FOOT = '''
TYPES: dict[str, str] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
"""Each leaf field with its Elasticsearch type."""

ARRAYS: frozenset[str] = frozenset(_ARRAYS.split())
"""Fields whose values are lists."""

ALLOWED: dict[str, frozenset[str]] = {name: frozenset(values.split()) for name, values in _ALLOWED.items()}
"""Fields with a closed set of values."""

CONTAINERS: frozenset[str] = frozenset({"object", "flattened", "nested"})
"""Types whose value is an object (or a list of objects), free inside."""

OBJECTS: frozenset[str] = frozenset(
    name[:dot] for name in TYPES for dot, char in enumerate(name) if char == "."
) | frozenset(name for name, kind in TYPES.items() if kind in CONTAINERS)
"""Paths at which a scalar would make Elasticsearch refuse the document."""
'''


def main(folder: Path) -> None:
    """Print the module."""
    fields: dict[str, Any] = yaml.load((folder / "ecs_flat.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    by_type: dict[str, list[str]] = {}
    for name, field in fields.items():
        by_type.setdefault(field["type"], []).append(name)
    print(_HEAD.format(version=(folder / "version").read_text().strip()))
    print("_NAMES: dict[str, str] = {")
    for kind, names in sorted(by_type.items()):
        print(f'    "{kind}": """\n{_wrap(names)}\n""",')
    print("}\n")
    print(f'_ARRAYS = """\n{_wrap(n for n, f in fields.items() if "array" in f.get("normalize", ()))}\n"""\n')
    print("_ALLOWED: dict[str, str] = {")
    for name, field in sorted(fields.items()):
        if field.get("allowed_values"):
            print(f'    "{name}": """\n{_wrap(v["name"] for v in field["allowed_values"])}\n""",')
    print("}")
    print(_FOOT, end="")


def _wrap(names: Any) -> str:
    return textwrap.fill(" ".join(sorted(names)), width=118, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
