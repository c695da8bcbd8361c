"""The twelve kinds of trouble: what they change, since when they can be seen, and which finding names their cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.incidents.world import Machine, Minute

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Trouble:
    """One incident, `begin` to `end` in epoch seconds.

    Attributes:
        visible: when what grows slowly passes the line that makes it an incident; `begin` for what comes at once.
        cause: a finding whose group has one of these (field, value) names the cause.
        about: values of group fields that findings about this trouble have.
    """

    name: str
    begin: int
    end: int
    visible: int
    cause: frozenset[tuple[str, str]]
    about: frozenset[str]
    minute: Callable[[Minute, float], None] | None = None
    machine: Callable[[Machine, float], None] | None = field(default=None)

    def shape(self, minute: Minute, at: int) -> None:
        """Change what a service does in the minute from `at` on."""
        if self.minute is not None and self.begin <= at < self.end and minute.service in self.about:
            self.minute(minute, (at - self.begin) / 60)

    def wear(self, machine: Machine, at: int) -> None:
        """Change what hosts and the database say in the minute from `at` on."""
        if self.machine is not None and self.begin <= at < self.end:
            self.machine(machine, (at - self.begin) / 60)


def twelve(start: int, apart: int = 4 * HOUR) -> list[Trouble]:
    """One of each kind, `apart` seconds from each other."""
    return [make(start + number * apart) for number, make in enumerate(KINDS)]


def _slow_endpoint(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.slower["/checkout"] = 12.0

    return _of("slow endpoint", at, 40, ("http.route", "/checkout"), {"shop", "/checkout"}, shape)


def _slow_dependency(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.slower |= {"/charge": 14.0, "/refund": 14.0}

    def wear(machine: Machine, _: float) -> None:
        machine.query_ms = 3000.0

    about = {"pay", "/charge", "/refund", "db-1"}
    return _of("slow dependency", at, 40, ("host.name", "db-1"), about, shape, wear)


def _error_burst(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.errors["mail"] = 0.4

    return _of("error burst", at, 20, ("service.name", "mail"), {"mail"}, shape)


def _new_error(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.extra_error = ("SchemaMismatchError", 1.0)

    return _of("new error", at, 30, ("error.type", "SchemaMismatchError"), {"shop"}, shape)


def _retry_storm(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.rate *= 8
        minute.errors["search"] = 0.25

    return _of("retry storm", at, 30, ("service.name", "search"), {"search"}, shape)


def _saturation(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.slower["pay-1"] = 400.0
        minute.rate *= 1.5

    about = {"pay", "pay-1", "/charge", "/refund"}
    return _of("saturation", at, 40, ("host.name", "pay-1"), about, shape)


def _memory_leak(at: int) -> Trouble:
    def wear(machine: Machine, minutes: float) -> None:
        machine.memory["mail-2"] = min(0.99, 0.55 + minutes * 0.004)

    found = _of("memory leak", at, 150, ("host.name", "mail-2"), {"mail-2"}, None, wear)
    return _later(found, 93)  # 0.55 + 93 * 0.004 = 0.92


def _traffic_drop(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.rate *= 0.2

    return _of("traffic drop", at, 60, ("service.name", "shop"), {"shop"}, shape)


def _flapping(at: int) -> Trouble:
    def shape(minute: Minute, minutes: float) -> None:
        if minutes // 6 % 2 == 0:
            minute.errors["mail"] = 0.4

    return _of("flapping", at, 60, ("service.name", "mail"), {"mail"}, shape)


def _slow_drift(at: int) -> Trouble:
    def shape(minute: Minute, minutes: float) -> None:
        minute.slower |= dict.fromkeys(("/query", "/suggest"), 1 + minutes / 60)

    found = _of("slow drift", at, 180, ("http.route", "/query"), {"search", "/query", "/suggest"}, shape)
    return _later(found, 60)  # twice as slow as it was


def _bad_deploy(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.errors["shop-2"] = 0.3

    return _of("bad deploy on one host", at, 40, ("host.name", "shop-2"), {"shop", "shop-2"}, shape)


def _silent(at: int) -> Trouble:
    def shape(minute: Minute, _: float) -> None:
        minute.rate = 0.0

    return _of("silent service", at, 40, ("service.name", "mail"), {"mail"}, shape)


KINDS = (
    _slow_endpoint, _slow_dependency, _error_burst, _new_error, _retry_storm, _saturation, _memory_leak,
    _traffic_drop, _flapping, _slow_drift, _bad_deploy, _silent,
)  # fmt: skip


def _of(  # noqa: PLR0913, PLR0917 - a row of a table
    name: str,
    at: int,
    minutes: int,
    cause: tuple[str, str],
    about: set[str],
    minute: Callable[[Minute, float], None] | None = None,
    machine: Callable[[Machine, float], None] | None = None,
) -> Trouble:
    return Trouble(name, at, at + minutes * 60, at, frozenset({cause}), frozenset(about), minute, machine)


def _later(trouble: Trouble, minutes: int) -> Trouble:
    return Trouble(
        trouble.name, trouble.begin, trouble.end, trouble.begin + minutes * 60, trouble.cause, trouble.about,
        trouble.minute, trouble.machine,
    )  # fmt: skip
