"""Keeps glibc from mapping and unmapping each big buffer: 40 % of a shipper's CPU was that."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3


def keep_big_buffers(mmap_threshold: int = 32 * 1024 * 1024, trim_threshold: int = 64 * 1024 * 1024) -> bool:
    """Let buffers below `mmap_threshold` bytes come from the heap; False where the C library is another."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, mmap_threshold)) and bool(mallopt(_M_TRIM_THRESHOLD, trim_threshold))
