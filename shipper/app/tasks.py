"""One record a Celery task, with the trace id of whoever sent it."""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

from shipper.app.context import bind, bound, clear
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_log = logging.getLogger("celery.task")
_HEADER = "shipper_trace_id"
_OUTCOMES = {"SUCCESS": "success", "FAILURE": "failure"}


class CeleryTasks:
    """Connects to Celery's signals (https://docs.celeryq.dev/en/stable/userguide/signals.html).

    A task's records carry `trace.id` (the sender's, else a new one), `celery.task.id` and `celery.task.name`; at its
    end one record on the logger `celery.task` has `event.duration` (ns), `event.outcome` and, where it failed,
    `error.*`. Celery is kept from replacing the handlers of the root logger.

    Raises:
        UsageError: Celery is not installed.
    """

    def __init__(self) -> None:
        try:
            # only services with tasks have it; Celery has no types
            from celery import signals  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; optional
        except ImportError as error:
            raise UsageError("Celery is not installed", where="app.CeleryTasks", hint="pip install celery") from error
        self._begun: dict[str, float] = {}
        signals.setup_logging.connect(self._keep_handlers, weak=False)
        signals.before_task_publish.connect(self._publish, weak=False)
        signals.task_prerun.connect(self._begin, weak=False)
        signals.task_postrun.connect(self._end, weak=False)
        signals.task_retry.connect(self._retry, weak=False)

    def _keep_handlers(self, **_rest: Any) -> None:
        """That someone is connected to this signal is what keeps Celery from configuring logging."""

    def _publish(self, headers: MutableMapping[str, Any] | None = None, **_rest: Any) -> None:
        trace = bound().get("trace.id")
        if headers is not None and trace is not None:
            headers.setdefault(_HEADER, trace)

    def _begin(self, task_id: str, task: Any, **_rest: Any) -> None:
        sent = getattr(task.request, _HEADER, None) or (task.request.headers or {}).get(_HEADER)
        clear()  # a pool's thread runs one task after the other
        bind(**{
            "trace.id": str(sent or secrets.token_hex(16)),
            "celery.task.id": task_id,
            "celery.task.name": task.name,
        })  # fmt: skip
        self._begun[task_id] = time.perf_counter()

    def _end(self, task_id: str, task: Any, state: str | None = None, retval: Any = None, **_rest: Any) -> None:
        begun = self._begun.pop(task_id, None)
        fields: dict[str, Any] = {"event": {"outcome": _OUTCOMES.get(state or "", "unknown")}}
        if begun is not None:
            fields["event"]["duration"] = int((time.perf_counter() - begun) * 1e9)
        failed = state == "FAILURE"
        _log.log(
            logging.ERROR if failed else logging.INFO,
            "task %s: %s",
            task.name,
            (state or "unknown").lower(),
            extra=fields,
            exc_info=retval if failed and isinstance(retval, BaseException) else None,
        )
        clear()

    def _retry(self, request: Any, reason: Any, **_rest: Any) -> None:
        _log.warning("task %s is tried again: %s", request.task, reason)
