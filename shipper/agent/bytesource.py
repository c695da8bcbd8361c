"""Bytes of a file by plain offset, whether it is stored plain or compressed."""

from __future__ import annotations

import bz2
import errno
import lzma
import os
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO, Protocol

from shipper.agent.descriptors import opening

if TYPE_CHECKING:
    from collections.abc import Callable

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
"""Endings of compressed files; their content decides whether they really are."""


class ByteSource(Protocol):
    """An open file."""

    def read_at(self, position: int, size: int) -> bytes:
        """Up to `size` plain bytes at `position`; empty at the end (so far).

        Raises:
            OSError: it cannot be read; a compressed file that is damaged or not whole yet is an OSError too.
        """

    def stat(self) -> os.stat_result:
        """Of the open file, wherever its name went."""

    def close(self) -> None: ...

    @property
    def plain(self) -> bool:
        """Is `st_size` the plain size?"""


class _Stream(Protocol):
    """What the decompressors have in common."""

    def seek(self, position: int, /) -> int: ...
    def read(self, size: int, /) -> bytes: ...


class PlainFile:
    """A file as it stands."""

    __slots__ = ("_descriptor",)
    plain = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read_at(self, position: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, position)

    def stat(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


class CompressedFile:
    """A compressed file read forward; a step back starts again from its first byte."""

    plain = False

    def __init__(self, descriptor: int, opener: Callable[[BinaryIO], _Stream]) -> None:
        self._raw = open(descriptor, "rb")  # noqa: SIM115 - closed by close()
        self._opener = opener
        self._stream: _Stream | None = None

    def read_at(self, position: int, size: int) -> bytes:
        try:
            if self._stream is None:
                self._raw.seek(0)
                self._stream = self._opener(self._raw)
            self._stream.seek(position)
            return self._stream.read(size)
        except Exception as error:
            self._stream = None
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk's own
            raise OSError(None, f"not a whole compressed file: {error}") from error

    def stat(self) -> os.stat_result:
        return os.fstat(self._raw.fileno())

    def close(self) -> None:
        self._raw.close()


def open_source(path: str) -> ByteSource:
    """Open `path`, compressed if its name and its first bytes say so.

    Raises:
        OSError: it cannot be opened, or is no regular file (any more): to open a pipe would wait for its writer.
        DescriptorsExhaustedError: nothing can be opened now.
    """
    with opening(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file", path)
    if not path.endswith(COMPRESSED):
        return PlainFile(descriptor)
    try:
        opener = _opener(os.pread(descriptor, 6, 0))
    except BaseException:
        os.close(descriptor)
        raise
    return PlainFile(descriptor) if opener is None else CompressedFile(descriptor, opener)


def _opener(magic: bytes) -> Callable[[BinaryIO], _Stream] | None:
    if magic.startswith(b"\x1f\x8b"):
        from isal import igzip  # noqa: PLC0415 - only where there is a compressed file

        return igzip.open
    if magic.startswith(b"BZh"):
        return bz2.BZ2File
    if magic.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return _zstd()
    return None


def _zstd() -> Callable[[BinaryIO], _Stream]:
    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdFile  # noqa: PLC0415 - only where there is a compressed file
    else:
        from backports.zstd import ZstdFile  # noqa: PLC0415 - as above

    return ZstdFile
