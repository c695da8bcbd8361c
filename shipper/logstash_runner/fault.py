"""What can go wrong with one event while it passes the filters."""

from __future__ import annotations


class EventFault(Exception):  # noqa: N818 - it concerns an event, not the program: a filter turns it into a tag
    """A field or a value that an operation cannot work with."""


class ConditionFault(EventFault):
    """A condition that cannot be decided for this event: Logstash logs it and drops the event."""
