"""The stages in order: what one run does, from the source to the dataset."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from dcvlr.errors import ConfigError
from dcvlr.execution.runtime import Runtime
from dcvlr.execution.workers import Worker
from dcvlr.export.card import Origin, dataset_card
from dcvlr.export.described import back_ends, values
from dcvlr.export.folders import export_all
from dcvlr.export.uploads import check_target, upload_all
from dcvlr.memo import Memo
from dcvlr.protocols import Exporter, SortsIntoBins, Source, Stage
from dcvlr.records import ImageRecord, Qa, row_files
from dcvlr.remote import RemoteAccess, remote_files
from dcvlr.report.page import write_report
from dcvlr.rundir.belonging import COUNTS, DATASET, LEDGER, REPORT, result_settings, without_location
from dcvlr.rundir.decisions import by_bin, log_kept, reasons
from dcvlr.rundir.files import (
    Folder,
    JsonLines,
    atomic_write,
    remove_stale_temporaries,
    scratch_folder,
    write_json,
    write_lines,
)
from dcvlr.rundir.ledger import Flow, Ledger, ledger_at
from dcvlr.rundir.manifest import RunManifest, check_same_source, file_digests
from dcvlr.rundir.progress import Reporter
from dcvlr.rundir.reader import audit_in
from dcvlr.rundir.sharing import shared
from dcvlr.settings import checked
from dcvlr.settings.parts import check_images, check_ready
from dcvlr.trackers.tracked_run import TrackedRun, Tracker, hand_over, metrics_of

log = logging.getLogger(__name__)

_SOURCE_FOLDER = "stage0_source"


@dataclass(frozen=True, kw_only=True)
@checked
class Plan:
    """All that one run consists of, checked but not begun.

    `run_dir` gets the results, `checkpoints` the signals; in a sweep many runs share the latter.
    """

    source: Source
    stages: Mapping[str, Stage[Any, Any]]
    exporters: Mapping[str, Exporter]
    trackers: Mapping[str, Tracker]
    runtime: Runtime
    remote: RemoteAccess | None
    export_to: str | None
    run_dir: Path
    checkpoints: Path
    overwrite: bool
    report: Literal["full", "light", "none"]
    defaults: Callable[[], Mapping[str, Any]]

    @property
    def described(self) -> dict[str, dict[str, Any]]:
        """The source and the stages as `identity.describe` gives them, without what tells of this machine."""
        return without_location({name: self.settings[name] for name in ("source", *self.stages)})

    @property
    def makes_dataset(self) -> bool:
        """Whether the questions that come out were validated."""
        return "validation" in self.stages and list(self.stages.values())[-1].gives is Qa

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """All settings that can change a result, by step."""
        return result_settings(self.source.location, self.source, self.stages, self.exporters)

    def sharing(self) -> AbstractContextManager[None]:
        """Work in the run directory; raises `ConfigError` while a run with other settings lives there."""
        return shared(self.run_dir, self.settings, self.runtime.lease_s)

    def check(self) -> None:
        """Raise `ConfigError` for stages in a wrong order, a missing package, weight or key, or a foreign run_dir."""
        remote_files.use(self.remote or remote_files.access)  # also to count what lies at a URL
        gives: type = ImageRecord
        for name, stage in self.stages.items():
            if stage.takes is not gives:
                before = [other for other, one in self.stages.items() if one.gives is stage.takes and other != name]
                raise ConfigError(
                    f"stages={list(self.stages)}: {name} takes {stage.takes.__name__} records but is handed "
                    f"{gives.__name__} records: {_where(stage.takes, before)}"
                )
            gives = stage.gives
        if self.exporters and not self.makes_dataset:
            raise ConfigError(f"export={list(self.exporters)} needs a dataset: stages={list(self.stages)} makes none")
        check_same_source(self.run_dir, self.source.location, self.source.count, overwrite=self.overwrite)
        check_ready([self.source, self.stages, self.exporters, self.trackers, self.runtime])
        check_target(self.export_to, self.exporters, self.remote)


def _where(takes: type, before: Sequence[str]) -> str:
    first = ["at the beginning"] if takes is ImageRecord else []
    positions = [*first, *(f"after {name}" for name in before)]
    return f"put it {' or '.join(positions)}" if positions else "add a stage before it that gives them"


@dataclass(kw_only=True)
class Run:
    """One pass over a plan by one worker; `results_dir` is a scratch folder for workers that write no results.

    `kept_dir` is where the same results are kept, None where they are not.
    """

    plan: Plan
    memo: Memo
    results_dir: Path
    kept_dir: Path | None
    reporter: Reporter
    unmeasured: int = 0  # records that some model could not be asked about this time
    not_exported: dict[str, str] = field(default_factory=dict)  # why pictures of the dataset are lost, by id
    results: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    row_files: Sequence[str] = ()  # what the source wrote about its pictures
    flow: dict[str, Flow] = field(default_factory=dict)  # of the source and of every stage

    def images(self) -> Sequence[ImageRecord]:
        """Every picture of the source, once; from here on the run directory is bound to it."""
        self.reporter.stage_begun("source", 0)
        with self._step("source", _SOURCE_FOLDER) as ledger:
            images = self.plan.source(self.memo, ledger)
            self.manifest.check_pictures(images)
        check_images(self.plan.stages, images)
        self.row_files = row_files(images)
        self.reporter.stage_ended("source", len(images))
        self.flow["source"] = ledger.flow(kept=len(images))
        if self.writes_results:
            self.manifest.begin(self._made_anew())
        return images

    @cached_property
    def manifest(self) -> RunManifest:
        """What this run says of itself in the run directory."""
        plan = self.plan
        return RunManifest(
            run_dir=plan.run_dir,
            location=plan.source.location,
            root=plan.source.root,
            all_settings=plan.settings,
            overwrite=plan.overwrite,
        )

    def _made_anew(self) -> set[str]:
        names = {f"intermediate/{stage.folder}" for stage in self.plan.stages.values()}
        names |= {f"export/{name}" for name in self.plan.exporters}
        made = {DATASET: self.plan.makes_dataset, REPORT: self.plan.report != "none"}
        return names | {LEDGER, COUNTS} | {name for name, is_made in made.items() if is_made}

    def stage(self, name: str, records: Sequence[Any]) -> Sequence[Any]:
        """What stage `name` lets through; its files and its part of the ledger are written."""
        if name not in self.plan.stages:
            raise ConfigError(f"stages={list(self.plan.stages)} leaves out {name}, which is asked for")
        stage = self.plan.stages[name]
        files = Folder(self.results_dir / "intermediate" / stage.folder, self.plan.source.root)
        self.reporter.stage_begun(name, len(records))
        with self._step(name, stage.folder) as ledger:
            kept = stage(records, self.memo, ledger, files)
        self.reporter.stage_ended(name, len(kept))
        self.flow[name] = ledger.flow(kept=len(kept), received=len(records))
        log_kept(name, kept)
        self.results[stage.result] = by_bin(kept, stage.bin_names) if isinstance(stage, SortsIntoBins) else len(kept)
        log.info("%s: %d in, %d out%s", name, len(records), len(kept), reasons(ledger.counts()))
        return kept

    def finish(self, records: Sequence[Any]) -> None:
        """Write the ledger, the counts and the dataset, then the exports, which can fail for reasons of their own."""
        self._join_ledgers()
        write_json(self.results_dir / COUNTS, self.results)
        if not self.plan.makes_dataset:
            return
        dataset = self.results_dir / DATASET
        root = self.plan.source.root
        write_lines(dataset, records, root)
        if self.plan.exporters:
            self._export_all(JsonLines(dataset, Qa, root))

    def _export_all(self, dataset: JsonLines[Qa]) -> None:
        audit, parts = audit_in(self.results_dir), self.plan.described
        origin = Origin(parts=parts, results=self.results, audit=audit, row_files=self.row_files)
        folder, card_of = self.results_dir / "export", partial(dataset_card, origin=origin)
        self.not_exported = export_all(self.plan.exporters, folder, dataset, card_of)

    @property
    def writes_results(self) -> bool:
        """Whether this is the worker whose results are kept."""
        return self.results_dir == self.plan.run_dir

    def made_files(self) -> list[Path]:
        """The record files that this run has made, not those that an earlier one left in other folders."""
        names = [LEDGER, *([DATASET] if self.plan.makes_dataset else [])]
        return [self.results_dir / name for name in names] + [
            path for folder in self._folders() for path in sorted(folder.glob("*.jsonl"))
        ]

    def exported_files(self) -> list[Path]:
        """What the exporters of this run wrote."""
        folders = [self.results_dir / "export" / name for name in self.plan.exporters]
        return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]

    def _folders(self) -> list[Path]:
        names = [_SOURCE_FOLDER, *(stage.folder for stage in self.plan.stages.values())]
        return [self.results_dir / "intermediate" / name for name in names]

    def _join_ledgers(self) -> None:
        with atomic_write(self.results_dir / LEDGER) as joined:
            for folder in self._folders():
                with (folder / LEDGER).open("rb") as part:
                    shutil.copyfileobj(part, joined)

    @contextmanager
    def _step(self, name: str, folder: str) -> Iterator[Ledger]:
        start = time.monotonic()
        path = Path("intermediate") / folder / LEDGER
        kept_at = self.kept_dir / path if self.kept_dir else None
        with ledger_at(self.results_dir / path, name, self.plan.source.root, kept_at=kept_at) as ledger:
            yield ledger
        self.unmeasured += ledger.unmeasured_count
        self.seconds[name] = round(time.monotonic() - start, 3)


def open_run(plan: Plan, worker: Worker, reporter: Reporter) -> Run:
    """A run over `plan` by this worker; worker 0 writes into the run directory, others into a scratch folder."""
    runtime = plan.runtime
    memo = Memo(
        plan.checkpoints,
        worker=worker,
        reporter=reporter,
        chunk_size=runtime.chunk_size,
        lease_s=runtime.lease_s,
        decode_memory_mb=runtime.decode_memory_mb,
        remote=plan.remote,
        computes=runtime.computes(worker),
    )
    results_dir = scratch_folder(memo) if worker.rank else plan.run_dir
    for folder in (results_dir, results_dir / "export", *results_dir.glob("intermediate/*")):
        remove_stale_temporaries(folder)
    return Run(plan=plan, memo=memo, results_dir=results_dir, kept_dir=plan.run_dir, reporter=reporter)


def execute(plan: Plan, worker: Worker, reporter: Reporter) -> Run:
    """All stages of a plan; raises whatever a stage raises, with everything that was measured kept."""
    run = open_run(plan, worker, reporter)
    records: Sequence[Any] = run.images()
    for name in plan.stages:
        records = run.stage(name, records)
    if run.writes_results:
        run.finish(records)
        _write_final_manifest(run)
        if plan.report != "none":
            write_report(plan.run_dir, plan.report, plan.defaults())
        upload_all(plan.run_dir / "export", plan.exporters, plan.export_to)
        _track(run)
    return run


def _track(run: Run) -> None:
    parts = run.plan.described
    models = {key: end.name for end in back_ends(parts) for key in end.keys}
    metrics = metrics_of(results=run.results, seconds=run.seconds, spent=run.reporter.spent())
    tracked = TrackedRun(name=run.plan.run_dir.name, settings={**dict(values(parts)), **models}, metrics=metrics)
    hand_over(tracked, run.plan.trackers, run.plan.run_dir)


def _write_final_manifest(run: Run) -> None:
    run.manifest.end(
        run.results_dir,
        status="incomplete" if run.unmeasured or run.not_exported else "complete",
        counts=run.results,
        unmeasured=run.unmeasured,
        not_exported=run.not_exported,
        stages=list(run.plan.stages),
        models=sorted(run.memo.computed),
        computed=run.memo.computed,
        seconds=run.seconds,
        files=file_digests(run.results_dir, [*run.made_files(), *run.exported_files()]),
        spent=run.reporter.spent(),
    )
