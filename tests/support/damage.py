"""What disks do to bytes."""

from __future__ import annotations

KINDS = ("cut", "zero", "flip")


def damage(data: bytes, position: int, kind: str) -> bytes:
    """`data` cut off at a position, or with that byte zeroed or one of its bits flipped."""
    if kind == "cut":
        return data[:position]
    byte = 0 if kind == "zero" else data[position] ^ (1 << position % 8)
    return data[:position] + bytes([byte]) + data[position + 1 :]
