"""MurmurHash3 as the gem `murmurhash3` computes it: x86 with 32 bits, x64 with 128 bits (Appleby, public domain)."""

from __future__ import annotations

_MASK32 = 0xFFFFFFFF
_MASK64 = 0xFFFFFFFFFFFFFFFF
_C1 = 0x87C37B91114253D5
_C2 = 0x4CF5AD432745937F


def murmur3_32(data: bytes) -> int:
    """32 bits, seed 0, as an unsigned number."""
    state = 0
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        state ^= _scrambled(int.from_bytes(data[at : at + 4], "little"))
        state = (_rotated(state, 13, 32) * 5 + 0xE6546B64) & _MASK32
    if whole < len(data):
        state ^= _scrambled(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    state = ((state ^ (state >> 16)) * 0x85EBCA6B) & _MASK32
    state = ((state ^ (state >> 13)) * 0xC2B2AE35) & _MASK32
    return state ^ (state >> 16)


def murmur3_128(data: bytes, seed: int) -> bytes:
    """128 bits: the two halves, each with its lowest byte first."""
    one = two = seed
    whole = len(data) - len(data) % 16
    for at in range(0, whole, 16):
        one ^= _first(int.from_bytes(data[at : at + 8], "little"))
        one = ((_rotated(one, 27, 64) + two) * 5 + 0x52DCE729) & _MASK64
        two ^= _second(int.from_bytes(data[at + 8 : at + 16], "little"))
        two = ((_rotated(two, 31, 64) + one) * 5 + 0x38495AB5) & _MASK64
    one ^= _first(int.from_bytes(data[whole : whole + 8], "little"))
    two ^= _second(int.from_bytes(data[whole + 8 :], "little"))
    one, two = _added(one ^ len(data), two ^ len(data))
    one, two = _added(_finished(one), _finished(two))
    return one.to_bytes(8, "little") + two.to_bytes(8, "little")


def _added(one: int, two: int) -> tuple[int, int]:
    total = (one + two) & _MASK64
    return total, (two + total) & _MASK64


def _scrambled(block: int) -> int:
    return (_rotated((block * 0xCC9E2D51) & _MASK32, 15, 32) * 0x1B873593) & _MASK32


def _first(block: int) -> int:
    return (_rotated((block * _C1) & _MASK64, 31, 64) * _C2) & _MASK64


def _second(block: int) -> int:
    return (_rotated((block * _C2) & _MASK64, 33, 64) * _C1) & _MASK64


def _finished(state: int) -> int:
    state = ((state ^ (state >> 33)) * 0xFF51AFD7ED558CCD) & _MASK64
    state = ((state ^ (state >> 33)) * 0xC4CEB9FE1A85EC53) & _MASK64
    return state ^ (state >> 33)


def _rotated(value: int, bits: int, width: int) -> int:
    return ((value << bits) | (value >> (width - bits))) & ((1 << width) - 1)
