"""Rows of a dataset of the Hugging Face hub or of a folder, as they are stored: no picture is decoded on the way."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError, first_line, require_package
from dcvlr.source.huggingface.boundary import CARDS, is_own_path, require_own_cards, require_own_files

log = logging.getLogger(__name__)

_SECONDS_TO_ASK = 10.0
_READ_AT_ONCE = 32  # rows held in memory at a time, pictures and all
EXTRA = "hf"


class UnreachableError(ConfigError):
    """The hub cannot be asked, and its cache on this machine does not have what is needed."""


@dataclass(frozen=True)
class RowBatch:
    """Rows in order; `state` is where a stream goes on after them, None where rows can be found by number."""

    rows: Sequence[Mapping[str, Any]]
    state: Any = None


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One split; `dataset` is a repository or a folder, `revision` its branch, tag or commit (a folder has none)."""

    dataset: str
    config_name: str | None
    split: str
    revision: str | None
    data_files: str | None
    streaming: bool

    @property
    def is_folder(self) -> bool:
        return is_folder(self.dataset)

    @property
    def path(self) -> str:
        """What `datasets` is given to load."""
        return str(Path(self.dataset).expanduser().absolute()) if self.is_folder else self.dataset

    def check(self) -> None:
        """Raise `ConfigError` without the package, the repository, the configuration or the split; loads no rows."""
        require_package("datasets", extra=EXTRA, owner="source=huggingface", instead="source=folder needs none")
        if self.is_folder and not Path(self.path).is_dir():
            raise ConfigError(f"source.dataset={self.dataset!r}: there is no such folder")
        if not self.is_folder:
            self._hub_commit  # noqa: B018  asks the hub once, with a short time-out
        splits = self.splits
        if splits and self.split not in splits:
            raise ConfigError(f"source.split={self.split!r}: {self.dataset} has the splits {', '.join(splits)}")

    def known_number(self) -> int | None:
        """How many rows the split has, if its description or the ends of its parquet files say so."""
        infos = self._builder.info.splits or {}
        if self.split in infos:
            return int(infos[self.split].num_examples)
        files = (self._builder.config.data_files or {}).get(self.split, [])
        if not self.is_folder or not all(str(file).endswith(".parquet") for file in files):
            return None
        from pyarrow import parquet

        return sum(int(parquet.read_metadata(file).num_rows) for file in files)

    @property
    def splits(self) -> list[str]:
        """The names of the splits that the repository's description or its files tell; empty if neither does."""
        return [str(name) for name in self._builder.info.splits or self._builder.config.data_files or ()]

    @property
    def licence(self) -> str | None:
        """What the description of the dataset says of its licence."""
        return self._builder.info.license or None

    @cached_property
    def commit(self) -> str | None:
        """The commit that a repository's files are read at; None for a folder, and where only the cache is asked."""
        if not self.is_folder and self._hub_commit:
            return self._hub_commit
        base = str(self._builder.base_path or "")
        return base.partition("@")[2].partition("/")[0] or None if base.startswith("hf://") else None

    def at(self, commit: str | None) -> Rows:
        """The same rows at that commit."""
        return replace(self, revision=commit or self.revision)

    @cached_property
    def _hub_commit(self) -> str | None:
        """What the hub says the revision is now; None with HF_HUB_OFFLINE. `datasets` itself would retry for long."""
        from huggingface_hub import HfApi, constants
        from huggingface_hub.errors import (
            GatedRepoError,
            HFValidationError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )

        if constants.HF_HUB_OFFLINE:
            return None
        try:
            info = HfApi().dataset_info(self.dataset, revision=self.revision, timeout=_SECONDS_TO_ASK)
        except GatedRepoError as error:
            ways = "accept its terms on the hub, then log in with `hf auth login`"
            raise ConfigError(f"source.dataset={self.dataset!r} is gated: {ways}") from error
        except RevisionNotFoundError as error:
            what = f"source.dataset_revision={self.revision!r}"
            raise ConfigError(f"{what}: {self.dataset} has no such revision") from error
        except (RepositoryNotFoundError, HFValidationError) as error:
            why = "the hub has no such dataset, or shows it only to who is logged in"
            raise ConfigError(f"source.dataset={self.dataset!r}: {why}") from error
        except Exception as error:
            raise UnreachableError(unreachable(repr(self.dataset), error)) from error
        return info.sha

    def known_columns(self) -> list[str]:
        """The columns that the dataset's description names; empty if it names none."""
        return list(self._builder.info.features or ())

    @cached_property
    def features(self) -> Mapping[str, Any]:
        """The types of the columns, as far as `datasets` knows them without reading rows."""
        return dict(self._table.features or {})

    def batches(self, start: int, state: Any = None) -> Iterator[RowBatch]:
        """Rows from index `start` on; `state` is that of the batch before, which spares a stream the way there."""
        table = self._table.with_format("arrow")  # rows as stored: bytes stay bytes
        if not self.streaming:
            for first in range(start, len(table), _READ_AT_ONCE):
                yield RowBatch(table[first : first + _READ_AT_ONCE].to_pylist())
            return
        if state is not None:
            table.load_state_dict(state)
        elif start:
            table = table.skip(start)
        for rows in table.iter(batch_size=_READ_AT_ONCE):
            yield RowBatch(rows.to_pylist(), table.state_dict())

    @cached_property
    def _builder(self) -> Any:
        import datasets

        is_free = self.data_files is not None and not is_own_path(self.data_files)  # the user's own word
        if not is_free:
            require_own_cards(self._card_folder, self.dataset)
        with _Asking(self):
            builder = datasets.load_dataset_builder(**self._what)
        if self.is_folder and not is_free:
            require_own_files(builder.config.data_files or {}, self.path, self.dataset)
        return builder

    @property
    def _card_folder(self) -> str | None:
        """Where the card of the data set lies; that of a repository is fetched into the hub's cache, if it has one."""
        if self.is_folder:
            return self.path
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            return snapshot_download(
                self.dataset, repo_type="dataset", revision=self.revision, allow_patterns=list(CARDS)
            )
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:  # `datasets` will say the same in its way
            log.debug("no card of %s: %s", self.dataset, error)
            return None

    @cached_property
    def _table(self) -> Any:
        import datasets

        self._builder  # noqa: B018  what the rows are made of was looked at
        datasets.disable_progress_bars()
        log.info("reading %s, split %s%s", self.dataset, self.split, ", as a stream" if self.streaming else "")
        with _Asking(self):
            return datasets.load_dataset(**self._what, split=self.split, streaming=self.streaming)

    @property
    def _what(self) -> dict[str, Any]:
        """What `datasets` is asked for; of a folder that save_to_disk wrote, such as an export, its files of rows."""
        if not self.is_folder:
            named = {"revision": self.revision, "data_files": self.data_files}
            return {"path": self.path, "name": self.config_name, **named}
        state = Path(self.path, "state.json")
        if not state.is_file():
            return {"path": self.path, "name": self.config_name, "data_files": self.data_files}
        saved = json.loads(state.read_bytes())["_data_files"]
        return {"path": "arrow", "data_files": {"train": [str(Path(self.path, file["filename"])) for file in saved]}}


