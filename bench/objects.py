"""How many computed questions about objects are right where the detector is not exact.

    python bench/objects.py [SCENES]

Scenes of things with known classes and boxes are made up. A detector that errs as real ones do finds them: edges are
off by some percent, sure things get weak scores now and then, one thing is found twice or under two names. A question
is right if its proof passes with the true boxes in place of those that were found, and if all things of the kinds that
it looks at are in it once. With `limits off` the same is asked without the writer's limits, to show what they are for;
things that a detector misses altogether are no matter of limits, and are not part of it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from dcvlr.config import compose, make
from dcvlr.memo import Memo
from dcvlr.records import Box, Detection, Detections, ImageRecord, Qa, Scene

WIDTH, HEIGHT = 640, 480
OFF = 0.03  # of a box's side: the standard deviation of each edge
COUNTS = (1, 1, 1, 1, 2, 3)  # of one label, each as likely
WEAK, TWICE, TWO_NAMES = 0.08, 0.06, 0.06  # shares of things with a weak score, found twice, found under two names


@dataclass(frozen=True)
class Thing:
    label: str
    box: Box


def main(count: int) -> None:
    cfg = compose(["synthesis.generator.qa_per_photograph=20", "synthesis.generator.qa_per_image=20"])
    writer, proof = make(cfg, "synthesis.generator"), make(cfg, "validation.checks")["proof"]
    words = writer.wording.words
    labels = sorted({one for members, _ in words.groups.values() for one in members} | {"person", "clock", "umbrella"})
    made = [drawn(Random(f"objects/{n}"), labels, COUNTS) for n in range(count)]
    nothing = replace(writer.sight, min_object_score=0.0, min_gap=0.0, min_size_ratio=1.0)
    with tempfile.TemporaryDirectory() as folder:
        memo = Memo(Path(folder))
        for name, limits in (("limits off", nothing), ("as shipped", writer.sight)):
            asker = replace(writer, sight=limits)
            table: defaultdict[str, Counter[str]] = defaultdict(Counter)
            wrong = []
            for things, scene, sources in made:
                for qa in asker([scene], memo)[0].qas:
                    reason = error(qa, things, sources, proof, memo, words.groups)
                    for kind in (qa.generator.partition("/")[2], "all"):
                        table[kind]["asked"] += 1
                        table[kind]["wrong"] += bool(reason)
                    if reason:
                        wrong.append(f"{qa.generator}: {qa.question} -> {qa.answer}: {reason}")
            report(name, table)
            print("\n".join(wrong) if name == "as shipped" else "", end="\n")


def drawn(rng: Random, labels: Sequence[str], counts: Sequence[int]) -> tuple[list[Thing], Scene, list[int]]:
    """Things as they are, the scene as a detector sees it, and which thing each detection is of."""
    things = []
    for label in rng.sample(labels, rng.randint(3, 8)):
        for _ in range(rng.choice(counts)):
            w, h = rng.uniform(20, 160), rng.uniform(20, 160)
            x, y = rng.uniform(-20, WIDTH - w + 20), rng.uniform(-20, HEIGHT - h + 20)
            things.append(Thing(label, (max(0.0, x), max(0.0, y), min(WIDTH, x + w), min(HEIGHT, y + h))))
    found: list[tuple[int, Detection]] = []
    for index, one in enumerate(things):
        score = rng.uniform(0.4, 0.6) if rng.random() < WEAK else rng.uniform(0.6, 0.95)
        found.append((index, Detection(one.label, score, seen(one.box, rng))))
        if rng.random() < TWICE:
            found.append((index, Detection(one.label, rng.uniform(0.4, 0.9), seen(one.box, rng))))
        if rng.random() < TWO_NAMES:
            found.append((index, Detection(rng.choice(labels), rng.uniform(0.4, 0.9), seen(one.box, rng))))
    found.sort(key=lambda one: -one[1].score)
    objects = Detections(WIDTH, HEIGHT, tuple(one for _, one in found), labelled=True)
    image = ImageRecord(id=f"{rng.getrandbits(64):x}", path="made.png", dataset="made")
    return things, Scene(image=image, bin="C", text=None, objects=objects, pixels=None), [index for index, _ in found]


def seen(box: Box, rng: Random) -> Box:
    """Edges a little off; one at the border of the picture stays there."""
    x0, y0, x1, y1 = box
    w, h = OFF * (x1 - x0), OFF * (y1 - y0)
    x0, x1 = (x + rng.gauss(0, w) if 0 < x < WIDTH else x for x in (x0, x1))
    y0, y1 = (y + rng.gauss(0, h) if 0 < y < HEIGHT else y for y in (y0, y1))
    return (max(0.0, x0), max(0.0, y0), min(WIDTH, x1), min(HEIGHT, y1))


def error(
    qa: Qa, things: Sequence[Thing], sources: Sequence[int], proof: Any, memo: Memo, groups: dict[str, Any]
) -> str:
    """What is wrong with a question; empty for a right one."""
    cited = [one for one in qa.evidence if one.kind == "object"]  # the others are parts of the picture
    of = {one.ref: sources[int(one.ref[1:]) - 1] for one in cited}
    if len(set(of.values())) < len(of):
        return "one thing is taken for two"
    if called := [one.text for one in cited if one.text != things[of[one.ref]].label]:
        return f"nothing is a {called[0]}"
    looked_at = {one.text for one in cited}
    for name in groups.keys() & set(re.findall(r'"([^"]+)"', qa.program or "")):
        looked_at |= {one.label for one in things if one.label in groups[name][0]}
    for label in looked_at:
        there, found = sum(one.label == label for one in things), sum(one.text == label for one in cited)
        if there != found:
            return f"{there} of {label}, not {found}"
    true = tuple(
        msgspec.structs.replace(one, box=things[of[one.ref]].box) if one.ref in of else one for one in qa.evidence
    )
    finding = proof([msgspec.structs.replace(qa, evidence=true)], memo)[0]
    return "" if finding.passed else finding.reason


def report(name: str, table: dict[str, Counter[str]]) -> None:
    print(f"{name:28}{'asked':>8}{'wrong':>8}{'right':>9}")
    for kind in sorted(table, key=lambda one: (one == "all", one)):
        asked, wrong = table[kind]["asked"], table[kind]["wrong"]
        print(f"{kind:28}{asked:8}{wrong:8}{1 - wrong / asked:9.2%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
