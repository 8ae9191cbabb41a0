"""The importable face: what `python -m dcvlr` does, from a notebook or another program."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType
from omegaconf import DictConfig
from PIL import Image

from dcvlr.binning.details import UserCriteria, display_image_results
from dcvlr.config import build, compose, config_kept, keep_config, make
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.workers import this_worker
from dcvlr.export.described import back_ends
from dcvlr.identity import digest
from dcvlr.images.disk import open_file
from dcvlr.memo import Memo
from dcvlr.notebook.given_config import as_words, composed, with_values, words
from dcvlr.notebook.notebook_progress import NotebookProgress, in_notebook
from dcvlr.notebook.picture_html import PictureDetails, rows
from dcvlr.notebook.record_table import RecordTable
from dcvlr.notebook.run_results import RunResults
from dcvlr.pipeline import Plan, Run, execute, open_run
from dcvlr.records import BinnedImage, ImageRecord, Qa
from dcvlr.rundir.files import scratch_folder
from dcvlr.rundir.logs import log_file, logging_to
from dcvlr.rundir.manifest import read_manifest
from dcvlr.rundir.progress import ProgressLines, Reporter
from dcvlr.settings.parts import check_ready

R = TypeVar("R")

_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})


class DataSynthesisPipeline:
    """Pictures in, a vetted dataset out.

    Give `overrides` as on the command line, or a composed `config`, or `config_path`, a YAML file: the config.yaml that
    a run kept in `.hydra`, or keys and values such as `binning: {text_boxes_threshold: 5}`, which `overrides` come
    after. `images_dir`, `output_dir` and `device` come last. Nothing runs until a method is called, and what an earlier
    run with the same `output_dir` measured is not measured again. Runs in this process alone: for several, use the
    command line with `runtime.num_processes`.
    """

    def __init__(
        self,
        overrides: Sequence[str] = (),
        *,
        config: DictConfig | None = None,
        config_path: str | Path | None = None,
        images_dir: str | Path | None = None,
        output_dir: str | Path | None = None,
        device: str | None = None,
    ) -> None:
        own = {"images_dir": images_dir, "output_dir": output_dir, "device": device}
        given = {key: value for key, value in own.items() if value is not None}
        self._config = with_values(composed(words(overrides), config, config_path), given)
        self._overrides = [*words(overrides), *as_words(given)]
        self._shown: Reporter = NotebookProgress() if in_notebook() else ProgressLines()

    def run(
        self,
        num_images: int | UnsetType | None = UNSET,
        bins_ratio: Sequence[float] | UnsetType | None = UNSET,
        dataset_size: int | UnsetType | None = UNSET,
    ) -> RunResults:
        """All stages; what is given holds for this run alone, None being all pictures, no ratio, all questions.

        Returns the counts of pipeline_results.json: filtered_count, bins, generated_qa, validated_qa, selected_qa, and
        with them the way to the records. Leaves in `output_dir` what a run from the command line does. Raises
        `ConfigError` for a wrong setting before any work, `DcvlrError` when a stage cannot go on.
        """
        own = {"num_images": num_images, "bins_ratio": bins_ratio, "dataset_size": dataset_size}
        given = {key: value for key, value in own.items() if value is not UNSET}
        config = with_values(self._config, given)
        plan, worker = _plan(config), this_worker(os.environ)
        log = log_file(plan.run_dir, worker)
        with (
            plan.sharing(),
            self._drawing(),
            logging_to(log, worker=worker, verbose=config.verbose, console=None, shown=self._shown) as reporter,
            config_kept(config, [*self._overrides, *as_words(given)], plan.run_dir),
        ):
            return RunResults(execute(plan, worker, reporter).results, plan.run_dir)

    def __repr__(self) -> str:
        config = self._config
        return (
            f"DataSynthesisPipeline(output_dir={config.output_dir!r}, stages={list(config.stages)}, seed={config.seed})"
        )

    def _repr_html_(self) -> str:
        plan = build(self._config)
        manifest = read_manifest(plan.run_dir)
        state = f"{manifest['status']}, {manifest.get('ended', 'no end yet')}" if manifest else "not run yet"
        models = [(", ".join(end.keys), end.name) for end in back_ends(plan.described)]
        facts = [("output_dir", plan.run_dir), ("state", state), ("stages", " → ".join(plan.stages)), *models]
        return rows(("DataSynthesisPipeline", ""), facts)

    def filter_stage(self) -> RecordTable[ImageRecord]:
        """The source's pictures that the filters let through."""
        with self._working() as run:
            return RecordTable(run.stage("filtering", run.images()), "pictures")

    def bin_stage(self, images: Sequence[ImageRecord] | None = None) -> RecordTable[BinnedImage]:
        """`images`, by default those that `filter_stage` gives, with their bins."""
        given = self.filter_stage() if images is None else _those(images, ImageRecord, "images", "filter_stage()")
        with self._working() as run:
            return RecordTable(run.stage("binning", given), "pictures in bins")

    def synthesis_stage(self, images: Sequence[BinnedImage] | None = None) -> RecordTable[Qa]:
        """Questions about `images`, by default those that `bin_stage` gives; read from disk as they are asked for."""
        given = self.bin_stage() if images is None else _those(images, BinnedImage, "images", "bin_stage()")
        with self._working() as run:
            return RecordTable(run.stage("synthesis", given), "questions")

    def validation_stage(self, questions: Sequence[Qa] | None = None) -> RecordTable[Qa]:
        """Those of `questions`, by default what `synthesis_stage` gives, that pass every check."""
        given = self.synthesis_stage() if questions is None else _those(questions, Qa, "questions", "synthesis_stage()")
        with self._working() as run:
            return RecordTable(run.stage("validation", given), "questions that pass")

    def selection_stage(self, questions: Sequence[Qa] | None = None) -> RecordTable[Qa]:
        """Those of `questions`, by default what `validation_stage` gives, that make the dataset."""
        given = (
            self.validation_stage() if questions is None else _those(questions, Qa, "questions", "validation_stage()")
        )
        with self._working() as run:
            return RecordTable(run.stage("selection", given), "questions of the dataset")

    @contextmanager
    def _working(self) -> Iterator[Run]:
        """One stage at work. A finished run in `output_dir` stays as it is: stages write elsewhere then."""
        run = self._run
        with run.plan.sharing(), self._drawing():
            is_finished = read_manifest(run.plan.run_dir).get("status", "running") != "running"
            run.results_dir = run.kept_dir = scratch_folder(run.memo) if is_finished else run.plan.run_dir
            if not is_finished:
                keep_config(self._config, self._overrides, run.plan.run_dir)
            yield run

    def _drawing(self) -> AbstractContextManager[object]:
        return self._shown if isinstance(self._shown, NotebookProgress) else nullcontext()

    @cached_property
    def _run(self) -> Run:
        return open_run(_plan(self._config), this_worker(os.environ), self._shown)


