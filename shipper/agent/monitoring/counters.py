"""Every count that the agent keeps: what it means, and whether it is a loss; for status, metrics and pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """What a count says."""

    FLOW = "flow"
    """What went through."""
    LOST = "lost"
    """What will not arrive: lost, refused, or dropped by a policy."""
    CHANGED = "changed"
    """What arrived, but not as it was written: cut, masked, assumed."""
    TROUBLE = "trouble"
    """What went wrong, and is waited for or was got over."""


@dataclass(frozen=True, slots=True)
class Count:
    """One count since the agent's start.

    Attributes:
        unit: `bytes` or empty (a plain number).
        help: one sentence.
    """

    kind: Kind
    help: str
    unit: str = ""


COUNTS: Mapping[str, Count] = {
    "read": Count(Kind.FLOW, "Records read from their sources, and metrics made."),
    "bytes_read": Count(Kind.FLOW, "Bytes of the sources that were read.", "bytes"),
    "delivered": Count(Kind.FLOW, "Records that the output's peer acknowledged."),
    "bytes_delivered": Count(Kind.FLOW, "Bytes of the documents that were acknowledged.", "bytes"),
    "syslog_received": Count(Kind.FLOW, "Syslog messages taken into a spool."),
    "passed_over": Count(Kind.FLOW, "Records of a backfill that belong to others."),
    "dead_lettered": Count(Kind.LOST, "Records refused for good and kept as dead letters."),
    "dead_letters_dropped": Count(Kind.LOST, "Dead letters that made room for others (`drop_oldest`)."),
    "bytes_lost": Count(Kind.LOST, "Bytes seen in a file and truncated away unread, in no copy of it.", "bytes"),
    "descriptor_shortages": Count(Kind.TROUBLE, "Scans that ended early because no file descriptor was left."),
    "files_binary": Count(Kind.LOST, "Files left out because they look binary."),
    "files_unreadable": Count(Kind.LOST, "Files left out because they cannot be opened."),
    "folders_unreadable": Count(Kind.LOST, "Folders that cannot be looked into, so that their files are not known."),
    "files_own": Count(Kind.TROUBLE, "Files left out because the agent writes them itself: state, output, own log."),
    "files_failed": Count(Kind.LOST, "Files left where their codec failed; they wait for a restart."),
    "metrics_skipped": Count(Kind.LOST, "The agent's own records that found no room."),
    "metrics_damaged": Count(Kind.LOST, "The agent's own records that the disk damaged in their spool."),
    "syslog_dropped": Count(Kind.LOST, "UDP syslog messages that found the spool or the socket full."),
    "syslog_incomplete": Count(Kind.LOST, "Syslog messages that were open when the agent stopped."),
    "syslog_refused": Count(Kind.LOST, "Syslog connections refused because there were too many."),
    "syslog_evicted": Count(Kind.LOST, "Idle syslog connections closed to make room."),
    "spool_damaged": Count(Kind.LOST, "Pieces of a spool that the disk changed or cut after they were accepted."),
    "dropped_fields": Count(Kind.LOST, "Values left out of their record: each name for them was taken."),
    "syslog_cut": Count(Kind.CHANGED, "Syslog messages cut at `max_message`."),
    "syslog_late": Count(Kind.CHANGED, "Syslog messages taken unfinished after `timeout`."),
    "stdin_cut": Count(Kind.CHANGED, "Lines of standard input taken in pieces."),
    "redacted": Count(Kind.CHANGED, "Secrets masked."),
    "coerced": Count(Kind.CHANGED, "Values of another type than ECS says, turned into it."),
    "moved": Count(Kind.CHANGED, "Values moved beneath a name of their own, because ECS has another type there."),
    "truncated": Count(Kind.CHANGED, "Records cut at their greatest length."),
    "unparsed": Count(Kind.CHANGED, "Records that their codec could not read; they are sent as text."),
    "invalid_utf8": Count(Kind.CHANGED, "Records with bytes that are no UTF-8, each shown as U+FFFD."),
    "undecodable": Count(Kind.CHANGED, "Bytes that are no text in the file's encoding, each shown as U+FFFD."),
    "assumed_time": Count(Kind.CHANGED, "Records without a time of their own."),
    "assumed_year": Count(Kind.CHANGED, "Records whose time has no year."),
    "assumed_date": Count(Kind.CHANGED, "Records whose time has no date."),
    "ambiguous_hour": Count(Kind.CHANGED, "Records of the hour that comes twice when summer time ends."),
    "missing_hour": Count(Kind.CHANGED, "Records of the hour that summer time leaves out."),
    "truncations": Count(Kind.TROUBLE, "Files that were truncated or rewritten under their reader."),
    "read_errors": Count(Kind.TROUBLE, "Reads that failed; they are tried again."),
    "metrics_failed": Count(Kind.TROUBLE, "Datasets of the host that the system did not tell of."),
    "syslog_shortages": Count(
        Kind.TROUBLE, "Syslog connections that no file descriptor was left for; they wait and are tried again."
    ),
    "dead_letters_failures": Count(
        Kind.TROUBLE, "Writes of dead letters that the disk refused; the records wait and are sent again."
    ),
    "spool_failures": Count(Kind.TROUBLE, "Writes to a spool that the disk refused; they are tried again."),
}
"""Name -> what it is. A name that is not here (a codec's own) counts as changed."""

_OTHER = Count(Kind.CHANGED, "Records that a codec marked so.")


def described(name: str) -> Count:
    """What a count means."""
    return COUNTS.get(name, _OTHER)


def by_kind(counts: Mapping[str, int]) -> dict[Kind, dict[str, int]]:
    """The counts that are not zero, sorted, in their groups."""
    groups: dict[Kind, dict[str, int]] = {kind: {} for kind in Kind}
    for name, value in sorted(counts.items()):
        if value:
            groups[described(name).kind][name] = value
    return groups
