"""How large a dataset of the Hugging Face hub is, as the hub says it."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

_SECONDS_TO_ASK = 10.0


def repository_bytes(dataset: str, revision: str) -> int | None:
    """Bytes of all files of the repository at a branch, tag or commit; None where the hub does not answer."""
    from huggingface_hub import HfApi

    try:
        about = HfApi().dataset_info(dataset, revision=revision, timeout=_SECONDS_TO_ASK, files_metadata=True)
    except Exception as error:  # noqa: BLE001  the hub's client raises errors of its own and of its HTTP library
        log.debug("the hub does not say how large %s is: %s", dataset, error)
        return None
    return sum(file.size or 0 for file in about.siblings or [])
