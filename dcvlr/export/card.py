"""The card of a dataset: what it holds, what made it, whose pictures it shows and what it cannot promise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from dcvlr.export.audit_section import with_audit
from dcvlr.export.described import BackEnd, back_ends, values
from dcvlr.export.markdown import block, code, table
from dcvlr.metadata.licences import PictureNames, count_licences
from dcvlr.records import Audit, Qa, to_json
from dcvlr.text.letters import option_lines

CARD = "README.md"

# Of the names that the hub knows, those that datasets of pictures have; it refuses a card with another.
_HUB_LICENCES = frozenset(
    {
        *("apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "pddl", "odbl", "odc-by", "gpl-3.0", "agpl-3.0", "cc"),
        *("cc-by-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-2.0"),
        *("cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0"),
    }
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a run knows of a dataset beyond its records.

    `parts` are the source and the stages as `identity.describe` gives them, by their keys in the config; `results` are
    the counts of pipeline_results.json, `audit` is what people said of an earlier run that made the same,
    `row_files` what sources wrote about their pictures.
    """

    parts: Mapping[str, Mapping[str, Any]]
    results: Mapping[str, Any]
    audit: Audit | None = None
    row_files: Collection[str] = ()


def dataset_card(qas: Iterable[Qa], origin: Origin) -> str:
    """The text of a README.md as the hub of Hugging Face reads it; it names no folder of this machine."""
    counts = tally(qas, origin.row_files)
    sections = [
        _front_matter(counts, origin),
        "# A visual reasoning dataset made by dcvlr",
        _summary(counts, origin),
        "## Counts",
        *_counts(counts),
        *_samples(counts),
        "## Licences",
        *_licences(counts),
        "## What made it",
        *_made_by(origin),
        "## Limits",
        _limits(counts, origin),
    ]
    return with_audit("\n\n".join(sections) + "\n", origin.audit)


def _front_matter(counts: Tally, origin: Origin) -> str:
    size = next((name for bound, name in _SIZES if counts.questions < bound), "n>1M")
    fields = {
        "license": _hub_licence(counts),
        **_language(origin),
        "task_categories": ["visual-question-answering"],
        "size_categories": [size],
        "tags": ["synthetic", "dcvlr"],
    }
    # YAML reads JSON.
    return "\n".join(["---", *(f"{key}: {to_json(value).decode()}" for key, value in fields.items()), "---"])


def _language(origin: Origin) -> dict[str, list[str]]:
    """What the check of that name holds all questions to."""
    checks = origin.parts.get("validation", {}).get("fields", {}).get("checks", {})
    return {"language": [checks["language"]["fields"]["language"]]} if "language" in checks else {}


def _hub_licence(counts: Tally) -> str | list[str]:
    stated = {licence for of_dataset in counts.licences.values() for licence in of_dataset}
    named = sorted(licence.lower() for licence in stated if licence is not None)
    if None in stated or not named:
        return "unknown"
    if not _HUB_LICENCES.issuperset(named):
        return "other"
    return named if len(named) > 1 else named[0]


def _summary(counts: Tally, origin: Origin) -> str:
    version = metadata.version("dcvlr")
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.kinds.items()))
    steps = ", ".join(f"{key} {_plain(value)}" for key, value in origin.results.items())
    return (
        f"{counts.questions} questions{f' ({kinds})' if kinds else ''} about {counts.pictures} pictures, each with its "
        f"answer and numbered steps of reasoning. Made by dcvlr {version}. What the stages let through: {steps}."
    )


def _plain(value: object) -> str:
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)


def _counts(counts: Tally) -> list[str]:
    by = {"bin": counts.bins, "generator/family": counts.generators, "made from": counts.made_from}
    return [table((name, "questions"), _sorted(counter)) for name, counter in by.items()]


def _samples(counts: Tally) -> list[str]:
    if not counts.samples:
        return []
    shown = [block(_sample(qa), "text") for _, qa in sorted(counts.samples.items())]
    return ["## Sample records", "One of each bin; the pictures are in the files.", *shown]


def _sample(qa: Qa) -> str:
    asked = [qa.question, *option_lines(qa.options)]
    return "\n".join([f"bin {qa.bin}, id {qa.id}", "", *asked, "", qa.reasoning, "", f"Answer: {qa.answer}"])


