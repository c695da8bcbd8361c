"""File descriptors: how many the process may have, and how many of them log files may take."""

from __future__ import annotations

import contextlib
import errno
import logging
import resource
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shipper.agent.bytesource import ByteSource
    from shipper.agent.input.file import FileInput

_LOG = logging.getLogger("shipper.agent.descriptors")
_MOST = 65536
"""What the limit is raised to at most; more costs memory in the kernel and serves nobody."""
_RESERVE = 40
"""For outputs, state files, listeners, notices, and files that are opened to be compared."""
_SHORT = (errno.EMFILE, errno.ENFILE)


class DescriptorsExhaustedError(UnavailableError):
    """No descriptor is left. It is not an OSError: nothing follows from it for the file that was to be opened."""


@contextlib.contextmanager
def opening(path: str) -> Iterator[None]:
    """Around a system call that takes a descriptor.

    Raises:
        DescriptorsExhaustedError: there is none.
        OSError: any other failure, as it was.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _SHORT:
            raise
        raise DescriptorsExhaustedError(
            "no file descriptor is left",
            where=path,
            hint="raise the limit (`ulimit -n`, LimitNOFILE= in a systemd unit), or lower max_open",
        ) from error


def raise_limit() -> int:
    """Raise the process's soft limit as far as it is allowed to be and is of use; the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):  # a container may forbid it; the old limit holds
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return limit()


def limit() -> int:
    """Descriptors that the process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else soft


def share_of_logs(descriptors: int, connections: int = 0) -> int:
    """How many of `descriptors` log files may take, where so many connections may come in; at least one."""
    return max(1, descriptors - min(connections, descriptors // 2) - _RESERVE)


def is_scarce(descriptor: int) -> bool:
    """Is one that was just opened among the last, which outputs and state need? The lowest free one comes first."""
    most = limit()
    return descriptor >= most - min(_RESERVE, most // 5)


class OpenFiles:
    """Counts the log files that are open, over all inputs; used by the reader thread, read by others.

    Attributes:
        count: open now; `compressed` of them cannot be closed before their end.
        limit: open at most; those beyond it are open during their turn only.
    """

    def __init__(self, share: int) -> None:
        """`share`: see `share_of_logs`."""
        self._share = share
        self._bounded = share
        self._told = False
        self.count = 0
        self.compressed = 0
        self.limit = share

    def share(self, share: int) -> None:
        """Another configuration leaves another share, from the next scan on; a shortage met before still counts."""
        whole = self._share == self._bounded
        self._bounded = share
        self._share = share if whole else min(self._share, share)
        self._told = False

    def bound(self, inputs: Sequence[FileInput]) -> None:
        """Once a scan: the inputs' `max_open`; what a shortage took away comes back one by one."""
        self._share = min(self._share + 1, self._bounded)
        self.limit = min((self._share, *(each.settings.max_open for each in inputs)))

    def shrink(self) -> None:
        """There was no descriptor left: something else needs more than was set aside for it."""
        self._share = self.limit = max(1, min(self.limit, self.count) * 3 // 4)

    def opened(self, file: ByteSource) -> None:
        self.count += 1
        self.compressed += not file.plain

    def closed(self, file: ByteSource) -> None:
        self.count -= 1
        self.compressed -= not file.plain

    @property
    def over(self) -> bool:
        """Are more files open than may stay so?"""
        over = self.count > self.limit
        if over and self.limit == self._share and not self._told:
            self._told = True
            _LOG.warning(
                "%d file descriptors leave %d for log files; the others are opened in turn:"
                " raise the limit (`ulimit -n`, LimitNOFILE= in a systemd unit)",
                limit(),
                self.limit,
            )
        return over

    @property
    def has_room_for_compressed(self) -> bool:
        """One that is closed before its end begins again from its first byte, so few are open at a time."""
        return self.compressed < max(1, self.limit // 4)
