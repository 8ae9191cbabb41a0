"""Whether a question for what is not in the picture is refused where it is in it, however its line was read.

    python bench/absences.py RECEIPTS_DIR

RECEIPTS_DIR holds `train/` and `ground_truth.jsonl`, as for bench/truth.py. Good inputs are the pages as they were
read, of which people's transcripts say whether a word of what is asked for stands on them; `every page` leaves out that
all lines must have been read surely. Bad inputs are the same pages with one line more, which says it: as it is printed,
with one letter read as another (or left out, or doubled), run together with its neighbours.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from asking import scenes_of, scratch_memo
from truth import key, read_truth

from dcvlr.config import compose, make
from dcvlr.records import Scene
from dcvlr.synthesis.programs.forms.absences import about_absences, may_stand
from dcvlr.synthesis.scene.read import read_document

LOOKS_LIKE = {"i": "l1", "l": "i1", "o": "0c", "e": "c", "c": "e", "s": "5", "g": "q", "v": "u", "r": "n", "t": "f"}


def main(folder: Path) -> None:
    truth = read_truth(folder / "ground_truth.jsonl")
    files = [path for path in sorted((folder / "train").iterdir()) if path.name in truth]
    with scratch_memo() as memo:
        report(scenes_of(files, memo), {name: [key(line.text) for line in lines] for name, lines in truth.items()})


def report(scenes: Sequence[Scene], truth: dict[str, list[str]]) -> None:
    writer = make(compose([]), "synthesis.generator")
    words, good, bad = writer.wording.words, Counter[str](), Counter[str]()
    for scene in scenes:
        assert scene.text is not None
        document = read_document(scene.text, writer.text, writer.wording.words)
        texts, printed = [line.text for line in document.page.lines], truth[Path(scene.image.path).name]
        asked = {str(form.program) for form in about_absences(document, scene.text, words)}
        for name, called in words.absent.items() if document.bill else ():
            if any(may_stand(word, texts) for word in called):
                continue
            false = any(key(word) in line for word in called for line in printed)
            for where in ("every page", *(["pages read surely"] if any(repr(name) in one for one in asked) else [])):
                good[where] += 1
                good[f"{where}, false"] += false
            for word in called:
                for way, line in planted(word, Random(f"{scene.image.id}/{word}")):
                    bad[way] += 1
                    bad[f"{way}, asked"] += not any(may_stand(one, [*texts, line]) for one in called)
    for way in ("every page", "pages read surely"):
        print(f"{way:24}{good[way]:6} asked, {good[f'{way}, false']} false by the transcripts")
    for way in ("as printed", "one slip", "run together", "slip and run together"):
        print(f"{way:24}{bad[way]:6} planted, {bad[f'{way}, asked']} asked all the same")


def planted(word: str, rng: Random) -> Iterator[tuple[str, str]]:
    yield "as printed", f"{word.title()} 1.00"
    yield "run together", f"Sale{word}amount 1.00"
    if len(word) > 4:
        yield "one slip", f"{misread(word, rng).title()} 1.00"
        yield "slip and run together", f"Sale{misread(word, rng)}amount 1.00"


def misread(word: str, rng: Random) -> str:
    at = rng.randrange(len(word))
    other = rng.choice((rng.choice(LOOKS_LIKE.get(word[at], "x")), "", 2 * word[at]))
    return word[:at] + other + word[at + 1 :]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
