from __future__ import annotations

import pytest

from dcvlr.text.steps import numbered_steps


@pytest.mark.parametrize(
    ("reply", "steps"),
    [
        ("The bar is 4 high.\nThe other is 3.\n\\boxed{7}", "1. The bar is 4 high.\n2. The other is 3."),
        ("1. See 4.\n2) See 3.\nStep 3: Add: 7.\n**Answer:** 7", "1. See 4.\n2. See 3.\n3. Add: 7."),
        ("I see 4. I see 3. So it is \\boxed{7}.", "1. I see 4.\n2. I see 3."),
        ("Mr. Bean pays 3.50 euros. Then 2 more. \\boxed{5.5}", "1. Mr. Bean pays 3.50 euros.\n2. Then 2 more."),
        ("<think>no\nno</think>\n- **See** 4.\n- Add.\n<answer>7</answer>", "1. See 4.\n2. Add."),
        ("4 + 3 = \\boxed{7} so far.\n7 + 1 = 8.\n\nFinal answer: \\boxed{8}", "1. 4 + 3 = 7 so far.\n2. 7 + 1 = 8."),
        ("See 4.\nAdd 3.\n$$\n\\boxed{7}\n$$", "1. See 4.\n2. Add 3."),
        ("See 4.\nThe answer is 7.", "1. See 4."),
        ("See 4.\nAdd 3, which is 7. So it is \\boxed{7}.\n\nHope this helps!", "1. See 4.\n2. Add 3, which is 7."),
        ("\\boxed{7}\nI see 4.\nI see 3.", "1. I see 4.\n2. I see 3."),
        ("I see 4. I see 3. So \\boxed{7}.\nGood luck!", "1. I see 4.\n2. I see 3."),
        ("See 4.\n### Final Answer\n\\[\n\\boxed{\\frac{1}{2}}\n\\]", "1. See 4."),
        ("2019: 35 units.\n2020: 42 units.\n\\boxed{7}", "1. 2019: 35 units.\n2. 2020: 42 units."),
        ("<reasoning>hm</reasoning>See 4.\nAdd 3.\n\\boxed{7}", "1. See 4.\n2. Add 3."),
        ("\\boxed{7}", ""),
        ("Answer: 7", ""),
        ("", ""),
    ],
)
def test_reasoning_becomes_numbered_steps_without_the_final_answer(reply: str, steps: str) -> None:
    assert numbered_steps(reply) == steps
