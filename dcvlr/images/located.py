"""The bytes of pictures that are no file of their own on this machine: at a URL, or inside an archive."""

from __future__ import annotations

import errno

from dcvlr.images.cells import cell_bytes
from dcvlr.images.disk import open_file
from dcvlr.records import Failure
from dcvlr.remote import FileTooLargeError, Locator, remote_files, without_query


def located_bytes(path: str, image_id: str = "") -> bytes:
    """What a locator names, read now; `image_id` is its id, if that is known. Raises `OSError`; see `RemoteFiles`."""
    locator = Locator.of(path)
    if locator.row is not None:
        return cell_bytes(locator, image_id)
    if locator.local_path is None:
        return remote_files.read(locator.url, locator.start, locator.size)
    with open_file(locator.local_path) as file:
        file.seek(locator.start)
        data = file.read(-1 if locator.size is None else locator.size)
    if locator.size not in (None, len(data)):
        raise OSError(errno.EIO, f"it ends before byte {locator.start} + {locator.size}")
    return data


def keep(image_id: str, path: str, data: bytes) -> None:
    """Bytes that came from afar, for whoever asks for the same picture next."""
    locator = Locator.of(path)
    if locator.local_path is None or locator.row is not None:
        remote_files.cache.put(image_id, data)


def kept(image_id: str) -> bytes | None:
    return remote_files.cache.get(image_id)


def why(error: OSError, path: str) -> Failure:
    """What an error of reading a locator or a file means for a run: all but too many bytes may pass."""
    message = without_query(f"{path} cannot be read: {error.strerror or error}")
    if isinstance(error, FileTooLargeError):
        return Failure(kind="too_large", message=message)
    if isinstance(error, FileNotFoundError):
        return Failure(kind="missing", message=message)
    if isinstance(error, TimeoutError):
        return Failure(kind="timeout", message=message)
    return Failure(kind="server" if isinstance(error, ConnectionError) else "io", message=message)
