"""What can be guessed without looking: the commonest answer and the commonest position, for every kind of question.

    python bench/prior.py PICTURES_DIR [SEEDS [QA_PER_IMAGE [MADE]]]

PICTURES_DIR holds `<dataset>/train/<picture>` and may be empty; beside them MADE drawn pages, as many of other
documents and as many scenes of things are asked about, which are made up and not read. For each kind with at least 40
questions it prints how often its commonest answer is right, how often the commonest position among the options is, how
often a model is that has only the question's words and its options (`text_guess.py`, trained on the other half of the
pictures, with 200 questions of a kind at most; names that stand in the picture are masked), and what chance would give.
Exits with 1 where one of them is right more often than chance + 5 points (and more often than such a sample can be by
luck).
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

from asking import asked, scenes_of, scratch_memo
from made_scenes import documents, pages, views
from text_guess import guessed

from dcvlr.records import Qa
from dcvlr.validation.checks.monotony import usual_answers

LEAST, MOST_READ = 40, 200
ALLOWED = 0.05
PHOTOGRAPHS = ("synthesis.generator.qa_per_photograph=20",)
UNREAD = ("~validation.checks.reread",)  # there is no picture to read again


def main(folder: Path, seeds: int, qa_per_image: int, made: int) -> int:
    files = sorted(path for path in folder.glob("*/train/*") if path.is_file())
    kinds: defaultdict[str, list[Qa]] = defaultdict(list)
    with scratch_memo() as memo:
        unread = [*pages(made), *documents(made), *views(made)]
        for scenes, times, checks in ((scenes_of(files, memo), seeds, ()), (unread, 1, UNREAD)):
            overrides = [*PHOTOGRAPHS, *checks]
            for qa in asked(scenes, memo, qa_per_image=qa_per_image, seeds=times, overrides=overrides):
                kinds[qa.generator.partition("/")[2]].append(qa)
                kinds["all"].append(qa)
    tried = [qa for kind, qas in sorted(kinds.items()) if kind != "all" for qa in some(qas)]
    read, ids = guessed(tried), frozenset(qa.id for qa in tried)
    print(f"{'kind':24}{'questions':>10}{'answer':>9}{'text':>9}{'chance':>9}{'position':>10}{'chance':>9}")
    guessable = [kind for kind, qas in sorted(kinds.items()) if len(qas) >= LEAST and row(kind, qas, read, ids)]
    print(f"guessed above chance + {ALLOWED:.0%}: {', '.join(guessable) or 'none'}")
    print(f"too few to say: {', '.join(kind for kind, qas in sorted(kinds.items()) if len(qas) < LEAST)}")
    return 1 if guessable else 0


def some(qas: list[Qa]) -> list[Qa]:
    return Random(0).sample(qas, min(MOST_READ, len(qas)))


def row(kind: str, qas: list[Qa], read: frozenset[str], tried: frozenset[str]) -> bool:
    """Prints one kind; whether it can be guessed."""
    answers = Counter(qa.answer for qa in qas)
    closed = [qa for qa in qas if qa.options]
    positions = Counter((qa.options or ()).index(qa.answer) for qa in closed)
    answer = answers.most_common(1)[0][1] / len(qas)
    text = sum(qa.id in read for qa in qas) / sum(qa.id in tried for qa in qas)
    by_chance = sum(1 / len(qa.options) if qa.options else _open_chance(qa, answers) for qa in qas) / len(qas)
    position = positions.most_common(1)[0][1] / len(closed) if closed else 0.0
    of_positions = sum(1 / len(qa.options or ()) for qa in closed) / len(closed) if closed else 0.0
    print(f"{kind:24}{len(qas):10}{answer:9.1%}{text:9.1%}{by_chance:9.1%}{position:10.1%}{of_positions:9.1%}")
    pictures = len({qa.image_id for qa in qas})  # several seeds ask about one picture again, and know no more of it
    beyond = ALLOWED + luck(pictures)
    return max(answer, text) > by_chance + beyond or position > of_positions + ALLOWED + luck(len(closed))


def _open_chance(qa: Qa, answers: Counter[str]) -> float:
    """One of the usual answers of the kind; of yes and no one of two."""
    return 1 / 2 if qa.answer in ("yes", "no") else 1 / usual_answers(answers.values(), answers.total())


def luck(count: int) -> float:
    """Two standard errors of a share of one half in so many questions."""
    return 1 / count**0.5 if count else 0.0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    numbers = [int(word) for word in sys.argv[2:]]
    sys.exit(main(Path(sys.argv[1]), *(numbers + [5, 6, 320][len(numbers) :])))
