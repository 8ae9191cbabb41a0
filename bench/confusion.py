"""How many good questions the checks keep, and how many bad ones of each kind they remove.

    python bench/confusion.py [FILE …] [KIND …]

A server on loopback plays writers of about 50 kinds on the receipts and photographs of the samples, and an honest
solver. Each kind, with what it writes, stands in `personas/known.yaml`; in `personas/unseen.yaml` in words written
before the checks were read, in `personas/heldout.yaml` in words of somebody who had read neither these nor the
checks, and in `personas/fresh.yaml` of a third person, who had read these but not the checks. Their replies go through
the real client, the reading of replies and the checks of the config. Printed per kind: questions asked, share kept by
the free checks, share kept with `solve` and `masked` too, and the checks that removed most. What was mended (letters,
ids) counts as removed where that is the fault of its kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import yaml
from receipts import PHOTOGRAPHS, Facts, facts_of
from writers import Writers

from dcvlr.config import compose, make
from dcvlr.identity import file_digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, Qa, Scene
from dcvlr.source.samples.photographs import data_folder
from dcvlr.source.samples.receipts import draw_receipt
from dcvlr.validation.verdicts import verdicts

FILES = ("known", "unseen", "heldout", "fresh")
MODEL_CHECKS = ("solve", "masked")
ABOUT_OTHERS = ("duplicates", "monotony")
ABOUT_ALL = ("same_question",)  # kinds that are a fault of many pictures together
MENDED = (
    "letters_in_steps",
    "ids_in_steps",
    "ids_in_question",
    "markdown",
)  # kinds whose fault is taken out without asking
RECEIPTS = 8
FOLDER = Path(__file__).parents[1] / "outputs" / "confusion"  # what was measured stays for the next time


class Unremembered:
    """Asks and forgets, so that nothing is read from an earlier bench."""

    def generate(self, model: Any, requests: Sequence[Any]) -> dict[str, Any]:
        return {request.id: reply for request, reply in model.answers(iter(requests))}


@dataclass
class Tally:
    asked: int = 0
    free: int = 0
    all: int = 0
    removed_by: Counter[str] = field(default_factory=Counter)


def main() -> None:
    wanted = set(sys.argv[1:]) - set(FILES)
    files = [name for name in FILES if name in sys.argv[1:]] or FILES
    with Writers() as server:
        scenes = list(pictures(FOLDER))
        generator, checks = settings(server.url)
        for name in files:
            groups = yaml.safe_load((Path(__file__).parent / "personas" / f"{name}.yaml").read_text("utf-8"))
            print(f"\n{name}.yaml{'':16} asked  free  free+model  removed by")
            for group, kinds in groups.items():
                for kind, phrasings in kinds.items():
                    if not wanted or kind in wanted:
                        tally = tried(kind, phrasings, groups["good"], scenes, server, generator, checks)
                        report(group, kind, tally)


def pictures(folder: Path) -> Iterator[tuple[Scene, Facts]]:
    """Drawn receipts and photographs as a writer is shown them, read by the models of the default preset."""
    config = compose(["images_dir=x", f"output_dir={folder}"])
    memo, ocr, detector = Memo(folder / "checkpoints"), make(config, "binning.ocr"), make(config, "binning.detector")
    images = [
        ImageRecord(id=file_digest(path), path=str(path), dataset=path.parent.name) for path in sorted(drawn(folder))
    ]
    texts, objects = memo.measure(ocr, images), memo.measure(detector, images)
    for image in images:
        bin_ = "A" if image.dataset == "receipts" else "B"
        scene = Scene(image=image, bin=bin_, text=texts[image.id], objects=objects[image.id])
        if (facts := facts_of(scene, Path(image.path))) is not None:
            yield scene, facts


def drawn(folder: Path) -> Iterator[Path]:
    for index in range(RECEIPTS):
        path = folder / "receipts" / f"{index:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draw_receipt(Random(index), index).image.save(path)
        yield path
    yield from (data_folder() / name for name in PHOTOGRAPHS)


def settings(url: str) -> tuple[Any, Mapping[str, Any]]:
    llms = ["synthesis.generator.llm", *(f"validation.checks.{check}.solver.llm" for check in MODEL_CHECKS)]
    config = compose(
        [
            *("images_dir=x", "synthesis/generator=openai", "synthesis.generator.think_first=false"),
            *("synthesis.generator.qa_per_image=1", f"+validation/checks=[{','.join(MODEL_CHECKS)}]"),
            *(
                f"{key}.{name}={value}"
                for key in ("synthesis.generator.llm", *llms)
                for name, value in address(url, key)
            ),
            "validation.checks.masked.solver.samples=1",
            "validation.checks.masked.solver.temperature=0",
            "~validation.checks.reread",  # judges the reading, not what a writer makes of it
        ]
    )
    return make(config, "synthesis.generator"), make(config, "validation").checks


def address(url: str, key: str) -> list[tuple[str, str]]:
    return [
        ("base_url", url),
        ("api_key_env", "null"),
        ("model", key.removesuffix(".llm").removesuffix(".solver").rpartition(".")[2]),
    ]


def tried(
    kind: str,
    phrasings: Sequence[Mapping[str, Any]],
    good: Mapping[str, Any],
    scenes: Sequence[tuple[Scene, Facts]],
    server: Writers,
    generator: Any,
    checks: Mapping[str, Any],
) -> Tally:
    tally = Tally()
    for phrasing in phrasings:
        asked = [(scene, facts) for scene, facts in scenes if phrasing["about"] in ("any", facts.on)]
        written = []
        for scene, facts in asked:
            fields = facts.filled(phrasing, good)
            server.writes(fields)
            answer_type = "multiple_choice" if fields.get("o") else "short_text"
            (questions,) = replace(generator, answer_types={answer_type: 1.0})([scene], Unremembered())
            tally.removed_by.update(finding.name for finding in questions.lost)
            tally.removed_by.update(failure.kind for failure in questions.failed)
            written += [judged(kind, qa, checks, tally) for qa in questions.qas]
        tally.asked += len(asked)
        monotonous = alike([qa for qa, _, _ in written], checks) if kind in ABOUT_ALL else set()
        tally.removed_by.update(["monotony"] * len(monotonous))
        tally.free += sum(free for qa, free, _ in written if qa.id not in monotonous)
        tally.all += sum(everything for qa, _, everything in written if qa.id not in monotonous)
    return tally


def judged(kind: str, qa: Qa, checks: Mapping[str, Any], tally: Tally) -> tuple[Qa, bool, bool]:
    """Whether the free checks keep a question, and whether all do; each alone, so that none is a duplicate."""
    if qa.repaired and kind in MENDED:
        tally.removed_by.update(["mended"])
        return qa, False, False
    alone = {name: check for name, check in checks.items() if name not in ABOUT_OTHERS}
    (verdict,) = verdicts(alone, [qa], Unremembered())  # type: ignore[arg-type]
    tally.removed_by.update(verdict.refusals)
    return qa, not set(verdict.refusals) - set(MODEL_CHECKS), verdict.passed


def alike(qas: Sequence[Qa], checks: Mapping[str, Any]) -> set[str]:
    found = checks["monotony"].among(qas)(qas, Unremembered())
    return {qa.id for qa, finding in zip(qas, found, strict=True) if not finding.passed}


def report(group: str, kind: str, tally: Tally) -> None:
    free, everything = (100 * kept / tally.asked for kept in (tally.free, tally.all))
    by = ", ".join(f"{name} {count}" for name, count in tally.removed_by.most_common(4))
    print(f"{group:7} {kind:22} {tally.asked:4} {free:5.0f}% {everything:9.0f}%  {by}", flush=True)


if __name__ == "__main__":
    main()
