"""The whole records with their pictures as the hub of Hugging Face has datasets, and if asked for on it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.errors import ConfigError, DcvlrError, first_line, require_package
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.feature_types import IMAGE, image_cells
from dcvlr.export.parquet_files import Codec, GroupMb, bytes_per_file, write_parquet
from dcvlr.export.record_columns import columns_of, row_of
from dcvlr.export.rendering import with_escaped_texts
from dcvlr.records import Qa
from dcvlr.settings import Count, SettingError, checked

log = logging.getLogger(__name__)

_FEATURES = {**columns_of(Qa), "image": IMAGE, "images": [IMAGE]}
_ROWS = "*.parquet"  # also of folders below, as the hub's client reads patterns


@dataclass(frozen=True, kw_only=True)
@checked
class HfDatasets:
    """`train-00000-of-00001.parquet` and so on: every field of the records, `image` a picture.

    `images` are the pictures of a question about several, else empty.

    With `repo_id` the folder is pushed to that dataset of the hub once all exports are made: a push that fails leaves
    them as they are, and the same command sends what the hub does not hold yet. The key is read from the environment
    variable `token_env` when it is needed, and kept nowhere. A literal `<image>` and its like in the texts are escaped.
    """

    name: ClassVar[str] = "hf_datasets"

    rows_per_group: Count
    max_group_mb: GroupMb
    max_shard_size: str | None
    compression: Codec
    repo_id: str | None
    private: bool
    token_env: str

    def __post_init__(self) -> None:
        bytes_per_file(self)  # refuses a size that is none
        if self.repo_id is not None and not _is_repository(self.repo_id):
            raise SettingError("repo_id", self.repo_id, "owner/name is needed, or null")

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="export=hf_datasets", instead="export=jsonl needs none")
        if self.repo_id is None:
            return
        require_package("huggingface_hub", extra="hf", owner=f"export.hf_datasets.repo_id={self.repo_id!r}")
        if not os.environ.get(self.token_env):
            raise ConfigError(
                f"export.hf_datasets.repo_id={self.repo_id!r} needs a key that may write there: set the environment "
                f"variable {self.token_env} (its name is export.hf_datasets.token_env), or repo_id=null to push nothing"
            )

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        write_parquet(_rows(qas), _FEATURES, folder, self)

    def publish(self, folder: Path) -> None:
        """Push what was exported to `folder`, if `repo_id` says so. Raises `DcvlrError` with what is left to do."""
        if self.repo_id is None:
            return
        self.check_ready()
        log.info("pushing %s to the dataset %s of the hub", folder, self.repo_id)
        try:
            self._push(folder, self.repo_id)
        except Exception as error:  # the hub's client raises errors of its own and of its HTTP library
            raise DcvlrError(
                f"the push to {self.repo_id} failed ({type(error).__name__}: {first_line(error)}); the dataset is "
                f"whole in {folder}: mend it and run the same command again"
            ) from error

    def _push(self, folder: Path, repo_id: str) -> None:
        """Files that the hub has are not sent again; rows of an earlier push that are in none of them are deleted."""
        from huggingface_hub import HfApi
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        hub = HfApi(token=os.environ[self.token_env])
        hub.create_repo(repo_id, repo_type="dataset", private=self.private, exist_ok=True)
        hub.upload_folder(folder_path=folder, repo_id=repo_id, repo_type="dataset", delete_patterns=_ROWS)


def _is_repository(repo_id: str) -> bool:
    owner, slash, name = repo_id.partition("/")
    return bool(owner and slash and name) and "/" not in name


def _rows(qas: Iterable[Qa]) -> Iterator[dict[str, Any]]:
    for qa, pictures in with_pictures(qas):
        shown = image_cells(pictures)
        yield {**row_of(with_escaped_texts(qa)), "image": shown[0], "images": shown if qa.images else []}
