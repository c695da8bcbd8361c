"""A campaign event: who did what to which thing, in which context, when, and for how much.

The wire form is the JSON of docs/concepts/architecture.md "Campaign events"; unknown keys are kept by whoever passes
the document on, and ignored here. Time is integer milliseconds since the epoch, money integer minor units.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from shipper.errors import UsageError
from shipper.event import get_field, set_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shipper.event import Document

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 10**13
"""Minor units of one event: a cell then holds a million of the largest before Elasticsearch's long overflows."""
_REQUIRED = ("tenant", "actor.id", "action")
_TEXTS = (
    *_REQUIRED, "actor.type", "event.id", "object.type", "object.id", "resource.type", "resource.id",
    "context.campaign.id", "context.message.id", "context.channel", "context.variant",
)  # fmt: skip
_TEXT_LIMIT = 512


class EventError(UsageError):
    """A document is not a campaign event; `where` names the field."""


class CampaignEvent(msgspec.Struct, frozen=True):
    """One valid event.

    Attributes:
        id: unique for the tenant; a second event with the same id is a duplicate.
        at: when it happened, milliseconds since the epoch, UTC.
        contact: `actor.id`.
        amount_minor: money in the currency's minor unit, negative for a refund; None without a value.
        currency: ISO 4217, upper case, empty without a value.
        document: what it was read from.
    """

    id: str
    at: int
    tenant: str
    contact: str
    action: str
    channel: str
    campaign: str
    message: str
    variant: str
    object_type: str
    object_id: str
    amount_minor: int | None
    currency: str
    document: dict[str, Any]


def parse(document: Any, default_id: str = "") -> CampaignEvent:
    """Validate one document; `default_id` is the id of one without `event.id`, else it is made of the content.

    Raises:
        EventError: a field is missing or of a wrong type, the time has no zone, or money is not an integer.
    """
    if not isinstance(document, dict):
        raise EventError("an event is a JSON object", hint="write one object a line")
    if not isinstance(document.get("event", {}), dict):
        raise EventError("`event` is not an object", where="event", hint="write the id as event.id")
    texts = {name: _text(document, name) for name in _TEXTS}
    for name in _REQUIRED:
        if not texts[name]:
            raise EventError(
                f"`{name}` is missing", where=name, hint="every event has a tenant, an actor and an action"
            )
    amount, currency = _money(document)
    return CampaignEvent(
        id=texts["event.id"] or default_id or derived_id(document),
        at=milliseconds(get_field(document, "@timestamp", None)),
        tenant=texts["tenant"],
        contact=texts["actor.id"],
        action=texts["action"],
        channel=texts["context.channel"],
        campaign=texts["context.campaign.id"],
        message=texts["context.message.id"],
        variant=texts["context.variant"],
        object_type=texts["object.type"],
        object_id=texts["object.id"],
        amount_minor=amount,
        currency=currency,
        document=document,
    )


def milliseconds(value: Any) -> int:
    """ISO 8601 text with a zone as milliseconds since the epoch; what is finer is cut.

    Raises:
        EventError: not such a text.
    """
    hint = "write ISO 8601 with a zone, as 2026-01-31T09:30:00Z"
    if not isinstance(value, str):
        raise EventError("`@timestamp` is missing" if value is None else "`@timestamp` is not text", hint=hint)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise EventError(f"`@timestamp` is not a time: {value[:40]!r}", where="@timestamp", hint=hint) from error
    if moment.tzinfo is None:
        raise EventError(f"`@timestamp` has no zone: {value[:40]!r}", where="@timestamp", hint=hint)
    try:
        return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError as error:
        raise EventError(
            f"`@timestamp` lies outside of the years 1 to 9999 in UTC: {value[:40]!r}", where="@timestamp", hint=hint
        ) from error


def iso(at: int) -> str:
    """Milliseconds since the epoch as `2026-01-31T09:30:00.000Z`."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def day(at: int) -> str:
    """The UTC day of a time: `2026-01-31`."""
    return _day(at // DAY_MS)


@functools.lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return iso(number * DAY_MS)[:10]


def derived_id(document: Document) -> str:
    """An id from the content alone, so that sending the same event again is a duplicate.

    Raises:
        EventError: the document is nested too deeply.
    """
    return hashlib.sha256(_encoded(document, orjson.OPT_SORT_KEYS)).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of NDJSON: the event, or why it is none."""

    number: int
    event: CampaignEvent | None
    error: EventError | None


def read_ndjson(lines: Iterable[bytes]) -> Iterator[Line]:
    """Read events from NDJSON, one `Line` for each line that is not blank; a bad line spares its neighbours."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = parse(_decoded(line))
        except EventError as error:
            yield Line(number, None, error)
        else:
            yield Line(number, event, None)


def wire(event: CampaignEvent) -> Document:
    """The document to send: as it was read, with its id."""
    document = orjson.loads(_encoded(event.document))
    set_field(document, "event.id", event.id)
    return dict(document)


def _encoded(document: Document, option: int = 0) -> bytes:
    try:
        return orjson.dumps(document, option=option)
    except orjson.JSONEncodeError as error:
        raise EventError("objects are nested too deeply", hint="an event needs three levels") from error


def _decoded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise EventError(f"not JSON: {error}", hint="write one JSON object a line") from error


def _text(document: Document, name: str) -> str:
    value = get_field(document, name, None)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EventError(f"`{name}` is {type(value).__name__}, not text", where=name, hint="put it in quotes")
    if len(value) > _TEXT_LIMIT:
        raise EventError(f"`{name}` is longer than {_TEXT_LIMIT} characters", where=name, hint="shorten it")
    return value


def _money(document: Document) -> tuple[int | None, str]:
    amount, currency = get_field(document, "value.amount_minor", None), get_field(document, "value.currency", None)
    if amount is None and currency is None:
        return None, ""
    if not isinstance(amount, int) or isinstance(amount, bool) or abs(amount) > _MOST:
        hint = "write integer minor units, 10^13 at most: 12.50 EUR is 1250; a refund is negative"
        raise EventError("`value.amount_minor` is not an integer, or too large", where="value.amount_minor", hint=hint)
    if not isinstance(currency, str) or len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        hint = "write the ISO 4217 code, as EUR"
        raise EventError("`value.currency` is not a currency code", where="value.currency", hint=hint)
    return amount, currency
