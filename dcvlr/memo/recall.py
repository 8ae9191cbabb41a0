"""The memo for those who look at a run: what was measured and replied is found, what was not is never computed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

from dcvlr.execution.slices import slices_of_this_machine
from dcvlr.identity import model_key
from dcvlr.memo.entries import CacheEntry
from dcvlr.memo.memo import Ids, RecordedSignals, StoredSignals, measured_models, signals_of
from dcvlr.protocols import HasId, LanguageModel, Measurable, Model, Remembering, Stage
from dcvlr.records import Failure, ImageRecord
from dcvlr.records.requests import Reply, Request
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

R = TypeVar("R")

NOT_STORED = "no checkpoint holds it"


@dataclass
class Asked:
    """What one model was asked for: ids of items whose signal is stored, and of those without one."""

    model: Any
    stored: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Exchange:
    """A request as it is built today, and the reply that is stored for it, if there is one."""

    model: LanguageModel
    request: Request
    reply: Reply | Failure


class Recall:
    """Answers a stage from `root`, the checkpoints of a run; loads no model, sends nothing, computes nothing.

    An item without a signal is a `Failure` of kind `missing`, which a stage reports as unmeasured. `asked` counts by
    `<model name>-<identity>`; `exchanges` are the requests in the order they were built.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entries: dict[str, CacheEntry] = {}
        self.asked: dict[str, Asked] = {}
        self.exchanges: list[Exchange] = []
        self.slices = slices_of_this_machine

    def measure(self, model: Measurable[R], images: Sequence[ImageRecord]) -> RecordedSignals[R]:
        return self.measure_together([model], images)[0]

    def measure_together(
        self, models: Sequence[Measurable[Any]], images: Sequence[ImageRecord]
    ) -> list[RecordedSignals[Any]]:
        for wanted in models:
            for model in measured_models(wanted):
                self._look_up(model, images)
        return [signals_of(model, self._entry, Ids(images)) for model in models]

    def compute(self, model: Model[Any, R], items: Sequence[HasId]) -> RecordedSignals[R]:
        return StoredSignals(self._look_up(model, items), Ids(items))

    def generate(self, model: LanguageModel, requests: Sequence[Request]) -> StoredSignals[Reply]:
        replies: StoredSignals[Reply] = StoredSignals(self._look_up(cast("Any", model), requests), Ids(requests))
        self.exchanges += [Exchange(model, request, replies[request.id]) for request in requests]
        return replies

    def _look_up(self, model: Model[Any, Any], items: Sequence[HasId]) -> CacheEntry:
        entry = self._entry(model)
        asked = self.asked.setdefault(entry.key, Asked(model))
        for item in items:
            if item.id in entry.store:
                asked.stored.add(item.id)
            else:
                asked.missing.add(item.id)
                entry.failures[item.id] = Failure(kind="missing", message=f"{model.name}: {NOT_STORED}")
        return entry

    def _entry(self, model: Model[Any, Any]) -> CacheEntry:
        key = model_key(model)
        if key not in self._entries:
            self._entries[key] = CacheEntry(model, self._root / key)
            self._entries[key].store.refresh()
        return self._entries[key]


def carried_out(stage: Stage[Any, Any], records: Sequence[Any], memo: Remembering) -> tuple[list[Any], Ledger]:
    """What a stage lets through with what is stored, and its ledger, once its files are thrown away."""
    ledger = Ledger(io.BytesIO(), stage.name)
    with TemporaryDirectory() as folder:
        return list(stage(records, memo, ledger, Folder(Path(folder)))), ledger
