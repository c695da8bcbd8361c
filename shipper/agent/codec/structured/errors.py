"""Errors as JSON loggers write them: text, objects, lists of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec import trace

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_TYPE = ("type", "name", "class", "kind", "className", "exc_type", "Type")
_MESSAGE = ("message", "msg", "description", "exc_value", "Message")
_STACK = ("stack", "stack_trace", "stackTrace", "stacktrace", "trace", "traceback", "StackTrace", "StackTraceString")


def error_object(fields: Fields, error: Entry, rest_under: str) -> None:
    """`{type, message, stack, …}` -> `error.*`; what else it holds stays under `rest_under`."""
    rest = dict(error)
    for name, keys in (("error.type", _TYPE), ("error.message", _MESSAGE)):
        for key in keys:
            value = rest.get(key)
            if isinstance(value, str) and value:
                fields.setdefault(name, value)
                del rest[key]
                break
    for key in _STACK:
        stack = stack_text(rest.get(key))
        if stack:
            fields.setdefault("error.stack_trace", stack)
            del rest[key]
            break
    code = rest.get("code")
    if isinstance(code, str | int) and not isinstance(code, bool):
        fields.setdefault("error.code", rest.pop("code"))
    if rest:
        fields[rest_under] = rest


def error_text(fields: Fields, text: str) -> None:
    """A stack trace or a message."""
    if "\n" in text and trace.split(text.split("\n")) is not None:
        fields.setdefault("error.stack_trace", text)
    else:
        fields.setdefault("error.message", text)


def stack_text(value: Any) -> str | None:
    """A stack as text, from text or from a list of lines or frames."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list) and value:
        return "\n".join(line if isinstance(line, str) else _frame(line) for line in value)
    return None


def _frame(frame: Any) -> str:
    if not isinstance(frame, dict):
        return str(frame)
    name = _first(frame, "func", "function", "name", "method", "methodName", "method_name") or "?"
    file = _first(frame, "source", "file", "filename", "fileName", "file_name") or "?"
    line = _first(frame, "line", "lineno", "lineNumber", "line_number")
    return f"    at {name} ({file}{'' if line is None else f':{line}'})"


def _first(entry: Entry, *keys: str) -> Any:
    return next((entry[key] for key in keys if entry.get(key) not in (None, "")), None)


def structured_traceback(value: Any) -> tuple[str | None, str | None, str] | None:
    """Structlog's list of `{exc_type, exc_value, frames}` (cause last) -> (type, message, text as Python prints it)."""
    if not isinstance(value, list) or not value or not all(isinstance(e, dict) and "exc_type" in e for e in value):
        return None
    blocks = []
    for error in reversed(value):
        frames = [
            f'  File "{frame.get("filename")}", line {frame.get("lineno")}, in {frame.get("name")}'
            + (f"\n    {str(frame['line']).strip()}" if frame.get("line") else "")
            for frame in error.get("frames") or []
            if isinstance(frame, dict)
        ]
        final = f"{error['exc_type']}: {error.get('exc_value')}" if error.get("exc_value") else str(error["exc_type"])
        link = (
            ""
            if error is value[0]
            else (
                "\n\nThe above exception was the direct cause of the following exception:\n"
                if value[value.index(error) - 1].get("is_cause")
                else "\n\nDuring handling of the above exception, another exception occurred:\n"
            )
        )
        blocks.append("\n".join(["Traceback (most recent call last):", *frames, final]) + link)
    top = value[0]
    return top.get("exc_type"), top.get("exc_value") or None, "\n".join(blocks)
