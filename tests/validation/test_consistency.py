from __future__ import annotations

from time import process_time

import pytest
from contracts.checks import CheckContract, qa, text
from validation.shipped import settings, verdict

from dcvlr.protocols import Check
from dcvlr.validation.checks.consistency import Consistency

CONSISTENCY = Consistency(**settings("consistency"))


def reason(*steps: str, question: str = "What do milk and tea cost together?", answer: str = "7.00") -> str:
    reasoning = "\n".join(f"{index}. {step}" for index, step in enumerate(steps, start=1))
    evidence = (text(1, "Milk 2.50"), text(2, "Tea 4.50"))
    return verdict(CONSISTENCY, qa(question=question, answer=answer, reasoning=reasoning, evidence=evidence)).reason


class TestConsistency(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return CONSISTENCY

    def test_steps_that_end_in_the_answer_pass(self) -> None:
        assert reason("Milk is 2.50.", "Tea is 4.50.", "2.50 + 4.50 = 7.00.") == ""
        assert reason("The saucer lies under the cup.", "It is red.", question="Which colour?", answer="red") == ""
        assert reason("Tea is 4.50.", "It is more, so yes.", question="Is tea dearer?", answer="Yes") == ""
        assert reason("Tea is in the cup.", "It is not empty.", question="Is the cup of tea empty?", answer="No") == ""

    def test_steps_may_not_repeat_each_other(self) -> None:
        assert reason("2.50 + 4.50 = 7.00.", "Then, 2.50 + 4.50 = 7.00.") == "step 2 repeats step 1"
        both = "Milk and tea together cost 7.00."
        assert reason(both, f"To repeat: {both}") == "step 2 repeats step 1"
        assert reason("Tea is 4.50.", f"With milk for 2.50 that is 7.00, as tea is 4.50: {both}") == ""

    def test_what_the_last_step_comes_to_is_the_answer(self) -> None:
        assert reason("2.50 + 4.50 = 7.00.", answer="9.00") == "the last step comes to 7.00, the answer is '9.00'"
        assert (
            reason("Tea is dearer, so yes.", question="Is tea dearer?", answer="No")
            == "the last step denies the answer 'No'"
        )
        assert reason("2.50 / 7.00 × 100 ≈ 35.71.", question="What share is milk?", answer="35.7%") == ""

    def test_a_conclusion_is_the_answer(self) -> None:
        asked = "Which is dearer, milk or tea?"
        steps = ("Milk is 2.50 and tea is 4.50.", "Therefore milk 2.50 is dearer.")
        evidence = (text(1, "milk"), text(2, "tea"))
        made = {"question": asked, "reasoning": "1. Milk is 2.50.\n2. Therefore milk is dearer.", "evidence": evidence}
        assert verdict(CONSISTENCY, qa(answer="tea", **made)).reason == (
            "the last step concludes 'milk', the answer is 'tea'"
        )
        assert verdict(CONSISTENCY, qa(answer="milk", **made)).passed
        assert reason(*steps, question=asked, answer="tea") == ""  # neither line stands in the question word for word
        last = "With the tax the total becomes 7.35."
        assert reason("The subtotal is 7.00.", last, question="What is the total?", answer="7.00") == (
            "the last step comes to 7.35, the answer is '7.00'"
        )
        assert reason("The subtotal is 7.00.", last, question="What is the total?", answer="7.35") == ""

    def test_words_of_the_question_need_not_be_said_again(self) -> None:
        asked = "How much more does tea cost than milk?"
        assert reason("Tea: 4.50", "Milk: 2.50", "4.50 - 2.50 = 2.00", question=asked, answer="2.00 more") == ""
        asked = "Which item is the most expensive one?"
        steps = ("Of all prices 4.50 is the largest.", "It belongs to tea.")
        assert reason(*steps, question=asked, answer="The most expensive item is tea at 4.50.") == ""

    def test_a_step_says_something_of_the_picture(self) -> None:
        assert reason("Look at the picture.", "The answer is 7.00.") == "no step says anything of the picture"
        unrelated = reason("The capital of France is Paris.", "Water boils on a mountain.")
        assert unrelated == "no step has to do with the question, its answer or its evidence"

    def test_where_to_look_and_what_to_do_says_nothing(self) -> None:
        empty = "no step says anything of the picture"
        assert reason("Examine the picture.", "Identify the relevant information.", "It's 7.00.") == empty
        assert reason("By inspecting the image we obtain the answer.", "7.00.") == empty

    def test_a_plural_has_to_do_with_its_singular(self) -> None:
        steps = ("She wears an orange suit with a wide collar.", "People who wear these are astronauts.")
        assert reason(*steps, question="What is her job?", answer="astronaut") == ""

    def test_the_steps_state_the_answer(self) -> None:
        assert reason("Milk and tea are listed.", "Both have a price.") == "no step states the answer's 7.00"
        steps = ("The cup of tea stands on a saucer.", "It has a handle.")
        lost = reason(*steps, question="What colour is the cup?", answer="bright red")
        assert lost == "the steps do not state the answer 'bright red'"

    def test_more_is_not_answered_by_less(self) -> None:
        asked = "How does tea compare with milk in price?"
        steps = ("Milk is 2.50, tea is 4.50.", "4.50 - 2.50 = 2.00, so it is 2.00 more.")
        assert reason(*steps, question=asked, answer="2.00 more") == ""
        assert reason(*steps, question=asked, answer="2.00 less") == (
            "the last step says '2.00 more', the answer is '2.00 less'"
        )
        other_way = ("Milk is 2.50, tea is 4.50.", "Tea costs 2.00 more than milk.")
        assert reason(*other_way, question="How does milk compare with tea in price?", answer="2.00 less") == ""

    def test_no_step_is_too_long_to_be_searched_for_more_and_less(self) -> None:
        started = process_time()
        reason("Milk is 2.50.", "9" * 3000, question="How does milk compare with tea?", answer="2.00 less")
        assert process_time() - started < 2

    def test_less_beside_a_number_need_not_be_said_but_what_is_counted_must(self) -> None:
        steps = ("The shelf has 5 oranges.", "The table has 3, and 5 - 3 = 2.")
        assert reason(*steps, question="How do the oranges on the table compare?", answer="2 fewer") == ""
        lost = reason(*steps[:1], question="What is on the shelf?", answer="5 apples")
        assert lost == "the steps do not state the answer '5 apples'"

    def test_the_lowest_beside_a_number_is_said_by_others_that_are_higher(self) -> None:
        asked, answer = "What can be said about the price of milk?", "At 2.50, it is the lowest of all prices."
        assert reason("Milk is listed with 2.50.", "Every other price is higher.", question=asked, answer=answer) == ""
        assert reason("Milk is 2.50.", "That is lower than any other.", question=asked, answer=answer) == ""
        for last in ("Every other price is lower.", "It is higher than any other.", "It stands in the first row."):
            lost = reason("Milk is listed with 2.50.", last, question=asked, answer=answer)
            assert lost == f"the steps do not state the answer {answer!r}"
        highest = "At 4.50, tea has the highest price."
        asked = "What can be said about tea?"
        assert reason("Tea is listed with 4.50.", "All other prices are lower.", question=asked, answer=highest) == ""

    def test_what_begins_with_yes_or_no_need_not_be_said_but_words_on_a_sign_must(self) -> None:
        steps = ("The red shirt costs 4 and the blue shirt 5.",)
        assert reason(*steps, question="Do the two shirts cost the same?", answer="No, they differ.") == ""
        sign = ("The sign is red and hangs beside the door.",)
        lost = reason(*sign, question="What does the sign beside the door say?", answer="No parking")
        assert lost == "the steps do not state the answer 'No parking'"

    def test_a_word_that_says_nothing_of_a_picture_may_be_all_that_is_asked_for(self) -> None:
        asked = "In which place is the blue car?"
        lost = reason("The red car leads.", "The blue car is behind it.", question=asked, answer="third")
        assert lost == "the steps do not state the answer 'third'"
        assert reason("The blue car is third in the row of cars.", question=asked, answer="Third") == ""

    def test_steps_that_find_the_line_need_not_read_it_aloud(self) -> None:
        steps = ("The price of tea is in the second row.", "It is the amount that is asked for.")
        asked = "Which price does the row of tea print?"
        assert reason(*steps, question=asked, answer="4.50") == ""
        assert reason(*steps, question=asked, answer="4.5") == "no step states the answer's 4.5"
        assert reason("Tea is hot.", "It is good.", question=asked, answer="4.50") == "no step states the answer's 4.50"
