"""Things come in twos and threes, and a question for how many there are is not to be guessed by that."""

from __future__ import annotations

from pathlib import Path
from random import Random

from synthesis.made_scenes import detection, scene, writer

from dcvlr.memo import Memo
from dcvlr.synthesis.programs.forms.objects import is_asked


def test_a_small_count_is_asked_for_more_seldom() -> None:
    shares = {count: sum(is_asked(count, Random(seed)) for seed in range(4000)) / 4000 for count in (2, 4, 6, 8, 11)}
    assert 0.04 < shares[2] < 0.09 < 0.2 < shares[4] < 0.3 < 0.5 < shares[6] < 0.62
    assert shares[8] == shares[11] == 1


def test_steps_to_a_count_say_where_one_looks() -> None:
    dogs = [detection("dog", 60 * n, 10, 60 * n + 40, 50) for n in range(9)]
    questions = writer()([scene(detections=tuple(dogs))], Memo(Path("unused")))
    (one,) = [qa for of in questions for qa in of.qas if qa.generator == "computed/object_count"]
    cited = "[O1][O2][O3][O4][O5][O6][O7][O8][O9]"
    assert one.reasoning == (
        f"1. Looking over the whole picture for dogs: they are found {cited}.\n2. The number of dogs is 9 {cited}."
    )
