"""Signals through the store: what was computed once is read, what was not is computed by one worker and kept."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any, Generic, TypeGuard, TypeVar, cast

from dcvlr.execution.runtime import Computes
from dcvlr.execution.slices import Slices, slices_of_this_machine
from dcvlr.execution.threads import LoadsAhead
from dcvlr.execution.workers import Worker
from dcvlr.identity import model_key
from dcvlr.images.memory import limit_decoding
from dcvlr.memo.entries import CacheEntry, missing_counts
from dcvlr.memo.journal import adopt_orphans
from dcvlr.memo.runner import Runner
from dcvlr.memo.segments import Segments
from dcvlr.protocols import Derived, HasId, LanguageModel, Measurable, Model, Signals
from dcvlr.records import Failure, ImageRecord, first_failures
from dcvlr.records.requests import Reply, Request
from dcvlr.remote import RemoteAccess, remote_files
from dcvlr.rundir.locks import Locks
from dcvlr.rundir.progress import NoProgress, Reporter

log = logging.getLogger(__name__)
R = TypeVar("R")


class Ids(Collection[str]):
    """The ids of some items, without a second copy of them."""

    def __init__(self, items: Sequence[HasId]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[str]:
        return (item.id for item in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item_id: object) -> bool:
        return any(item.id == item_id for item in self._items)


class StoredSignals(Mapping[str, R | Failure], Generic[R]):
    """Signals of one model by item id, read from the store and decoded each time they are asked for."""

    def __init__(self, entry: CacheEntry, ids: Collection[str]) -> None:
        self._entry = entry
        self._ids = ids

    def __getitem__(self, item_id: str) -> R | Failure:
        if self._entry.failures and item_id not in self._entry.store:
            return self._entry.failures[item_id]
        return cast("R | Failure", self._entry.store.result(item_id))

    @property
    def segments(self) -> Segments:
        return self._entry.store.segments

    def many(self, item_ids: Sequence[str]) -> list[R | Failure]:
        if self._entry.failures.keys().isdisjoint(item_ids):
            return self._entry.store.results(item_ids)
        return [self[item_id] for item_id in item_ids]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


class DerivedSignals(Mapping[str, R | Failure], Generic[R]):
    """Signals that a derived model reads off other signals; a failure of any source is its failure."""

    def __init__(self, model: Derived[R], sources: Sequence[Signals[Any]], ids: Collection[str]) -> None:
        self._model = model
        self._sources = sources
        self._ids = ids

    def __getitem__(self, item_id: str) -> R | Failure:
        return self.many([item_id])[0]

    def many(self, item_ids: Sequence[str]) -> list[R | Failure]:
        columns, derive = [source.many(item_ids) for source in self._sources], self._model.derive
        found = zip(first_failures(columns), zip(*columns, strict=True), strict=True)
        return [failure or derive(*signals) for failure, signals in found]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


RecordedSignals = StoredSignals[R] | DerivedSignals[R]


class Memo:
    """The signals of a run directory, shared by all its workers and all its runs.

    `root` is the `checkpoints` folder; at most `chunk_size` items are computed, published and lost together; a lock
    that was not renewed for `lease_s` seconds is taken over; a process decodes as many pictures at a time as
    `decode_memory_mb` are enough for, whoever asks; `remote` is how it reaches those at URLs. `computes` is who
    computes, by default this process with a thread per core. A model's chunks are merged into segments once there are
    `merge_after` files of them; `slices` says how many processes may share what is decided.
    """

    def __init__(
        self,
        root: Path,
        *,
        worker: Worker | None = None,
        reporter: Reporter | None = None,
        chunk_size: int = 64,
        lease_s: float = 60.0,
        decode_memory_mb: int = 2048,
        remote: RemoteAccess | None = None,
        computes: Computes | None = None,
        merge_after: int = 256,
        slices: Callable[[], Slices] = slices_of_this_machine,
    ) -> None:
        limit_decoding(decode_memory_mb)
        remote_files.use(remote or remote_files.access)
        self._root = root
        self._merge_after = merge_after
        self.slices = slices
        self._runner = Runner(
            worker=worker or Worker(),
            reporter=reporter or NoProgress(),
            locks=Locks(lease_s),
            chunk_size=chunk_size,
            computes=computes or LoadsAhead(os.cpu_count() or 1),
            decode_memory_mb=decode_memory_mb,
            remote=remote_files.access,
        )
        self._loaded: dict[str, Model[Any, Any]] = {}
        self.computed: dict[str, int] = {}  # items computed by this process, by folder name

    def measure(self, model: Measurable[R], images: Sequence[ImageRecord]) -> RecordedSignals[R]:
        """The model's signal for every image, by image id; only what no earlier run measured is computed."""
        return self.measure_together([model], images)[0]

    def measure_together(
        self, models: Sequence[Measurable[Any]], images: Sequence[ImageRecord]
    ) -> list[RecordedSignals[Any]]:
        """Like `measure` for each model; a picture that several of them want decoded alike is decoded once."""
        measured = {model_key(model): model for wanted in models for model in measured_models(wanted)}
        entries = self._fill(measured, images)
        ids = Ids(images)
        return [signals_of(model, lambda base: entries[model_key(base)], ids) for model in models]

    def compute(self, model: Model[Any, R], items: Sequence[HasId]) -> RecordedSignals[R]:
        """Like `measure` for a model that is handed the items themselves instead of decoded pictures."""
        folder = model_key(model)
        return StoredSignals(self._fill({folder: model}, items)[folder], Ids(items))

    def generate(self, model: LanguageModel, requests: Sequence[Request]) -> StoredSignals[Reply]:
        """The model's reply to every request, by request id; only what no earlier run was answered is asked."""
        folder, different = model_key(model), list({request.id: request for request in requests}.values())
        entry = self._fill({folder: cast("Any", model)}, different, self._runner.generate)[folder]
        return StoredSignals(entry, Ids(different))

    def _fill(
        self, models: Mapping[str, Model[Any, Any]], items: Sequence[Any], work: Callable[..., None] | None = None
    ) -> dict[str, CacheEntry]:
        start = time.monotonic()
        entries = {folder: CacheEntry(model, self._root / folder) for folder, model in models.items()}
        for entry in entries.values() if items else ():  # of many signals a look at the store takes seconds
            self._tidy(entry)
            entry.store.refresh()
        missing = dict(zip(entries, missing_counts(list(entries.values()), items, self.slices()), strict=True))
        active = {folder: entry for folder, entry in entries.items() if missing[folder]}
        if active:
            self._load_only(active)
            (work or self._runner.measure)(list(active.values()), items)
        for folder, entry in entries.items():
            entry.merge(self._runner.locks, after=self._merge_after)
            self.computed[folder] = self.computed.get(folder, 0) + entry.computed
            _summarize(entry, len(items), missing[folder], time.monotonic() - start)
        return entries

    def _tidy(self, entry: CacheEntry) -> None:
        """Take over what killed processes left."""
        adopt_orphans(entry.store.folder, self._runner.locks, entry.adopt)
        self._runner.locks.clear(entry.store.folder)

    def _load_only(self, active: Mapping[str, CacheEntry]) -> None:
        """Hand each entry its own copy of the model and drop those of earlier calls, weights and all."""
        self._loaded = {folder: self._loaded.get(folder) or _copy(entry.model) for folder, entry in active.items()}
        for folder, entry in active.items():
            entry.model = self._loaded[folder]


