"""The licence of a dataset, as its description or the head of its README.md states it."""

from __future__ import annotations

import logging

from dcvlr.errors import ConfigError
from dcvlr.source.huggingface.repository import Repository

log = logging.getLogger(__name__)

_CARD = "README.md"


def dataset_licence(repository: Repository) -> str | None:
    """The short name that the hub uses, such as `cc-by-4.0`; several with commas; None if nothing is stated."""
    stated = repository.rows.licence or _of_card(repository)
    if stated is None:
        log.warning("%s states no licence; name it with source.licence=<licence>", repository.rows.dataset)
    return stated


def _of_card(repository: Repository) -> str | None:
    from huggingface_hub import DatasetCard

    try:
        if _CARD not in repository.names:
            return None
        text = repository.fetch(_CARD).read_text(encoding="utf-8", errors="replace")
    except (ConfigError, OSError):  # what the rows need was there, so a card that is not costs no more than its licence
        return None
    try:
        stated = DatasetCard(text, ignore_metadata_errors=True).data.get("license")
    except (ValueError, TypeError):
        return None
    names = stated if isinstance(stated, list) else [stated]
    return ", ".join(str(name) for name in names if name) or None
