"""What the benchmarks of computed questions share: pictures measured as the embedded preset does, and asked about."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dcvlr.config import compose, make
from dcvlr.identity import file_digest
from dcvlr.memo import Memo
from dcvlr.records import Failure, ImageRecord, Qa, Scene
from dcvlr.validation.verdicts import surveyed


@contextmanager
def scratch_memo() -> Iterator[Memo]:
    """A memo that is gone afterwards; its signals are read from disk whenever they are looked at."""
    with tempfile.TemporaryDirectory() as scratch:
        yield Memo(Path(scratch))


def scenes_of(files: Sequence[Path], memo: Memo, overrides: Sequence[str] = ()) -> list[Scene]:
    """Pictures that text and colours can be read in."""
    cfg = compose(list(overrides))
    ocr, pixels = make(cfg, "binning.ocr"), make(cfg, "synthesis.pixels")
    images = [ImageRecord(id=file_digest(path), path=str(path), dataset=path.parent.parent.name) for path in files]
    text, facts = memo.measure_together([ocr, pixels], images)
    found = []
    for image in images:
        lines, seen = text[image.id], facts[image.id]
        if not isinstance(lines, Failure) and not isinstance(seen, Failure):
            found.append(Scene(image=image, bin="A", text=lines, pixels=seen))
    return found


def asked(
    scenes: Sequence[Scene], memo: Memo, *, qa_per_image: int, seeds: int = 1, overrides: Sequence[str] = ()
) -> Iterator[Qa]:
    """Questions that pass the default checks, each once whatever the seed."""
    cfg = compose([f"synthesis.generator.qa_per_image={qa_per_image}", *overrides])
    writer, checks = make(cfg, "synthesis.generator"), make(cfg, "validation.checks")
    known: set[tuple[str, str]] = set()
    for seed in range(seeds):
        written = [list(questions.qas) for questions in replace(writer, seed=seed)(scenes, memo)]
        run = [qa for of_one in written for qa in of_one]
        among = [surveyed(check, run) for check in checks.values()]
        for of_one in written:
            passed = of_one
            for check in among:
                findings = check(passed, memo)
                passed = [qa for qa, finding in zip(passed, findings, strict=True) if finding.passed]
            for qa in passed:
                if (qa.image_id, qa.question) not in known:
                    known.add((qa.image_id, qa.question))
                    yield qa