def _copy(model: Any) -> Model[Any, Any]:
    """The same model, not loaded."""
    unloaded: Model[Any, Any] = copy(model)
    return unloaded


def signals_of(
    model: Measurable[R], entry_of: Callable[[Model[Any, Any]], CacheEntry], ids: Collection[str]
) -> RecordedSignals[R]:
    """What stands in the entry of a model, or is derived from what stands in those of its sources."""
    if is_derived(model):
        return DerivedSignals(model, [signals_of(source, entry_of, ids) for source in model.sources], ids)
    return StoredSignals(entry_of(cast("Model[Any, R]", model)), ids)


def is_derived(model: object) -> TypeGuard[Derived[Any]]:
    return hasattr(model, "derive")


def measured_models(model: Measurable[Any]) -> list[Model[Any, Any]]:
    """The models that must run for `model`: itself, or what it is derived from."""
    if is_derived(model):
        return [base for source in model.sources for base in measured_models(source)]
    return [cast("Model[Any, Any]", model)]


def _summarize(entry: CacheEntry, total: int, missing: int, seconds: float) -> None:
    name = entry.model.name
    if not missing:
        log.info("%s: 0 model calls needed, %d remembered", name, total)
        return
    done = f"{entry.computed} computed in {seconds:.1f} s ({entry.computed / max(seconds, 1e-9):.1f}/s)"
    others = {
        "remembered": total - missing,
        "by other workers": max(0, missing - entry.computed),
        "failed for now": len(entry.failures),
    }
    log.info("%s: %s", name, ", ".join([done, *(f"{count} {what}" for what, count in others.items() if count)]))