def _sorted(counter: Counter[str]) -> list[tuple[str, str]]:
    return [(code(name), str(n)) for name, n in sorted(counter.items())]


def _licences(counts: Tally) -> list[str]:
    pictures: Counter[str] = Counter()
    for (dataset, _), names in counts.files.items():
        pictures[dataset] += len(names)
    rows = [
        (code(name), str(questions), str(pictures[name]), _stated(counts.licences[name]))
        for name, questions in sorted(counts.datasets.items())
    ]
    return [
        "The licence of a picture is what the `metadata.jsonl` beside it, or its row, states; `unknown` is not a "
        "permission: who passes such pictures on has to find out.",
        table(("dataset", "questions", "pictures", "licence of the pictures"), rows),
    ]


def _stated(licences: Counter[str | None]) -> str:
    named = sorted((licence or "unknown", n) for licence, n in licences.items())
    return ", ".join(f"{code(licence)} ({n})" for licence, n in named)


def _made_by(origin: Origin) -> list[str]:
    models = [(", ".join(map(code, end.keys)), code(end.name), _shown(end)) for end in back_ends(origin.parts)]
    settings = [(code(key), code(value)) for key, value in values(origin.parts)]
    return [
        "Back ends, with the revision of their code and the settings that can change a result. A revision of weights "
        "is shown as it was configured; a branch such as `main` may have moved since.",
        table(("key", "back end", "revision and settings"), models),
        "Thresholds and settings of the stages, by their keys in the config:",
        table(("key", "value"), settings),
    ]


def _shown(end: BackEnd) -> str:
    return ", ".join([f"code revision {end.revision}", *(f"{code(key)} {code(value)}" for key, value in end.settings)])


def _limits(counts: Tally, origin: Origin) -> str:
    limits = [
        "No person has checked these records one by one.",
        "Questions and answers rest on what models read off the pictures; what they misread can be in both.",
        "The checks named above hold for every record, and nothing beyond them: no check proves that a question is "
        "useful or that its answer cannot be guessed.",
        "Texts and pictures may show names or other personal data that was in the pictures.",
        "Whether a picture or question is also in a benchmark was looked at only if the settings name such a check.",
    ]
    if any(not name.startswith("computed/") for name in counts.generators):
        limits.append("Language models wrote questions: the terms of those models may bind what is trained on them.")
    if origin.parts.get("filtering", {}).get("fields", {}).get("nsfw") is None:
        limits.append("No filter for unsafe pictures was on.")
    return "\n".join(f"- {limit}" for limit in limits)


@dataclass(kw_only=True)
class Tally:
    """`files` are the names of the pictures by dataset and folder; `licences` counts them by dataset and licence.

    `samples` has one record of each bin, that of the least id.
    """

    questions: int = 0
    bins: Counter[str] = field(default_factory=Counter)
    generators: Counter[str] = field(default_factory=Counter)
    datasets: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    made_from: Counter[str] = field(default_factory=Counter)
    samples: dict[str, Qa] = field(default_factory=dict)
    files: PictureNames = field(default_factory=PictureNames)
    licences: defaultdict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def pictures(self) -> int:
        return sum(map(len, self.files.values()))


def tally(qas: Iterable[Qa], row_files: Collection[str]) -> Tally:
    """The counts of a dataset; a licence of None is one that nothing states, nor the rows of the pictures' sources."""
    counts = Tally()
    for qa in qas:
        _count(counts, qa)
    for (dataset, licence), number in count_licences(counts.files, row_files).items():
        counts.licences[dataset][licence] = number
    return counts


def _count(counts: Tally, qa: Qa) -> None:
    counts.questions += 1
    counts.bins[qa.bin] += 1
    counts.generators[qa.generator] += 1
    counts.datasets[qa.dataset] += 1
    counts.samples[qa.bin] = min(counts.samples.get(qa.bin, qa), qa, key=lambda one: one.id)
    counts.kinds["open" if qa.options is None else "multiple choice"] += 1
    counts.made_from[qa.created_from] += 1
    counts.files.add(qa.pictures)