def _those(records: Any, kind: type[R], argument: str, origin: str) -> Sequence[R]:
    """`records` if they are of that kind; of a table all are of the kind of the first."""
    is_sequence = isinstance(records, Sequence) and not isinstance(records, str)
    looked_at = records[:1] if isinstance(records, RecordTable) else records
    wrong = next((one for one in looked_at if not isinstance(one, kind)), None) if is_sequence else records
    if wrong is not None or not is_sequence:
        raise ConfigError(f"{argument}: {kind.__name__} records are needed, as {origin} gives them, not {wrong!r}")
    given: Sequence[R] = records
    return given


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
        config = overrides if isinstance(overrides, DictConfig) else compose(words(overrides))
        if "binning" not in config:
            raise ConfigError("this config has no binning: what compose(['seed=1', …]) gives is needed")
        self._binning = make(config, "binning")
        check_ready(self._binning)
        folder = scratch_folder(self) if output_dir is None else Path(output_dir)
        self._memo = Memo(folder / "checkpoints")

    def categorize_image(self, picture: Any, return_details: bool = False) -> str | PictureDetails:
        """`"A"`, `"B"` or `"C"`, or with `return_details` every criterion with its threshold and verdict.

        `picture` is a path, the bytes of a picture file, or a PIL image. Raises `DcvlrError` for one that cannot be
        read, `ConfigError` for anything else.
        """
        details = self.categorize_images([picture])[0]
        return details if return_details else str(details["assigned_bin"])

    def categorize_images(self, pictures: Sequence[Any]) -> list[PictureDetails]:
        """The details of many pictures, in order; each model is loaded once for all of them."""
        if isinstance(pictures, str | bytes | Path | Image.Image) or not isinstance(pictures, Iterable):
            raise ConfigError(f"pictures={pictures!r}: a list is needed; categorize_image takes one")
        images = [_record(self._file(picture)) for picture in pictures]
        found = {details["image_path"]: details for details in self._binning.details(images, self._memo)}
        unread = [image.path for image in images if image.path not in found]
        if unread:
            raise DcvlrError(f"{unread[0]} cannot be read as a picture, or not by the models of binning")
        return [PictureDetails(found[image.path], image) for image in images]

    def _file(self, picture: Any) -> Path:
        """The picture's own file, or one in a folder that goes with this object."""
        if isinstance(picture, str | Path):
            return Path(picture)
        if isinstance(picture, Image.Image):
            encoded = io.BytesIO()
            picture = picture if picture.mode in _PNG_MODES else picture.convert("RGB")
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
