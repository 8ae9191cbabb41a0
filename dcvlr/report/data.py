"""All that a report's page knows, as plain values for JSON."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Any

import msgspec
import numpy as np
from rapidfuzz import fuzz, process

from dcvlr.metadata.licences import PictureNames, count_licences
from dcvlr.records import ImageValues, LedgerEntry, Qa, ValueRule
from dcvlr.records.status import ModelProgress, WorkerStatus
from dcvlr.remote import without_queries
from dcvlr.report.galleries import galleries
from dcvlr.report.page_columns import PageColumns, columns_of, flags
from dcvlr.report.questions import answer_priors, question_cards
from dcvlr.report.thumbnails import Thumbnails
from dcvlr.rundir.reader import RunDirectory
from dcvlr.rundir.record_list import ById
from dcvlr.rundir.status_file import is_alive, workers
from dcvlr.sampling import sampled
from dcvlr.settings.changed import changed_settings

COMPARED = 1000
"""Questions that are compared, each with each; of more a seeded sample."""
_LEAST_LIKENESS = 90  # of 100, rapidfuzz's token_sort_ratio
_SHOWN = 40
_LONGEST = 300  # characters of a setting's value
_FILTERING, _BINNING = "stage1_filtering", "stage2_binning"


def report_data(run: RunDirectory, thumbnails: Thumbnails, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of a finished run."""
    summaries = dict(run.summaries())
    filtered = columns_of(run.values(_FILTERING))
    binned = ById(run.values(_BINNING), lambda row: row.id)
    rules = _rules(summaries.get(_FILTERING, {}).get("rules", []))
    groups = [
        {"name": group["name"], "rules": _rules(group["rules"])}
        for group in summaries.get(_BINNING, {}).get("bins", [])
    ]
    questions = question_cards(run.dataset, run.ledger, run.flagged, thumbnails)
    shares = [worker for _, worker in workers(run.path / "status")]
    return {
        "title": run.path.absolute().name,
        "manifest": {key: value for key, value in run.manifest.items() if key != "files"} | _ended(run, shares),
        "overrides": list(map(without_queries, run.overrides)),
        "changed": _changed(defaults, run.config),
        "stages": [_stage(folder, summary, run.ledger) for folder, summary in summaries.items()],
        "filtering": _filtering(filtered, rules),
        "bins": _bins(filtered, binned, groups),
        "galleries": galleries(run.ledger, run.values(_FILTERING), binned, thumbnails),
        "questions": questions,
        "audit": run.audit,
        "priors": answer_priors(run.dataset),
        "alike": alike_questions(run.dataset),
        "models": model_costs(run.manifest, shares),
        "licences": _licences(run.dataset, run.row_files),
        "linked": not thumbnails.embedded,
    }


def _ended(run: RunDirectory, shares: Iterable[WorkerStatus]) -> dict[str, str]:
    """What a manifest that says `running` cannot know of its run."""
    over = run.manifest.get("status") == "running" and not any(is_alive(one, time.time()) for one in shares)
    return {"status": "stopped"} if over else {}


def _changed(defaults: Mapping[str, Any], config: Mapping[str, Any]) -> list[list[str]] | None:
    """Key, default and value of each setting that was changed; None where the run kept none."""
    return [[key, _written(a), _written(b)] for key, a, b in changed_settings(defaults, config)] if config else None


