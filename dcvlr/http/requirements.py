"""What must be there before a server is asked: the client package and the key."""

from __future__ import annotations

import os

from dcvlr.errors import ConfigError, require_package


def require_client(owner: str) -> None:
    require_package("aiohttp", extra="api", owner=owner)


def bearer(api_key_env: str | None, owner: str) -> dict[str, str]:
    """The header with the key; none where no variable is named, since the server wants none."""
    return {"Authorization": f"Bearer {require_key(api_key_env, owner)}"} if api_key_env else {}


def require_key(variable: str, owner: str) -> str:
    """The key in the environment variable; `ConfigError` if it is unset, empty or not fit for a header."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ConfigError(f"{owner} needs a key: set the environment variable {variable}, it is unset or empty")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"{owner}: the key in {variable} has characters no HTTP header can hold; copy it again")
    return key
