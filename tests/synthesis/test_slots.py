"""What is to be asked of a picture."""

from __future__ import annotations

from dcvlr.synthesis.slots import slots
from dcvlr.synthesis.styles import styles_of


def test_kinds_of_questions_have_their_shares() -> None:
    shares = {"multiple_choice": 0.4, "number": 0.3, "short_text": 0.3}
    made = [
        slot
        for n in range(200)
        for slot in slots(
            f"{n:032x}",
            5,
            seed=1,
            answer_types=shares,
            difficulties={"easy": 0.2, "hard": 0.8},
            styles=styles_of("styles", ["a"]),
            templates=2,
        )
    ]
    counts = {name: sum(slot.answer_type == name for slot in made) for name in shares}
    assert counts["multiple_choice"] == 400  # two of five on every picture
    assert 280 <= counts["number"] <= 320
    assert sum(slot.difficulty == "easy" for slot in made) == 200
    assert {slot.template for slot in made} == {0, 1}
