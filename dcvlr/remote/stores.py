"""Reading, listing and writing files at URLs: time-outs and further attempts around what fsspec does.

How a process reaches them holds for whoever asks, so this module has a state, as `dcvlr.images.memory` has.
"""

from __future__ import annotations

import io
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from dcvlr.http.fetch import TooLargeError
from dcvlr.http.guarded import guarded_session
from dcvlr.remote.access import MAX_FILE_BYTES, FileTooLargeError, RemoteAccess
from dcvlr.remote.cache import PictureCache
from dcvlr.remote.locators import without_query

log = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 10.0
_CONNECT_S = 15.0
_GONE, _FORBIDDEN = frozenset({404, 410}), frozenset({400, 401, 403, 405, 407, 451})
_STATES = ("ETag", "etag", "blob_id", "md5Hash", "Content-MD5", "LastModified", "Last-Modified", "mtime", "updated")

T = TypeVar("T")


class RemoteFile(NamedTuple):
    """A file as its store describes it; `version` is another text whenever its bytes are others."""

    url: str
    size: int | None
    version: str
    is_folder: bool = False


class RemoteFiles:
    """What fsspec reaches, within the limits of `access`, and what was fetched lately.

    Every method raises `FileNotFoundError` for what is not there, `PermissionError` for what is refused,
    `FileTooLargeError` for more bytes than are read, `TimeoutError`, or `ConnectionError` for what did not work
    `attempts` times; no message has a query in it.
    """

    def __init__(self, access: RemoteAccess) -> None:
        self._begin(access)

    def use(self, access: RemoteAccess) -> None:
        """Other limits, from the next request on."""
        if access != self.access:
            self._begin(access)

    def _begin(self, access: RemoteAccess) -> None:
        self.cache = PictureCache(access.cache_folder, access.cache_mb << 20)
        self._systems: dict[str, Any] = {}  # by scheme
        self.access = access  # last: threads that find it here rely on the rest

    def read(self, url: str, start: int = 0, size: int | None = None) -> bytes:
        """The whole file, or exactly `size` bytes from `start`."""
        if (size or 0) > MAX_FILE_BYTES:
            raise FileTooLargeError(f"{without_query(url)}: {size} bytes are more than {MAX_FILE_BYTES}")
        if size is None:
            return bytes(self._tried(url, lambda system, path: system("cat_file", path)))
        data = bytes(self._tried(url, lambda system, path: system("cat_file", path, start=start, end=start + size)))
        if len(data) != size:
            raise ConnectionError(f"{without_query(url)}: {len(data)} bytes came where {size} from {start} were wanted")
        return data

    def state(self, url: str) -> RemoteFile:
        return _described(url, self._tried(url, lambda system, path: system("info", path)))

    def states(self, urls: Iterable[str]) -> Iterator[tuple[str, RemoteFile | OSError]]:
        """The state of each, in order, `threads` asked for at a time, or why it has none."""
        with ThreadPoolExecutor(self.access.threads, thread_name_prefix="dcvlr-remote") as pool:
            yield from pool.map(self._state_or_error, urls)

    def _state_or_error(self, url: str) -> tuple[str, RemoteFile | OSError]:
        try:
            return url, self.state(url)
        except OSError as error:
            return url, error

    def listed(self, folder: str) -> list[RemoteFile]:
        """What lies directly in a folder, sorted by URL."""

        def entries(system: Callable[..., Any], path: str) -> list[RemoteFile]:
            system("invalidate_cache")
            found = system("ls", path, detail=True)
            system("invalidate_cache")
            own = path.strip("/")
            if any(one["name"] == f"{own}/" and one["type"] == "directory" for one in found):
                log.warning("%s: keys with // behind it cannot be listed: they are not read", without_query(folder))
            named = [(system("unstrip_protocol", one["name"]), one) for one in found if one["name"].strip("/") != own]
            return sorted(_described(url, one) for url, one in named)

        return self._tried(folder, entries)

    def write(self, url: str, data: bytes) -> None:
        self._tried(url, lambda system, path: system("pipe_file", path, data))

    def put(self, file: Path, url: str) -> None:
        """A local file to a URL, where it appears as a whole, or not at all; a large one goes up in parts."""
        self._tried(url, lambda system, path: system("put_file", str(file), path))

    def remove(self, url: str) -> None:
        self._tried(url, lambda system, path: system("rm_file", path))

    def _tried(self, url: str, do: Callable[[Callable[..., Any], str], T]) -> T:
        for attempt in range(self.access.attempts):
            try:
                return do(*self._system(url))
            except Exception as error:  # each store and its client raise what they like
                failure = _understood(error, url)
                if isinstance(failure, FileNotFoundError | PermissionError | FileTooLargeError):
                    raise failure from error
                log.info("%s (try %d of %d)", failure, attempt + 1, self.access.attempts)
            if attempt + 1 < self.access.attempts:  # none would follow the last one
                time.sleep(random.uniform(0.5, 1.0) * min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt))
        raise failure

    def _system(self, url: str) -> tuple[Callable[..., Any], str]:
        """How a method of the file system is called within the time allowed, and the path of `url` in it."""
        from fsspec import filesystem
        from fsspec.asyn import AsyncFileSystem

        scheme = url.partition("://")[0]
        if scheme not in self._systems:
            self._systems[scheme] = filesystem(scheme, **self._options(scheme))
        system = self._systems[scheme]
        timed = isinstance(system, AsyncFileSystem)

        def call(name: str, *arguments: Any, **options: Any) -> Any:
            limit = {"timeout": self.access.timeout_s} if timed and name in _TIMED else {}
            return getattr(system, name)(*arguments, **options, **limit)

        return call, system._strip_protocol(url)

    def _options(self, scheme: str) -> dict[str, Any]:
        """What makes a client wait no longer and try no more often than it is told here."""
        if scheme in ("http", "https"):
            return {
                "get_client": partial(guarded_session, tuple(self.access.private_hosts), _CONNECT_S, MAX_FILE_BYTES)
            }
        if scheme == "s3":
            config = {
                "connect_timeout": min(_CONNECT_S, self.access.timeout_s),
                "read_timeout": self.access.timeout_s,
                "max_pool_connections": self.access.threads,
                "retries": {"total_max_attempts": 1},
            }
            return {"config_kwargs": config, "max_concurrency": 1}  # 1: no HEAD before every GET
        return {}


