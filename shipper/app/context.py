"""Fields that follow a request through threads of control: trace id, user, tenant."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FIELDS: ContextVar[Mapping[str, object]] = ContextVar("shipper_app_fields", default={})  # noqa: B039 - replaced, never changed


def bound() -> Mapping[str, object]:
    """The fields that records of this context carry: dotted ECS name -> value."""
    return _FIELDS.get()


def bind(**fields: object) -> None:
    """Add fields for the rest of this context (a task, a request): `bind(**{"user.id": "u-1"})`."""
    _FIELDS.set({**_FIELDS.get(), **fields})


def clear() -> None:
    """Forget all fields of this context."""
    _FIELDS.set({})


@contextmanager
def context(**fields: object) -> Iterator[None]:
    """Carry `fields` inside the block and no longer."""
    token = _FIELDS.set({**_FIELDS.get(), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)
