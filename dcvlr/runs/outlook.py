"""What a run would do, found without loading a model, sending a request or writing into the run directory.

The stages are carried out with what is stored: a picture that lacks a signal stops there, as unmeasured.
"""

from __future__ import annotations

import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.identity import identity, model_key
from dcvlr.llm.estimate import PictureTokens, cost_of, total
from dcvlr.memo.recall import Exchange, Recall, carried_out
from dcvlr.models.weights import stated_weights
from dcvlr.pipeline import Plan
from dcvlr.records import BinnedImage, Failure
from dcvlr.rundir.belonging import COUNTS
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.manifest import source_of
from dcvlr.runs.rehearsal import Rehearsal, rehearse
from dcvlr.settings.parts import parts
from dcvlr.source.folder import ImageFolder, choose, read_images


@dataclass(frozen=True, kw_only=True)
class ModelOutlook:
    """One model that a stage asks: of `stored` pictures or requests the signal is there, at least `missing` lack it.

    `most` is what may be missing once pictures are measured that stop at an earlier model now.
    """

    stage: str
    name: str
    key: str  # the name with the identity: two settings of a model are two models
    stored: int
    missing: int
    most: int
    weights: str


@dataclass(frozen=True, kw_only=True)
class StageOutlook:
    """What is known to go on of the pictures or questions that are measured, and what waits for a model."""

    name: str
    records: int
    kept: int
    waiting: int


@dataclass(kw_only=True)
class Outlook:
    files: int
    datasets: dict[str, int] = field(default_factory=dict)
    unread: int = 0  # files whose bytes nobody has read yet, so that no signal of theirs can be looked up
    stages: list[StageOutlook] = field(default_factory=list)
    models: list[ModelOutlook] = field(default_factory=list)
    requests: int = 0  # that are not answered yet and can be built from what is measured
    tokens_in: int = 0
    tokens_out: int = 0  # at most
    rehearsal: Rehearsal | None = None  # what all would cost if nothing were stored and every question passed


def look_ahead(plan: Plan) -> Outlook:
    """Raises `ConfigError` as a run would: for no pictures, or a folder that is not laid out as wanted."""
    recall = Recall(plan.checkpoints)
    outlook, records = _source(plan, recall)
    copies = sum(len(image.copies) for image in records)
    outlook.unread = max(0, outlook.files - len(records) - copies)
    waiting, binned = outlook.unread, None
    for name, stage in plan.stages.items():
        if stage.takes is BinnedImage:
            binned = records
        asked_before = set(recall.asked)
        kept, ledger = carried_out(stage, records, recall)
        outlook.models += _models(name, stage, recall, asked_before, waiting)
        outlook.stages.append(
            StageOutlook(name=name, records=len(records), kept=len(kept), waiting=ledger.unmeasured_count)
        )
        waiting, records = waiting + ledger.unmeasured_count, kept
    _count_requests(outlook, recall.exchanges)
    if binned is not None:
        outlook.rehearsal = rehearse(plan, binned, recall)
    return outlook


def _source(plan: Plan, recall: Recall) -> tuple[Outlook, Sequence[Any]]:
    """What there is, and the pictures whose bytes were read before; a source that would make or fetch its files is not
    asked for them, and a folder is listed once, which takes long where it is a store."""
    source, ledger = plan.source, Ledger(io.BytesIO(), "source")
    if isinstance(source, ImageFolder):
        found = source.found()
        chosen = choose(found, source.num_images, source.seed)
        outlook = Outlook(files=len(chosen), datasets=dict(sorted(Counter(map(found.dataset, chosen)).items())))
        return outlook, read_images(found, chosen, source.digest, recall, ledger)
    outlook = Outlook(files=source.count())
    if source_of(plan.run_dir) != source.location:
        return outlook, []
    try:
        return outlook, list(source(recall, ledger))
    except ConfigError:  # of none the bytes were read: `count` has found that there are files
        return outlook, []


def _models(stage: str, built: Any, recall: Recall, asked_before: set[str], waiting: int) -> Iterator[ModelOutlook]:
    """Every model of a stage once, also one that nothing got to yet, or that another one makes for itself."""
    models: dict[str, Any] = {
        model_key(part): part  # what has a signal is a model
        for part in parts(built)
        if isinstance(getattr(type(part), "signal", None), type)
    }
    models |= {key: recall.asked[key].model for key in recall.asked if key not in asked_before | models.keys()}
    for key, model in models.items():
        asked = recall.asked.get(key)
        missing = len(asked.missing) if asked else 0
        yield ModelOutlook(
            stage=stage,
            name=str(model.name),
            key=key,
            stored=len(asked.stored) if asked else 0,
            missing=missing,
            most=missing + waiting,
            weights=stated_weights(getattr(model, "network", model)),
        )
        if missing and hasattr(model, "decode"):
            waiting += missing


def _count_requests(outlook: Outlook, exchanges: Sequence[Exchange]) -> None:
    open_ones = {e.request.id: e for e in exchanges if isinstance(e.reply, Failure)}
    of_model: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in open_ones.values():
        of_model[identity(exchange.model)].append(exchange)
    pictures = PictureTokens()
    cost = total([cost_of(own[0].model, [one.request for one in own], pictures) for own in of_model.values()])
    outlook.requests, outlook.tokens_in, outlook.tokens_out = cost.requests, cost.tokens_in, cost.tokens_out


def last_results(run_dir: Path) -> dict[str, Any] | None:
    """The counts of the run that is there, if there is one."""
    path = run_dir / COUNTS
    results: dict[str, Any] | None = json.loads(path.read_bytes()) if path.is_file() else None
    return results
