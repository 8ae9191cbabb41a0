"""Whether weights can be fetched from a host that is no Hugging Face hub."""

from __future__ import annotations

import os
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_SECONDS_TO_ASK = 5.0


def answers(address: str) -> bool:
    """Whether anybody is there, be it with a 404."""
    try:
        urlopen(Request(address, method="HEAD"), timeout=_SECONDS_TO_ASK).close()
    except HTTPError as error:
        return error.code < 500
    except (OSError, HTTPException, ValueError):
        return False
    return True


def is_offline() -> bool:
    """Whether HF_HUB_OFFLINE is set, as huggingface_hub reads it."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
