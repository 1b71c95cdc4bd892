# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Shows an MCAP file that a crashed recorder left without its end as one that is whole.

Nothing is written: reads beyond the last whole record see a closing footer instead.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b'\x89MCAP0\r\n'
_FOOTER = b'\x02' + (20).to_bytes(8, 'little') + bytes(20)  # no summary: readers then scan
_ENDS_DATA = (0x00, 0x02, 0x0F)  # preallocated zeros, footer, data end


def is_torn(path: Path) -> bool:
    """
    Tell an MCAP file that begins like one and does not end like one.
    """
    if path.suffix != '.mcap' or not path.is_file():
        return False
    with path.open('rb') as file:
        if file.read(len(MAGIC)) != MAGIC:
            return False
        size = file.seek(0, io.SEEK_END)
        file.seek(max(size - len(MAGIC), len(MAGIC)))
        return file.read() != MAGIC


def _end_of_records(file: BinaryIO) -> int:
    """
    Find where the last whole record of the data section ends.
    """
    size = file.seek(0, io.SEEK_END)
    end = len(MAGIC)
    while True:
        file.seek(end)
        head = file.read(9)
        length = int.from_bytes(head[1:], 'little')
        if len(head) < 9 or head[0] in _ENDS_DATA or end + 9 + length > size:
            return end
        end += 9 + length


class _MendedFile(io.RawIOBase):
    """
    The first `end` bytes of a file, then a footer.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = _end_of_records(file)
        self._tail = _FOOTER + MAGIC
        self._position = 0

    def readable(self) -> bool:
        """
        Say yes.
        """
        return True

    def seekable(self) -> bool:
        """
        Say yes.
        """
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """
        Move like in any file.
        """
        size = self._end + len(self._tail)
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: size}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """
        Fill the buffer from the file or from the footer.
        """
        if self._position < self._end:
            self._file.seek(self._position)
            data = self._file.read(min(len(buffer), self._end - self._position))
        else:
            start = self._position - self._end
            data = self._tail[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """
        Close the file below.
        """
        self._file.close()
        super().close()


class TornMcap:
    """
    Stands in for a path where the bag library takes one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name, self.suffix = path.name, path.suffix

    def __str__(self) -> str:
        """
        Show the path.
        """
        return str(self._path)

    def exists(self) -> bool:
        """
        Say whether the file is there.
        """
        return self._path.exists()

    def is_dir(self) -> bool:
        """
        Say no.
        """
        return False

    def open(self, mode: str = 'rb') -> BinaryIO:
        """
        Open for reading, mended.
        """
        return cast('BinaryIO', io.BufferedReader(_MendedFile(self._path.open('rb'))))
