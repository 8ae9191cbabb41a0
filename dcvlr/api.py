"""The importable face: what `python -m dcvlr` does, from a notebook or another program."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from PIL import Image

from dcvlr.binning.details import UserCriteria, display_image_results
from dcvlr.config import build, compose, make
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.workers import this_worker
from dcvlr.identity import digest
from dcvlr.images.disk import open_file
from dcvlr.memo import Memo
from dcvlr.pipeline import Plan, Run, execute, open_run
from dcvlr.records import BinnedImage, ImageRecord, Qa
from dcvlr.rundir.files import scratch_folder
from dcvlr.rundir.progress import ProgressLines
from dcvlr.rundir.status_file import StatusFile
from dcvlr.settings.parts import check_ready


class DataSynthesisPipeline:
    """Pictures in, a vetted dataset out; give `overrides` as on the command line, or a composed `config`.

    `images_dir`, `output_dir` and `device` are set after the overrides. Nothing runs until a method is called, and what
    an earlier run with the same `output_dir` measured is not measured again. Runs in this process alone: for several,
    use the command line with `runtime.num_processes`.
    """

    def __init__(
        self,
        overrides: Sequence[str] = (),
        *,
        config: DictConfig | None = None,
        images_dir: str | Path | None = None,
        output_dir: str | Path | None = None,
        device: str | None = None,
    ) -> None:
        if config is not None and overrides:
            raise ConfigError("give overrides or config, not both: compose(overrides) makes a config of them")
        composed = compose(_words(overrides)) if config is None else config.copy()
        self._config = _with(composed, images_dir=images_dir, output_dir=output_dir, device=device)

    def run(
        self,
        num_images: int | None = None,
        bins_ratio: Sequence[float] | None = None,
        dataset_size: int | None = None,
    ) -> dict[str, Any]:
        """All stages; arguments that are None leave the config as it is, others hold for this run alone.

        Returns the counts of pipeline_results.json: filtered_count, bins, generated_qa, validated_qa, selected_qa.
        Raises `ConfigError` for a wrong setting before any work, `DcvlrError` when a stage cannot go on.
        """
        config = _with(self._config, num_images=num_images, bins_ratio=bins_ratio, dataset_size=dataset_size)
        plan = _plan(config)
        worker = this_worker(os.environ)
        with plan.sharing(), StatusFile(plan.run_dir / "status", worker, ProgressLines()) as reporter:
            return execute(plan, worker, reporter).results

    def __repr__(self) -> str:
        config = self._config
        return (
            f"DataSynthesisPipeline(output_dir={config.output_dir!r}, stages={list(config.stages)}, seed={config.seed})"
        )

    def filter_stage(self) -> list[ImageRecord]:
        """The source's pictures that the filters let through."""
        with self._run.plan.sharing():
            return list(self._stage("filtering", self._run.images()))

    def bin_stage(self, images: Sequence[ImageRecord] | None = None) -> list[BinnedImage]:
        """`images`, by default those that `filter_stage` gives, with their bins."""
        return list(self._stage("binning", self.filter_stage() if images is None else images))

    def synthesis_stage(self, images: Sequence[BinnedImage] | None = None) -> Sequence[Qa]:
        """Questions about `images`, by default those that `bin_stage` gives; read from disk as they are asked for."""
        return self._stage("synthesis", self.bin_stage() if images is None else images)

    def validation_stage(self, questions: Sequence[Qa] | None = None) -> Sequence[Qa]:
        """Those of `questions`, by default what `synthesis_stage` gives, that pass every check."""
        return self._stage("validation", self.synthesis_stage() if questions is None else questions)

    def selection_stage(self, questions: Sequence[Qa] | None = None) -> Sequence[Qa]:
        """Those of `questions`, by default what `validation_stage` gives, that make the dataset."""
        return self._stage("selection", self.validation_stage() if questions is None else questions)

    def _stage(self, name: str, records: Sequence[Any]) -> Sequence[Any]:
        with self._run.plan.sharing():
            return self._run.stage(name, records)

    @cached_property
    def _run(self) -> Run:
        run = open_run(_plan(self._config), this_worker(os.environ), ProgressLines())
        run.single_stages = True
        return run


