"""A file at a URL as one that can be read and sought in, fetched in blocks."""

from __future__ import annotations

import io

from dcvlr.remote.stores import RemoteFiles

_BLOCK_BYTES = 8 << 20


class RemoteReader(io.RawIOBase):
    """One block is in memory at a time; raises as `RemoteFiles` does."""

    def __init__(self, files: RemoteFiles, url: str, size: int) -> None:
        self._files, self._url, self._size = files, url, size
        self._position = self._start = 0
        self._block = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's buffer has no length
        if self._position >= self._size:
            return 0
        if not self._start <= self._position < self._start + len(self._block):
            self._start = self._position
            self._block = self._files.read(self._url, self._start, min(_BLOCK_BYTES, self._size - self._start))
        found = self._block[self._position - self._start :][: len(buffer)]
        buffer[: len(found)] = found
        self._position += len(found)
        return len(found)