_TIMED = frozenset({"cat_file", "info", "ls"})


def _described(url: str, info: Mapping[str, Any]) -> RemoteFile:
    size = info.get("size")
    state = next((str(info[key]) for key in _STATES if info.get(key)), "")
    is_folder = info.get("type") == "directory"
    return RemoteFile(url, None if size is None else int(size), f"{size}/{state}", is_folder)


def _understood(error: Exception, url: str) -> OSError:
    """One of five kinds of errors for what a store or its client raised."""
    at = without_query(url)
    if isinstance(error, FileTooLargeError):
        return error
    if isinstance(error, TooLargeError):
        return FileTooLargeError(f"{at} has {error}")
    cause = error.__cause__
    if isinstance(error, FileNotFoundError) and isinstance(cause, Exception) and not hasattr(cause, "response"):
        return _understood(cause, url)  # fsspec's http calls everything that went wrong "not found"
    status = getattr(error, "status", None) or getattr(error, "code", None)
    if isinstance(error, FileNotFoundError) or status in _GONE:
        return FileNotFoundError(f"{at} is not there")
    if type(error).__name__ == "ParamValidationError":  # botocore's, for a name that no bucket can have
        return FileNotFoundError(f"{at} is no address of a file: {' '.join(without_query(str(error)).split())[:300]}")
    refused = getattr(error, "os_error", None)
    if isinstance(refused, PermissionError):
        return PermissionError(f"{at} is refused: {refused}, and remote.private_hosts does not name its host")
    message = without_query(str(error).partition("\n")[0])[:300]
    by_gcsfs = url.startswith("gs://") and type(error) in _REFUSED_BY_GCSFS
    if by_gcsfs or isinstance(error, PermissionError) or status in _FORBIDDEN or type(error).__name__ in _NO_KEYS:
        return PermissionError(f"{at} is refused ({type(error).__name__}: {message})")
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return TimeoutError(f"{at}: no answer in time ({type(error).__name__})")
    return ConnectionError(f"{at}: {type(error).__name__}: {message}")


_REFUSED_BY_GCSFS = (OSError, ValueError)  # bare ones: 403, and what the server calls invalid; all else has a type
_NO_KEYS = frozenset({"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "RefreshError"})

remote_files = RemoteFiles(
    RemoteAccess(attempts=5, timeout_s=60.0, threads=16, private_hosts=[], cache_folder=None, cache_mb=0)
)


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