def _words(overrides: Any) -> Sequence[str]:
    if isinstance(overrides, str) or not all(isinstance(word, str) for word in overrides):
        raise ConfigError(f"overrides={overrides!r}: a list such as ['seed=1', 'stages=[filtering]'] is needed")
    return list(overrides)


def _with(config: DictConfig, **values: Any) -> DictConfig:
    """A copy of `config` with those `values` that are not None."""
    changed = config.copy()
    for key, value in values.items():
        if value is not None:
            plain = list(value) if isinstance(value, tuple) else value
            OmegaConf.update(changed, key, str(value) if isinstance(value, Path) else plain)
    return changed


def _plan(config: DictConfig) -> Plan:
    if config.dry_run:
        raise ConfigError("dry_run=true is for the command line: python -m dcvlr dry_run=true …")
    plan = build(config)
    plan.check()
    return plan


class ImageBinner:
    """Which bin pictures belong to, and why; `overrides` as on the command line: `binning.text_boxes_threshold=5`, or a
    composed config.

    What the models measure is kept in `output_dir`, shared with runs there, or with this object if that is None.
    """

    def __init__(self, overrides: Sequence[str] | DictConfig = (), *, output_dir: str | Path | None = None) -> None:
        config = overrides if isinstance(overrides, DictConfig) else compose(_words(overrides))
        self._binning = make(config, "binning")
        check_ready(self._binning)
        folder = scratch_folder(self) if output_dir is None else Path(output_dir)
        self._memo = Memo(folder / "checkpoints")

    def categorize_image(self, picture: Any, return_details: bool = False) -> str | dict[str, Any]:
        """`"A"`, `"B"` or `"C"`, or with `return_details` every criterion with its threshold and verdict.

        `picture` is a path, the bytes of a picture file, or a PIL image. Raises `DcvlrError` for one that cannot be
        read, `ConfigError` for anything else.
        """
        details = self.categorize_images([picture])[0]
        return details if return_details else str(details["assigned_bin"])

    def categorize_images(self, pictures: Sequence[Any]) -> list[dict[str, Any]]:
        """The details of many pictures, in order; each model is loaded once for all of them."""
        images = [_record(self._file(picture)) for picture in pictures]
        found = {details["image_path"]: details for details in self._binning.details(images, self._memo)}
        unread = [image.path for image in images if image.path not in found]
        if unread:
            raise DcvlrError(f"{unread[0]} cannot be read as a picture, or not by the models of binning")
        return [found[image.path] for image in images]

    def _file(self, picture: Any) -> Path:
        """The picture's own file, or one in a folder that goes with this object."""
        if isinstance(picture, str | Path):
            return Path(picture)
        if isinstance(picture, Image.Image):
            encoded = io.BytesIO()
            picture.save(encoded, format="PNG")
            picture = encoded.getvalue()
        if not isinstance(picture, bytes):
            raise ConfigError(f"{picture!r}: a path, the bytes of a picture file or a PIL image is needed")
        file = self._given / digest(picture)
        file.write_bytes(picture)
        return file

    @cached_property
    def _given(self) -> Path:
        return scratch_folder(self)

    def __repr__(self) -> str:
        values, end = vars(self._binning).items(), "_threshold"
        thresholds = ", ".join(f"{name.removesuffix(end)}={value}" for name, value in values if name.endswith(end))
        return f"ImageBinner({thresholds})"

    @staticmethod
    def display_image_results(details: dict[str, Any], user_criteria: UserCriteria | None = None) -> None:
        """Print details with ✓ PASS and ✗ FAIL; a user criterion is `name -> fn(details)`."""
        display_image_results(details, user_criteria)


def _record(path: Path) -> ImageRecord:
    try:
        with open_file(str(path)) as file:
            content = file.read()
    except OSError as error:
        raise DcvlrError(f"{path} cannot be read: {error.strerror}") from None
    return ImageRecord(id=digest(content), path=str(path.absolute()), dataset=path.absolute().parent.name)
