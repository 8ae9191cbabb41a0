"""How files at URLs are reached, and which of them are."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from dcvlr.errors import ConfigError, require_package
from dcvlr.remote.locators import without_query
from dcvlr.settings import Count, Timeout, Whole, checked

MAX_FILE_BYTES = 1 << 30
"""A larger file is never read to its end: no picture of as many pixels as are decoded needs as much."""

# By scheme: the package that fsspec reaches it with, and the extra that brings it.
_PACKAGES = {
    "s3": ("s3fs", "remote"),
    "gs": ("gcsfs", "gcs"),
    "hf": ("huggingface_hub", "hf"),
    "http": ("aiohttp", "remote"),
    "https": ("aiohttp", "remote"),
}


class FileTooLargeError(OSError):
    """A file of more than `MAX_FILE_BYTES`."""


@dataclass(frozen=True, kw_only=True)
@checked
class RemoteAccess:
    """Nothing here can change a result; see conf/remote/access.yaml for the settings.

    Keys and endpoints are those of the environment (AWS_*, GOOGLE_APPLICATION_CREDENTIALS, HF_TOKEN) and of fsspec's
    own settings (FSSPEC_S3_ANON=true, ~/.config/fsspec): none stands in a config.
    """

    attempts: Count
    timeout_s: Timeout
    threads: Count
    private_hosts: list[str]
    cache_folder: str | None
    cache_mb: Whole


def refuse_password(url: str, key: str) -> None:
    """Raise `ConfigError`, which shows none, for a URL in the setting `key` that has a password in it."""
    parts = urlsplit(url)
    if parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise ConfigError(f"{key}={parts.scheme}://…@{parts.hostname}…: an address without password is needed")


def require_reachable(url: str, key: str) -> None:
    """Raise `ConfigError` for a URL in the setting `key` that this installation does not reach, with the fix."""
    refuse_password(url, key)
    parts = urlsplit(url)
    if parts.scheme not in _PACKAGES or not parts.netloc:
        raise ConfigError(
            f"{key}={without_query(url)!r}: a path or an address that begins with "
            f"{', '.join(f'{scheme}://' for scheme in _PACKAGES)} is needed"
        )
    package, extra = _PACKAGES[parts.scheme]
    for needed in ("fsspec", package):
        require_package(needed, extra=extra, owner=f"{key}={without_query(url)}")
