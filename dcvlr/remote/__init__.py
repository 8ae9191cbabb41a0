"""Files that lie elsewhere: `s3://`, `gs://`, `hf://` and `https://`, through fsspec."""

from dcvlr.remote.access import MAX_FILE_BYTES, FileTooLargeError, RemoteAccess, refuse_password, require_reachable
from dcvlr.remote.locators import (
    Locator,
    is_url,
    local_url,
    with_plain_scheme,
    without_password,
    without_queries,
    without_query,
)
from dcvlr.remote.stores import RemoteFile, RemoteFiles, remote_files

__all__ = [
    "MAX_FILE_BYTES",
    "FileTooLargeError",
    "Locator",
    "RemoteAccess",
    "RemoteFile",
    "RemoteFiles",
    "is_url",
    "local_url",
    "refuse_password",
    "remote_files",
    "require_reachable",
    "with_plain_scheme",
    "without_password",
    "without_queries",
    "without_query",
]