def is_folder(dataset: str) -> bool:
    """Whether the name is that of a folder, there or not, and not of a repository."""
    return dataset.startswith((".", "/", "~")) or dataset.count("/") > 1 or Path(dataset).is_dir()


class _Asking:
    """Turns what `datasets` raises into what a user can do about it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            return
        from datasets.exceptions import DatasetsError

        name = f"{self._rows.dataset!r} at revision {self._rows.revision!r}"
        if isinstance(error, ConnectionError):
            raise UnreachableError(unreachable(name, error)) from error
        if isinstance(error, FileNotFoundError):
            raise ConfigError(f"source.dataset={name}: {first_line(error)}") from error
        if isinstance(error, ValueError) and (configs := self._other_configs()):
            raise ConfigError(
                f"source.config_name={self._rows.config_name!r}: {self._rows.dataset} has the configurations "
                f"{', '.join(configs)}"
            ) from error
        if isinstance(error, OSError | ValueError | RuntimeError | DatasetsError):
            cause = error.__cause__ or error
            raise ConfigError(
                f"source.dataset={name} cannot be read by datasets: {first_line(error)} "
                f"({type(cause).__name__}: {first_line(cause)})"
            ) from error

    def _other_configs(self) -> list[str]:
        """The configurations there are, if the one that was asked for is none of them."""
        import datasets

        try:
            names = datasets.get_dataset_config_names(
                self._rows.path,
                revision=None if self._rows.is_folder else self._rows.revision,
                data_files=self._rows.data_files,
            )
        except (OSError, ValueError, RuntimeError):
            return []
        return [] if self._rows.config_name in names else list(names)


def unreachable(what: str, error: BaseException) -> str:
    """The message for a repository that is not in the cache and cannot be fetched."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        why = f"is not in the cache {constants.HF_HOME} and HF_HUB_OFFLINE is set: unset it to fetch"
    else:
        why = f"cannot be fetched, and HF_HUB_OFFLINE=1 would look for it in the cache {constants.HF_HOME} alone"
    return (
        f"source.dataset={what} {why} ({type(error).__name__}: {first_line(error)}); without network: source=folder "
        "images_dir=<folder of pictures>, or source.dataset=<folder that holds a copy of the repository>"
    )
