"""The whole records as a Hugging Face dataset with pictures, on disk and, if asked for, on the hub."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.export.arrow import require_datasets, save_rows
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.record_columns import columns_of, row_of
from dcvlr.export.rendering import with_escaped_texts
from dcvlr.export.sizes import size_in_bytes
from dcvlr.records import Qa
from dcvlr.settings import Count, SettingError, checked

log = logging.getLogger(__name__)

_CARD = "README.md"


@dataclass(frozen=True, kw_only=True)
@checked
class HfDatasets:
    """A folder for `datasets.load_from_disk`: every field of the records, `image` a picture.

    `images` are the pictures of a question about several, else empty.

    With `repo_id` the folder is pushed to that dataset of the hub, its card first, once all exports are made: a push
    that fails leaves them as they are, and the same command tries it again. The key is read from the environment
    variable `token_env` when it is needed, and kept nowhere. A literal `<image>` and its like in the texts are escaped.
    """

    name: ClassVar[str] = "hf_datasets"

    rows_per_batch: Count
    max_shard_size: str
    repo_id: str | None
    private: bool
    token_env: str

    def __post_init__(self) -> None:
        size_in_bytes(self.max_shard_size)
        if self.repo_id is not None and not _is_repository(self.repo_id):
            raise SettingError("repo_id", self.repo_id, "owner/name is needed, or null")

    def check_ready(self) -> None:
        require_datasets("export=hf_datasets")
        if self.repo_id is not None and not os.environ.get(self.token_env):
            raise ConfigError(
                f"export.hf_datasets.repo_id={self.repo_id!r} needs a key that may write there: set the environment "
                f"variable {self.token_env} (its name is export.hf_datasets.token_env), or repo_id=null to push nothing"
            )

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        from datasets import Features, Image, Sequence

        features = Features({**columns_of(Qa), "image": Image(), "images": Sequence(Image())})
        save_rows(_rows(qas), features, folder, rows_per_batch=self.rows_per_batch, max_shard_size=self.max_shard_size)

    def publish(self, folder: Path) -> None:
        """Push what was exported to `folder`, if `repo_id` says so. Raises `DcvlrError` with what is left to do."""
        if self.repo_id is None:
            return
        self.check_ready()
        log.info("pushing %s to the dataset %s of the hub", folder, self.repo_id)
        try:
            self._push(folder, self.repo_id)
        except Exception as error:  # the hub's client raises errors of its own and of its HTTP library
            first_line = (str(error).splitlines() or [""])[0]
            raise DcvlrError(
                f"the push to {self.repo_id} failed ({type(error).__name__}: {first_line}); the dataset is whole in "
                f"{folder}: mend it and run the same command again"
            ) from error

    def _push(self, folder: Path, repo_id: str) -> None:
        import datasets
        from huggingface_hub import HfApi
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        datasets.disable_progress_bars()
        token = os.environ[self.token_env]
        hub = HfApi(token=token)
        hub.create_repo(repo_id, repo_type="dataset", private=self.private, exist_ok=True)
        if (folder / _CARD).is_file():
            hub.upload_file(path_or_fileobj=folder / _CARD, path_in_repo=_CARD, repo_id=repo_id, repo_type="dataset")
        # The card first: this adds the description of the columns to the card that it finds.
        datasets.Dataset.load_from_disk(folder).push_to_hub(
            repo_id, private=self.private, token=token, max_shard_size=self.max_shard_size
        )


def _is_repository(repo_id: str) -> bool:
    owner, slash, name = repo_id.partition("/")
    return bool(owner and slash and name) and "/" not in name


def _rows(qas: Iterable[Qa]) -> Iterator[dict[str, Any]]:
    for qa, pictures in with_pictures(qas):
        shown = [{"bytes": picture.content, "path": None} for picture in pictures]
        yield {**row_of(with_escaped_texts(qa)), "image": shown[0], "images": shown if qa.images else []}
