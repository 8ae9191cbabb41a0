from __future__ import annotations

from pathlib import Path

import pytest
from contracts.checks import CheckContract, qa, text
from msgspec.structs import replace
from synthesis.made_documents import all_scenes
from synthesis.made_scenes import writer
from validation.shipped import settings, verdict

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import AskedFor, Evidence, Qa
from dcvlr.validation.checks.coordinates import Coordinates
from dcvlr.validation.checks.given_answer import GivenAnswer
from dcvlr.validation.checks.leak import Leak
from dcvlr.validation.checks.machinery import Machinery
from dcvlr.validation.checks.self_talk import SelfTalk

MACHINERY = Machinery(**settings("machinery"))
GIVEN = GivenAnswer(**settings("given_answer"))
COORDINATES = Coordinates(**settings("coordinates"))


class TestLeak(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return Leak()

    @pytest.mark.parametrize(
        ("question", "answer", "passed"),
        [
            ("What is the total 12.50 on the receipt?", "12.50", False),
            ("Where does the Red Car stand now?", "the red car", False),
            ("Is the bar red or blue in colour?", "blue", True),
            ("Is it the cat, or the dog, that sits?", "the dog", True),
            ("What colour is the blue car there?", "blue", False),
            ("How many errors are in the text?", "error", True),
            ("What stands in row 3 of it?", "13", True),
        ],
    )
    def test_the_answer_must_not_stand_in_the_question(self, question: str, answer: str, passed: bool) -> None:
        assert verdict(Leak(), qa(question=question, answer=answer)).passed is passed

    @pytest.mark.parametrize("answer", ["North", "East", "Islands"])
    def test_it_may_where_all_options_do_at_any_place(self, answer: str) -> None:
        question, options = "Of North, East and Islands, which has the lowest figure?", ("North", "East", "Islands")
        assert verdict(Leak(), qa(question=question, answer=answer, options=options)).passed
        assert not verdict(Leak(), qa(question=question, answer=answer, options=(*options, "West"))).passed


class TestMachinery(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return MACHINERY

    def test_a_bad_question_gets_a_no(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        assert not check([qa(reasoning="1. According to the OCR it is 5.")], memo)[0].passed

    @pytest.mark.parametrize(
        "text",
        [
            "According to the OCR text, the total is 4.14.",
            "The OCR's third line says so.",
            "Based on the caption, it is a dog.",
            "The caption says that a dog sits there.",
            "It lies inside the bounding box of the dog.",
            "The detected objects are a dog and a cat.",
            "Based on the provided image description, it is red.",
            "The detections hold two dogs, the confidence score is high.",
            "Given T3, the dog sits.",
            "The dog sits (see O12).",
            "The dog sits beside T4, T5.",
            "The metadata of the image support this, and the confidence of this detection is high.",
            "Return the answer as a short string.",
            "(hard) The dog sits.",
            "Multi-step reasoning question: where is the dog?",
            "As required, the dog sits.",
            "As a helpful assistant, see the dog.",
            "Sorry, I'm not able to see the dog.",
        ],
    )
    def test_how_the_picture_was_read_is_not_spoken_of(self, text: str) -> None:
        assert not verdict(MACHINERY, qa(reasoning=f"1. Look.\n2. {text}")).passed
        assert not verdict(MACHINERY, qa(question=text)).passed

    @pytest.mark.parametrize(
        "text",
        [
            "The text beside the dog says so.",
            "What does the caption below the photograph say?",
            "According to the caption of the figure, sales rose.",
            "The mediocre score is on the box.",
            "According to the sign, the shop is closed.",
            "The box beside the door holds objects.",
            "The smoke detector hangs above the door.",
            "She works as a shop assistant and walks with confidence.",
            "At least two steps lead to the door, and O2 sensor is written there.",
            "Sales rose in Q3. The hard hat is yellow.",
        ],
    )
    def test_what_the_picture_shows_is(self, text: str) -> None:
        assert verdict(MACHINERY, qa(reasoning=f"1. Look.\n2. {text}", question=text)).passed

    def test_what_is_read_in_the_picture_may_be_repeated(self) -> None:
        slide = text(1, "OCR and object detection in 2024")
        question = 'Which method stands beside "OCR" in the title?'
        assert verdict(MACHINERY, qa(question=question, answer="object detection", evidence=(slide,))).passed
        assert not verdict(MACHINERY, qa(question=question, answer="object detection", evidence=())).passed

    def test_what_is_found_is_quoted(self) -> None:
        finding = verdict(MACHINERY, qa(reasoning="1. See the  Bounding\nboxes."))
        assert (finding.value, finding.reason) == (
            "Bounding boxes",
            "speaks of how the picture was read: 'Bounding boxes'",
        )

    def test_a_wrong_phrase_is_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"^phrases='\(ocr': a regular expression is needed"):
            Machinery(phrases=["(ocr"])


class TestGivenAnswer(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return GIVEN

    def test_a_bad_question_gets_a_no(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        assert not check([qa(reasoning="1. The given answer is 5.")], memo)[0].passed

    @pytest.mark.parametrize(
        "text",
        [
            "This matches the given answer.",
            "It is 5, as provided in the answer.",
            "The correct answer is given as 5.",
            "The ground truth says 5.",
            "According to the answer key it is 5.",
            "Since the answer is 5, the sum is 5.",
            "We are told that the correct answer is B.",
        ],
    )
    def test_reasoning_does_not_start_from_its_answer(self, text: str) -> None:
        assert not verdict(GIVEN, qa(reasoning=f"1. Look.\n2. {text}")).passed

    @pytest.mark.parametrize(
        "text",
        [
            "So the answer is 5.",
            "Of the given answer choices only B fits.",
            "The sum is given by 2 + 3.",
            "The price is given as 5 on the label.",
            "The truth lies on the ground.",
            "Therefore the correct answer is B.",
        ],
    )
    def test_reasoning_leads_to_its_answer(self, text: str) -> None:
        assert verdict(GIVEN, qa(reasoning=f"1. Look.\n2. {text}")).passed

    def test_a_legend_may_say_so(self) -> None:
        legend = (text(1, "Ground truth"), text(2, "Prediction"))
        words = qa(
            question="Which line lies above?", reasoning="1. The line of Ground truth is above.", evidence=legend
        )
        assert verdict(GIVEN, words).passed


class TestCoordinates(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return COORDINATES

    def test_a_bad_question_gets_a_no(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        assert not check([qa(reasoning="1. It is at (123, 456).")], memo)[0].passed

    @pytest.mark.parametrize(
        "text",
        [
            "The dog is at (123, 456).",
            "The dog lies at x=123, y=456 there.",
            "It spans [12, 40, 160, 280] in all.",
            "The centre (123.5, 40) is red.",
            "Its position is x: 12 px, y: 340 px.",
            "It stands at 312, 455, 480, 501.",
            "It is seen around (0.25, 0.61).",
            "The spot is at x=0.412, y=0.733.",
            "Its centre lies 0.518 of the width from the left.",
            "It is found at pixel position 240, 118.",
        ],
    )
    def test_pixels_are_not_told(self, text: str) -> None:
        assert not verdict(COORDINATES, qa(reasoning=f"1. Look.\n2. {text}", evidence=())).passed

    @pytest.mark.parametrize("words", ["(10, 20)", "(110, 80)", "(60, 50)", "[10, 20, 110, 80]", "[10, 20, 100, 60]"])
    def test_corners_centre_and_box_of_the_evidence_are_known(self, words: str) -> None:
        dog = Evidence(kind="object", ref="O1", box=(10.2, 20.4, 110.0, 80.1), text="dog")
        question = "Which animal stands on the map?"
        assert not verdict(COORDINATES, qa(question=question, reasoning=f"1. The dog {words}.", evidence=(dog,))).passed

    @pytest.mark.parametrize(
        "text",
        [
            "The sorted values are 10, 20, 30 and 40.",
            "The values [10, 20, 30, 40] have the mean 25.",
            "It grew in both years (2019, 2020) alike.",
            "The point is at (3, 4).",
            "Solve it: x = 50.",
            "It is open at 10:30 (30, 40 or 50 minutes).",
            "About 0.5 of the width is sky, and 0.25 of it is sea.",
            "The probabilities (0.25, 0.61) are unequal.",
        ],
    )
    def test_other_numbers_are_fine(self, text: str) -> None:
        assert verdict(COORDINATES, qa(reasoning=f"1. Look.\n2. {text}", evidence=())).passed

    def test_a_map_or_graph_has_coordinates_of_its_own(self) -> None:
        words = "1. The line passes through the point at (50, 100)."
        assert verdict(COORDINATES, qa(question="What is the slope of the line?", reasoning=words, evidence=())).passed
        assert not verdict(COORDINATES, qa(question="Which animal is it?", reasoning=words, evidence=())).passed

    def test_what_the_picture_says_may_be_said(self) -> None:
        label = text(1, "Treasure (30, 40)")
        words = qa(question="Where is the treasure?", answer="at (30, 40)", reasoning="1. It is at (30, 40).")
        assert verdict(COORDINATES, replace(words, evidence=(label,))).passed
        assert not verdict(COORDINATES, replace(words, evidence=())).passed


@pytest.mark.slow
def test_no_text_is_too_odd_or_long() -> None:
    for part in ("(1, ", "[1, 2, 3, 4", "x=1,", "the ", "given ", "detected ", "ocr", "(", "\n"):
        hostile = qa(reasoning=part * (100_000 // len(part)))
        for check in (MACHINERY, GIVEN, COORDINATES):
            verdict(check, hostile)


def test_a_question_does_not_repeat_what_was_asked_for() -> None:
    kind = AskedFor(number=1, answer_type="short_text", difficulty="medium", style="the order of several entries")
    asked = "The order of several entries by value or time"
    assert not verdict(MACHINERY, qa(question=asked, asked_for=kind)).passed
    assert verdict(MACHINERY, qa(question="In which order do the entries stand?", asked_for=kind)).passed


@pytest.mark.slow
def test_computed_questions_leak_nothing(tmp_path: Path) -> None:
    computed = [one for questions in writer()(all_scenes(), Memo(tmp_path)) for one in questions.qas]
    assert len(computed) > 100
    for question in computed:
        for check in (MACHINERY, GIVEN, COORDINATES):
            assert verdict(check, question).reason == ""


HELD_OUT = [
    "The supplied entries hold the amount.",
    "As per the recognised lines, it is 5.",
    "The detector found it with high confidence.",
    "The transcript of the image says so.",
    "The user wants a short answer.",
    "I was told to write question 2 of 3.",
    "This satisfies the requirement.",
    "Return it as a JSON object.",
    "As a language model I cannot look at pictures.",
    "Line T22 gives what is needed.",
    "Its left edge is at 0.31.",
]


@pytest.mark.parametrize("step", HELD_OUT)
def test_leaks_that_the_list_was_not_made_from_are_found(step: str) -> None:
    assert not verdict(MACHINERY, qa(reasoning=f"1. {step}\n2. So it is 5.")).passed


@pytest.mark.parametrize(
    "step",
    [
        *("Okay, so I need to come up with something.", "Hmm, what could be asked?", "Wait, is that right?"),
        *("Let me think.", "I guess it is 5.", "Actually, no.", "Hold on, it is 5."),
    ],
)
def test_steps_are_no_record_of_somebody_who_thinks_aloud(step: str) -> None:
    check = SelfTalk(**settings("self_talk"))
    assert not verdict(check, qa(reasoning=f"1. {step}\n2. So it is 5.")).passed
    assert verdict(check, qa(reasoning="1. The right row shows 5.\n2. Now it is complete.")).passed
