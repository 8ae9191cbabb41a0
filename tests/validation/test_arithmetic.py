from __future__ import annotations

import pytest
from contracts.checks import CheckContract, qa
from validation.shipped import settings, verdict

from dcvlr.protocols import Check
from dcvlr.validation.checks.arithmetic import Arithmetic

ARITHMETIC = Arithmetic(**settings("arithmetic"))


class TestArithmetic(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return ARITHMETIC

    @pytest.mark.parametrize(
        ("reasoning", "equations", "passed"),
        [
            ("1. 12.50 + 3.00 = 15.50.", 1, True),
            ("1. 12.50 + 3.00 = 15.60.", 1, False),
            ("1. RM 1,200.00 - RM 200.00 = RM 1,000.00", 1, True),
            ("1. 2 × 3 + 4 = 10, then 10 ÷ 4 = 2.5", 2, True),
            ("1. 10 / 3 = 3.33", 1, True),
            ("1. 10 / 3 = 3.34", 1, False),
            ("1. 0.1 + 0.2 = 0.3", 1, True),
            ("1. 12 − 5 = 7 = 8", 1, False),
            ("1. 20% × 50 = 10 and 40% + 60% = 100%", 2, True),
            ("1. 5 / 0 = 1", 1, False),
            ("1. (3 + 4) × 2 = 14 and 2 × (3 + 4) = 14", 2, True),
            ("1. On 2024-01-02 from 3-5 it was 61.2 > 33.", 0, True),
            ("1. Look.\n2. 1 + 2 = 3\n3. 3 + 3 = 7", 2, False),
            (r"$5 \times 3 + 4 = 19$", 1, True),
            (r"So \(2 \cdot 3 + 4 = 10\)", 1, True),
            (r"3 \times 4 = 13", 1, False),
            (r"3 + 4 = \boxed{8}", 1, False),
            (r"\$3 + \$4 = \$7 and \frac{1}{2} + 3 = 3.5", 2, True),
            (r"\log 100 + 1 = 3", 0, True),
            ("√16 + 9 = 13", 0, True),
            ("log 100 + 1 = 3", 0, True),
            ("5:30 + 30 = 6:00", 0, True),
            ("1 200 + 300 = 1 500", 0, True),
            ("25 % of 80 + 5 = 25", 0, True),
            ("1,5 + 2,5 = 4", 0, True),
            ("10 − 12 = −5", 1, False),
            ("10 − 12 = −2", 1, True),
            ("- 5 + 3 = 9", 1, False),
            ("- 5 + 3 = 8", 1, True),
            ("- 5 + 3 = -2", 1, True),
            ("* 5 + 3 = 7", 1, False),
            ("**5 + 3 = 7**", 1, False),
            ("5 cm + 3 cm = 9 cm", 1, False),
            ("5 cm + 3 mm = 53 mm", 0, True),
            ("2 × 6 = 1 dozen and 2019 profit = 5 + 3 and 7 = 3 + 2x", 0, True),
            ("9 / 2 = 4", 1, False),
            ("499 × 2 ≈ 1000 and 3 + 4 = 8 apples", 2, False),
            ("499 × 2 ≈ 1000 and 1.26 + 1 ≈ 2.3", 2, True),
            ("9 / 2 ≈ 4 and 9 / 2 = 4.5 ≈ 5", 2, True),
            ("((3 + 4) × 2 - 1) / 2 = 6.5 and (1/3) × 3 = 1", 2, True),
            ("(3 + 4) × 2 = 15", 1, False),
            ("mean = (1 + 2 + 6) / 3 = 3; 5 + (-3) = 2; -(3 + 4) = -7", 3, True),
            ("(100 - 20) / 100 = 80% and 10 - (2 + 3) = 5 apples", 2, True),
            ("f(2 + 3) = 6 and √(9 + 16) = 5 and (3 + 4)^2 = 49 and 2 (3 + 4) = 14", 0, True),
            ("(3 + 4)(2) = 14 and |3 - 5| = 2 and log (2 + 3) = 1 and Sales (2019) = 5 + 3", 0, True),
            (r"\frac{60}{2} = 30 and \dfrac{12+3}{5} = 3", 2, True),
            (r"\frac{12+3}{5} = 4", 1, False),
            (r"$\frac{a}{b} = 4$", 0, True),
            ("12.50 (T3) + 3.20 (T4) = 15.70 and 1 [O1] + 1 [O2, O3] = 2 [C]", 2, True),
            ("12.50 (T3) + 3.20 (lines T4 and T5) = 15.80", 1, False),
            ("60 km / 2 h = 30 km/h and 30 km/h × 2 h = 60 km", 2, True),
            ("60 km / 2 h = 31 km/h", 1, False),
            ("3 apples × 2 = 6 apples; 12 km + 3 km = 15; 6 cm / 2 = 3 cm", 3, True),
            ("12 km + 3 km = 16", 1, False),
            ("2 dozen + 1 = 25 and 1 hour + 30 = 90 minutes and 1 km / 250 m = 4", 0, True),
            ("2 / 3 ≈ 0.66 and 2 / 3 ≈ 0.67", 2, True),
            ("2 / 3 ≈ 0.6 and 2 / 3 ≈ 0.5", 2, False),
            ("1401 - 1 ≈ 1000", 1, False),
            ("3-4 items, 2024-01-02, version 1.2-3, call 555-1234, from 3-5 and 9-5", 0, True),
            ("Call 555-1234 = the shop; 1.2.3 = 1.2.3; 10-12 = lunch", 0, True),
        ],
    )
    def test_every_equation_is_calculated_again(self, reasoning: str, equations: int, passed: bool) -> None:
        finding = verdict(ARITHMETIC, qa(reasoning=reasoning))
        assert (finding.value, finding.passed) == (equations, passed)

    def test_the_wrong_equation_is_quoted(self) -> None:
        assert verdict(ARITHMETIC, qa(reasoning="1. So 2 + 2 = 5.")).reason == "wrong: 2 + 2 = 5"
        wrong = verdict(ARITHMETIC, qa(reasoning="1. So ((1 + 1) × 2) / 4 = 5 apples."))
        assert wrong.reason == "wrong: ((1 + 1) × 2) / 4 = 5"
