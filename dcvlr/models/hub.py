"""One file of a repository of the Hugging Face hub: in its cache, or known to be fetchable before work starts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from dcvlr.errors import ConfigError, first_line

log = logging.getLogger(__name__)

_SECONDS_TO_ASK = 10.0


def cached_file(repository: str, names: Sequence[str], revision: str) -> Path | None:
    """The first of `names` that is in the hub's cache; asks nobody."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for name in names:
        try:
            found = try_to_load_from_cache(repository, name, revision=revision)
        except HFValidationError as error:
            raise ConfigError(f"{repository!r} is no repository of the hub: {error}") from error
        if isinstance(found, str):
            return Path(found)
    return None


def require_file(repository: str, names: Sequence[str], revision: str, *, owner: str) -> None:
    """Raise `ConfigError` unless one of `names` is in the hub's cache or can be fetched; nothing is fetched.

    `revision` is a branch, tag or commit. `owner` is how a user chose it: `binning/similarity=open_clip`.
    """
    if cached_file(repository, names, revision) is not None:
        return
    from huggingface_hub import constants

    wanted = f"{' or '.join(names)} of {repository!r} at revision {revision!r}"
    what = f"{owner}: {wanted} is not in {constants.HF_HUB_CACHE}"
    ways = "give a local file, or choose preset=embedded, which needs no download"
    if not files_of(repository, revision, what=what, ways=ways) & set(names):
        raise ConfigError(f"{owner}: there is no {wanted}")


def files_of(repository: str, revision: str, *, what: str, ways: str) -> set[str]:
    """Names of all files of a repository; none is fetched.

    Raises `ConfigError` with `what` is lacking and the `ways` out where the hub cannot be asked, and the hub's own
    `HFValidationError` for what cannot be the name of a repository.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HFValidationError

    if constants.HF_HUB_OFFLINE:
        raise ConfigError(f"{what} and HF_HUB_OFFLINE is set: unset it, {ways}")
    try:
        about = HfApi().model_info(repository, revision=revision, timeout=_SECONDS_TO_ASK)
    except HFValidationError:
        raise
    except Exception as error:  # the hub's client raises errors of its own and of its HTTP library
        reason = f"{type(error).__name__}: {first_line(error)}"
        raise ConfigError(f"{what} and cannot be fetched ({reason}): {ways}") from error
    return {file.rfilename for file in about.siblings or []}


def fetched_file(repository: str, names: Sequence[str], revision: str) -> Path:
    """The first of `names` that the repository has; fetched into the hub's cache if it is not there."""
    if found := cached_file(repository, names, revision):
        return found
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    for name in names[:-1]:
        try:
            return Path(hf_hub_download(repository, name, revision=revision))
        except EntryNotFoundError:
            log.info("%s has no %s", repository, name)
    return Path(hf_hub_download(repository, names[-1], revision=revision))
