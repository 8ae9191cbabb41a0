from __future__ import annotations

import pytest

from dcvlr.text.json_objects import first_object


def question(written: str) -> str:
    found = first_object('{"question": "' + written + '"}', field="question")
    assert found is not None
    return str(found.value["question"])


@pytest.mark.parametrize(
    "latex",
    [
        *(r"\frac{\frac{1}{2}}{\beta}", r"\bar{x} and \b{x}", r"\forall x", r"2\times3 \to 6", r"\tiny \textstyle x"),
        *(r"\textcolor{red}{x} \textsc{a} \textsuperscript{2}", r"\nicefrac{1}{2} \norm{x}", r"\nRightarrow \nvdash"),
        *(r"\newcommand \noindent \nsubset A", r"\ttfamily x", r"\begin{cases}1 & x>0\\[2pt]0\end{cases}"),
        *(r"\rho_0 \rhd \rgroup \rule{1}{2}", r"\uparrow \underline{x} \unit{m}", r"\(x\) \[y\] \{1\} 50\%"),
    ],
)
def test_latex_whose_backslashes_were_not_doubled_is_kept(latex: str) -> None:
    assert question(latex) == latex
    assert question(latex.replace("\\", "\\\\")) == latex


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"Is \frac{1}{2} or \\frac{3}{4} more?", r"Is \frac{1}{2} or \frac{3}{4} more?"),
        (r"\\nu and \nu", r"\nu and \nu"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"),
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\begin{aligned}a&=b\\c&=d\end{aligned}"),
        (r"\begin{array}{c}1\\\hline 2\end{array}", r"\begin{array}{c}1\\\hline 2\end{array}"),
        (r"\begin{cases} \\frac{1}{2} & x \\\\ 3 \end{cases}", r"\begin{cases} \frac{1}{2} & x \\ 3 \end{cases}"),
        (r"\\begin{array}{c}1\\\\2\\end{array}", r"\begin{array}{c}1\\2\end{array}"),
    ],
)
def test_latex_is_kept_where_some_of_its_backslashes_were_doubled(written: str, meant: str) -> None:
    assert question(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"Name\tTotal\r\nTea\t2", "Name\tTotal\r\nTea\t2"),
        (r"One.\nTherefore two.\nnext", "One.\nTherefore two.\nnext"),
        (r"caf\u00e9 \ud83d\ude00 \"yes\" \/", 'café 😀 "yes" /'),
        (r"half \ud83d a face", "half \ufffd a face"),
    ],
)
def test_escapes_of_json_stay_escapes(written: str, meant: str) -> None:
    assert question(written) == meant


@pytest.mark.parametrize(
    "number", ["8.50", "5%", "$5.00", "12 kg", "007", ".5", "1,234.50", "2024-01-05", "12:30 PM", "3/4", "+5"]
)
def test_a_number_without_quotes_stays_as_it_was_written(number: str) -> None:
    found = first_object('{"question": "Is it 1, 2.50, 3?", "answer": ' + number + ",}", field="question")
    assert found is not None
    assert found.value == {"question": "Is it 1, 2.50, 3?", "answer": number}
    python = first_object("{'question': 'Is it 1, 2.50, 3?', 'options': [100,200, " + number + "]}", field="question")
    assert python is not None
    assert python.value["question"] == "Is it 1, 2.50, 3?"
    assert python.value["options"][:2] == ["100", "200"]


@pytest.mark.parametrize(
    "text",
    [
        '{"output": "```json\\n{\\"question\\": \\"Why?\\"}\\n```"}',
        '{"question": {"question": "Why?", "answer": "so"}}',
        '"Here it is: {\\"question\\": \\"Why?\\"}"',
    ],
)
def test_an_object_is_found_in_a_fence_within_a_string_and_under_its_own_name(text: str) -> None:
    found = first_object(text, field="question")
    assert found is not None
    assert found.value["question"] == "Why?"


def test_a_text_that_breaks_json_repair_holds_no_object() -> None:
    broken = '{\\"```json]\n$5-{51,200\'}{"question": "q {}```json-'
    assert first_object(broken, field="question") is None
