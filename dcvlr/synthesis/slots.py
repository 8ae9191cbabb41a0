"""Which kind of question is asked for where: shares are met picture by picture, so that none depends on another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dcvlr.records import AskedFor, Scene
from dcvlr.sampling import seeded, systematic
from dcvlr.synthesis.neighbours import neighbours
from dcvlr.synthesis.styles import Style


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One question to be written: the `number`-th of `total` on its picture; `seed` is that of its requests."""

    number: int
    total: int
    answer_type: str
    difficulty: str
    style: str
    template: int
    seed: int

    @property
    def kind(self) -> AskedFor:
        return AskedFor(number=self.number, answer_type=self.answer_type, difficulty=self.difficulty, style=self.style)


def slots(
    image_id: str,
    total: int,
    *,
    seed: int,
    answer_types: Mapping[str, float],
    difficulties: Mapping[str, float],
    styles: Sequence[Style],
    templates: int,
) -> list[Slot]:
    """`total` slots of one picture.

    Answer types and difficulties are drawn by systematic sampling (one random start, equal steps): each picture has
    its shares to within one question, a data set has them in expectation. Exact shares over a run would make the
    requests of a picture depend on the others. To each pair comes a style that fits it, none twice while one is unused.
    """
    rng = seeded(seed, image_id, "slots")
    types = systematic(answer_types, total, rng.random())
    levels = systematic(difficulties, total, rng.random())
    rng.shuffle(types)
    rng.shuffle(levels)
    waiting = rng.sample(styles, len(styles))
    made = []
    for n, (answer_type, difficulty) in enumerate(zip(types, levels, strict=True), start=1):
        style = next(one for one in waiting if one.fits(answer_type, difficulty))
        waiting.remove(style)
        waiting.append(style)
        made.append(
            Slot(
                number=n,
                total=total,
                answer_type=answer_type,
                difficulty=difficulty,
                style=style.text,
                template=rng.randrange(templates),
                seed=rng.getrandbits(31),
            )
        )
    return made


def groups(scenes: Sequence[Scene], size: int) -> list[Sequence[int]]:
    """Pictures of one bin, `size` together by their ids; what is left over is in none. `size` 1 makes none."""
    if size == 1:
        return []
    of_bin: defaultdict[str, list[int]] = defaultdict(list)
    for index, scene in enumerate(scenes):
        of_bin[scene.bin].append(index)
    return [
        [own[position] for position in positions]
        for own in of_bin.values()
        for positions in neighbours([scenes[index].image.id for index in own], size)
    ]


def unfit(
    styles: Sequence[Style], answer_types: Mapping[str, float], difficulties: Mapping[str, float]
) -> Iterable[tuple[str, str]]:
    """Pairs of an answer type and a difficulty that are wanted and that no style fits on every picture."""
    for answer_type in (name for name, share in answer_types.items() if share):
        for difficulty in (name for name, share in difficulties.items() if share):
            if not any(style.fits(answer_type, difficulty) and not style.needs for style in styles):
                yield answer_type, difficulty