def _written(value: Any) -> str:
    """A setting's value as it is typed."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return without_queries(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _licences(dataset: Iterable[Qa], row_files: Collection[str]) -> list[list[Any]]:
    """Dataset, licence that is stated beside its pictures or in their rows (None: nowhere), and how many have it."""
    names = PictureNames()
    for qa in dataset:
        names.add(qa.pictures)
    counts = count_licences(names, row_files)
    return [[name, licence, count] for (name, licence), count in sorted(counts.items(), key=str)]


def _rules(values: Iterable[Any]) -> list[ValueRule]:
    return msgspec.convert(list(values), list[ValueRule])


def _stage(folder: str, summary: Mapping[str, Any], ledger: Iterable[LedgerEntry]) -> dict[str, Any]:
    """What a stage was handed, what it kept, and why the rest went: by this reason alone, and in all."""
    name = summary.get("stage", folder)
    alone: Counter[str] = Counter()
    total: Counter[str] = Counter()
    records: defaultdict[str, int] = defaultdict(int)
    for entry in ledger:
        if entry.stage == name:
            records[entry.verdict] += 1
            total.update(entry.reasons)
            alone.update(entry.reasons if len(entry.reasons) == 1 else ())
    lost = [{"reason": reason, "alone": alone[reason], "total": count} for reason, count in total.most_common()]
    return {"name": name, "summary": summary, "left_out": dict(records), "reasons": lost}


def _filtering(columns: PageColumns, rules: Sequence[ValueRule]) -> dict[str, Any]:
    names = [rule.name for rule in rules]
    return {
        "rules": rules,
        "count": len(columns.rows),
        "total": columns.total,
        "columns": columns.packed(names, columns.rows),
        "fixed": columns.fixed(rules),
    }


def _bins(
    columns: PageColumns, binned: Mapping[str, ImageValues], groups: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    names = list(dict.fromkeys(rule.name for group in groups for rule in group["rules"]))
    rows = [binned.get(row.id) for row in columns.rows]
    sorted_ = {*(group["name"] for group in groups), "balance"}
    return {"groups": groups, "columns": columns.packed(names, rows), "fixed": flags(_left_out(rows, sorted_))}


def _left_out(rows: Iterable[ImageValues | None], sorted_: Collection[str]) -> Iterator[bool]:
    """Whether binning left a picture out, which no rule of the page can take back."""
    return (row is not None and row.outcome not in sorted_ for row in rows)


def alike_questions(dataset: Sequence[Qa]) -> list[dict[str, Any]]:
    """Pairs in nearly the same words: first those about one picture, then with one answer, then the most alike."""
    qas = sampled(dataset, COMPARED, "alike")
    texts = [qa.question for qa in qas]
    scores = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio, score_cutoff=_LEAST_LIKENESS, dtype=np.uint8)
    found = [(int(one), int(other)) for one, other in zip(*np.nonzero(np.triu(scores, 1)), strict=True)]

    def harm(pair: tuple[int, int]) -> tuple[bool, bool, int, tuple[int, int]]:
        one, other = qas[pair[0]], qas[pair[1]]
        return (one.image_id != other.image_id, one.answer != other.answer, -int(scores[pair]), pair)

    return [_pair(qas[pair[0]], qas[pair[1]], int(scores[pair])) for pair in nsmallest(_SHOWN, found, key=harm)]


def _pair(one: Qa, other: Qa, likeness: int) -> dict[str, Any]:
    return {
        "likeness": likeness,
        "questions": [one.question, other.question],
        "answers": [one.answer, other.answer],
        "same_picture": one.image_id == other.image_id,
    }


def model_costs(manifest: Mapping[str, Any], workers: Iterable[WorkerStatus]) -> list[dict[str, Any]]:
    """Of every model that was asked: what was computed now and by all runs, seconds, rate, tokens and money.

    A model that had nothing left to compute has no seconds. `computed` is by all workers of the last run.
    """
    now: defaultdict[str, list[ModelProgress]] = defaultdict(list)
    for worker in workers:
        for key, progress in worker.models.items():
            now[key].append(progress)
    ever = manifest.get("spent", {}).get("models", {})
    keys = dict.fromkeys([*manifest.get("computed", {}), *now])
    return [_row(key, now[key], ever.get(key, {})) for key in keys]


def _row(key: str, parts: Iterable[ModelProgress], ever: Mapping[str, float]) -> dict[str, Any]:
    progress = list(parts)
    counts: defaultdict[str, float] = defaultdict(float)
    for part in progress:
        for what, amount in part.counts.items():
            counts[what] += amount
    seconds = max((part.seconds for part in progress), default=0.0)
    return {
        "name": key.rpartition("-")[0],
        "remembered": max((part.known for part in progress), default=None),
        "computed": counts["computed"],
        "failed": sum(amount for what, amount in counts.items() if what.startswith("failed.")),
        "seconds": seconds,
        "rate": counts["computed"] / seconds if seconds else None,
        "tokens": counts["prompt_tokens"] + counts["completion_tokens"],
        "cost": counts["cost"],
        "ever": dict(ever),
    }
