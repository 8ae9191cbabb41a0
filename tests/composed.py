"""What conf/ describes, composed once for a process however many tests start from it."""

from __future__ import annotations

from functools import cache
from typing import Any

from dcvlr.config import compose, make


@cache
def composed_part(key: str, *overrides: str) -> Any:
    """The object that the node `key` describes: frozen, so a test takes it as it is or changes a copy."""
    return make(compose(["images_dir=x", *overrides]), key)
