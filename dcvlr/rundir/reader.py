"""A run directory as its readers see it: report, status, explain, diff and audit start from these files alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from dcvlr.errors import ConfigError
from dcvlr.records import Audit, Flagged, ImageRecord, ImageValues, LedgerEntry, Qa, row_files
from dcvlr.rundir.belonging import AUDIT, DATASET, LEDGER
from dcvlr.rundir.files import JsonLines
from dcvlr.rundir.manifest import read_manifest, root_of

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunDirectory:
    """What `path` holds of a run. Raises `ConfigError` where no run was started there."""

    path: Path

    def __post_init__(self) -> None:
        if not (self.path / "manifest.json").is_file():
            raise ConfigError(f"{str(self.path)!r} is no run directory: it has no manifest.json")

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Raises `ConfigError` for one that is damaged."""
        if not (manifest := read_manifest(self.path)):
            raise ConfigError(f"{self.path / 'manifest.json'} is damaged: run the same command again")
        return manifest

    @cached_property
    def root(self) -> str:
        """The folder that paths in the run's files are relative to; it moves with a run directory that holds it."""
        return root_of(self.path)

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The composed configuration, interpolations as they were written; empty where none was kept."""
        return kept_config(self.path)

    @cached_property
    def overrides(self) -> Sequence[str]:
        return kept_overrides(self.path)

    @property
    def dataset(self) -> Sequence[Qa]:
        return self._lines(DATASET, Qa)

    @property
    def ledger(self) -> Sequence[LedgerEntry]:
        """All that was left out; of a run that has not come to its end, by the stages that have."""
        if (self.path / LEDGER).is_file():
            return self._lines(LEDGER, LedgerEntry)
        parts = sorted(self.path.glob(f"intermediate/stage*/{LEDGER}"))
        return [entry for part in parts for entry in self.of_stage(part.parent.name, LEDGER, LedgerEntry)]

    @property
    def flagged(self) -> Sequence[Flagged]:
        """Questions that passed although a check has something against them."""
        return self.of_stage("stage4_validation", "flagged.jsonl", Flagged)

    @property
    def filtered(self) -> Sequence[ImageRecord]:
        """The pictures that filtering kept."""
        return self.of_stage("stage1_filtering", "filtered_images.jsonl", ImageRecord)

    @property
    def written(self) -> Sequence[Qa]:
        """Every question that was written."""
        return self.of_stage("stage3_synthesis", "generated_qa_pairs.jsonl", Qa)

    @property
    def row_files(self) -> list[str]:
        """What the run's sources wrote about the pictures that filtering kept, if they know rows."""
        return row_files(self.filtered)

    @property
    def audit(self) -> Audit | None:
        """What `dcvlr audit` made of people's judgements, if they gave any."""
        return audit_in(self.path)

    def summaries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each stage's folder and summary, in the order of the pipeline."""
        for file in sorted(self.path.glob("intermediate/stage*/summary.json")):
            yield file.parent.name, json.loads(file.read_bytes())

    def values(self, folder: str) -> Sequence[ImageValues]:
        """What the stage of that folder measured on every picture it was handed."""
        return self.of_stage(folder, "values.jsonl", ImageValues)

    def of_stage(self, folder: str, name: str, record_type: type[T]) -> Sequence[T]:
        """A file of the stage of that folder; empty where that stage did not run."""
        return self._lines(f"intermediate/{folder}/{name}", record_type)

    def _lines(self, name: str, record_type: type[T]) -> Sequence[T]:
        path = self.path / name
        return JsonLines(path, record_type, self.root) if path.is_file() else []


def kept_config(run_dir: Path) -> Mapping[str, Any]:
    """The composed configuration that the run in `run_dir` kept; empty where there is none.

    Raises `ConfigError` for one that is damaged.
    """
    return _kept(run_dir, "config.yaml", dict)


def kept_overrides(run_dir: Path) -> Sequence[str]:
    """What the run in `run_dir` was started with, as `kept_config` reads it."""
    return _kept(run_dir, "overrides.yaml", list[str])


def _kept(run_dir: Path, name: str, kind: type[T]) -> T:
    file = run_dir / ".hydra" / name
    try:
        return msgspec.convert(yaml.safe_load(file.read_bytes()), kind) if file.is_file() else kind()
    except (yaml.YAMLError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{file} is damaged: repeat the run's command, which writes it anew") from error


def audit_in(run_dir: Path) -> Audit | None:
    """The audit of a run directory; None, with a warning for one that cannot be read, where there is none."""
    file = run_dir / AUDIT
    try:
        return msgspec.json.decode(file.read_bytes(), type=Audit) if file.is_file() else None
    except msgspec.DecodeError as error:
        log.warning("%s is left out (%s): dcvlr audit writes it again", file, error)
        return None
