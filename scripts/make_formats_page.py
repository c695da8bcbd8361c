"""Write docs/concepts/formats.md from the code: formats, key names, examples. A test compares the result.

Run `python -m scripts.make_formats_page` in the repository after a change of formats or samples.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.format import Continuation
from shipper.agent.codec.registry import FALLBACK, FORMATS, GROUPS
from shipper.agent.codec.structured import common
from shipper.agent.codec.structured.json_line import LOGGERS
from shipper.agent.codec.text.pattern import GROK
from shipper.agent.codec.trace import TRACES
from tests.unit.codec.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "concepts" / "formats.md"
_FOLLOW = {
    Continuation.NONE: "one line",
    Continuation.TRACE: "and its stack trace",
    Continuation.INDENTED: "and indented lines, stack traces",
    Continuation.ANY: "and all lines up to the next head",
}

_HEAD = """\
# Formats

Written from the code by `scripts/make_formats_page.py`.

`codec: auto`, the default, finds the format of each source and adapts line by line: the usual format of the source is
tried first, then the others, the surest first. A name from the table below pins it. Lines of Docker's json-file and of
CRI are unwrapped first, parts joined per stream (`stdout`, `stderr`); what is inside is converted by its own format.

```yaml
codec:
  codec: auto                # or a name below
  timezone: local            # of stamps without a zone: local, UTC, Europe/Berlin, +02:00
  max_record_bytes: 1MiB     # longer records are cut and flagged `truncated`
  max_fields: 1000           # leaf fields of a document; the rest is kept as text in shipper.overflow
```

Try one: `shipper convert --codec auto app.log`.
"""

_RULES = """
## A layout of your own
```yaml
codec:
  pattern: '%{TIMESTAMP_ISO8601:time} \\[%{LOGLEVEL:level}\\] %{NUMBER:shop.took:float} %{GREEDYDATA:message}'
  # or named groups, `__` standing for a dot:
  # '(?P<time>\\S+ \\S+)\\|(?P<level>\\w+)\\|(?P<shop__order>\\d+)\\|(?P<message>.*)'
  patterns: {ORDER: '[A-Z]-%{INT}'}   # further names for %{NAME}
  time_format: '%d|%m|%Y %H.%M.%S'    # only where the time is in none of the usual layouts
  continuation: any                   # lines that do not match: none, trace, indented, any
```
`time`, `level`, `logger`, `thread` and `pid` mean their ECS fields; other names are ECS names or become labels. The
pattern must match the whole first line of a record. It runs on RE2, in linear time: look-around and back-references
are refused when the configuration is read. Names known to `%{…}`: GROK_NAMES.

## What always comes out
- `@timestamp` in UTC, as precise as the source. Numbers are seconds, ms, us or ns by their magnitude. The zone is the
  line's, else the configured one. A year that is not written follows from the line before (across New Year too), else
  from the file's time; in the hour that a clock change repeats, the order of the lines decides. A record without a
  time has the time of the record before it, else the file's. What was assumed is in `shipper.flags`: `assumed_time`,
  `assumed_year`, `assumed_date`, `ambiguous_hour`, `missing_hour`.
- `log.level` in one spelling (trace, debug, info, notice, warning, error, critical, alert, emergency, fatal, or the
  log's own word in lower case); where a word was translated (SEVERE, FINE, INFO+2) the original is in `labels.level`.
- `message`, `ecs.version`; `error.type`, `error.message`, `error.stack_trace` and `error.id` where a stack trace was
  found: it is cut out of `message`. `error.id` is the same for the same type and frames, whatever the line numbers,
  addresses and values.
- ECS fields have their ECS type; text becomes a number where nothing is lost. A value that does not fit its field, or
  a scalar where ECS has an object (`event: "x"`, `host: "db1"`), goes to `labels.<name>`, an object to `custom.<name>`.
- Custom scalars become `labels.<name>`, custom objects keep their name: so no custom root name is a scalar in one
  service and an object in another. A document that is ECS already (`@timestamp` and `ecs.version`) keeps its own names.
- Nothing that was not in the line or configured. Secrets are masked: see [redaction](redaction.md).
"""


def page() -> str:
    """The whole page."""
    rules = _RULES.replace("GROK_NAMES", ", ".join(sorted(GROK)))
    return "".join([_HEAD, *_table(), rules, *_keys(), *_examples(), *_limits()])


def _table() -> Iterator[str]:
    yield "\n## The formats\n| codec | what it is | a record is |\n|---|---|---|\n"
    for name, format_ in FORMATS.items():
        yield f"| `{name}` | {_first_line(format_)} | {_FOLLOW[format_.continuation]} |\n"
    yield f"| `{FALLBACK.name}` | {_first_line(FALLBACK)} | {_FOLLOW[FALLBACK.continuation]} |\n"
    groups = "; ".join(f"`{name}` = {', '.join(names)}" for name, names in sorted(GROUPS.items()))
    yield f"\nNames for several: {groups}.\n"
    yield f"\nStack traces: {', '.join(trace.name for trace in TRACES)}.\n"


def _first_line(thing: object) -> str:
    return (type(thing).__doc__ or "").strip().split("\n")[0].rstrip(".").replace("|", "\\|")


def _keys() -> Iterator[str]:
    yield "\n## JSON keys\n"
    yield "Loggers with a shape of their own: "
    yield "; ".join(f"{logger.name} ({_first_line(logger)})" for logger in LOGGERS[:-1])
    yield ".\n\nAll others by the names of their keys, the first that fits:\n\n| field | keys |\n|---|---|\n"
    for field, keys in common.KEYS.items():
        yield f"| `{field}` | {', '.join(f'`{key}`' for key in keys)} |\n"


def _examples() -> Iterator[str]:
    yield "\n## Examples\n"
    for name, samples in SAMPLES.items():
        decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=1_767_225_600.0, nested_only=True)
        documents = [*decoder.feed(samples[0].encode()).documents, *decoder.flush().documents]
        shown = "\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
        yield f"\n### {name}\n```text\n{samples[0]}\n```\n```json\n{shown}\n```\n"


def _limits() -> Iterator[str]:
    yield """
## Limits
- Epoch numbers before 1973 are not taken for times.
- Zone abbreviations that mean several zones are read as: IST India, CST and EST North America, BST Britain.
- A document with one JSON key twice keeps the last value; on the fast path it leaves as it is, and Elasticsearch
  refuses it (it is then in the dead letters).
- Two services that log a custom field of the same name, one as ECS root scalar and one as object, clash in
  Elasticsearch; so do `a.b` as scalar and as object in two custom objects.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
