"""Words, numbers and steps of a text, as the checks count them."""

from __future__ import annotations

import re
from decimal import Decimal

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_COUNTED = re.compile(rf"[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}]+")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_NUMBER = re.compile(
    r"(?P<minus>(?<![\w.,)%\]])[-−](?=[$€£¥]?\.?\d))?[$€£¥]?(?P<digits>(?<![\w.])\d+(?:,\d+)*(?:\.\d+)?|(?<!\w)\.\d+)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_MARKER = re.compile(r"\s*(?:step\s*)?\d+\s*[.):]\s+", re.IGNORECASE)
_INLINE_MARKER = re.compile(r"(?:^|(?<=[.!?;])\s+|\s+(?=step))\s*(?:step\s*)?(\d{1,3})\s*[.):]\s+", re.IGNORECASE)
_ABBREVIATIONS = "".join(
    rf"(?<!\b{word})" for word in ("Dr", "Mr", "Mrs", "Ms", "St", "No", "Nos", "Fig", "vs", "approx")
)
_SENTENCE = re.compile(rf"{_ABBREVIATIONS}(?<!\.[a-z])[.!?](?:\s+|$)")
_WRAPPED = re.compile(r"\\(?:boxed|text|textbf|mathrm|mathbf|mbox)\s*\{([^{}]*)\}")
_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)


def count_words(text: str) -> int:
    """Runs between spaces that hold a letter or digit; each Chinese, Japanese or Korean character is one."""
    return sum(any(map(str.isalnum, run)) for run in _COUNTED.findall(text))


def words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def has_words(text: str) -> bool:
    return _WORD.search(text) is not None


def numbers(text: str) -> list[Decimal]:
    """Every number with its sign, where it has one.

    A comma parts thousands in 1,234 and 12,345.60 only; 9,00 is read as 9.00, and 1,2,3 as three numbers.
    """
    return [number for found in _NUMBER.finditer(text) for number in _read(found["digits"], found["minus"])]


def _read(digits: str, minus: str | None) -> list[Decimal]:
    if _THOUSANDS.fullmatch(digits):
        parts = [digits.replace(",", "")]
    elif _DECIMAL_COMMA.fullmatch(digits):
        parts = [digits.replace(",", ".")]
    else:
        parts = digits.split(",")
    return [-Decimal(part) if minus else Decimal(part) for part in parts]


def rounds_to(number: Decimal, given: Decimal) -> bool:
    """Whether `given` is the number, or the number to as many decimals as it has."""
    exponent = given.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return number == given or abs(number - given) <= Decimal(1).scaleb(-decimals) / 2


def unwrapped(text: str) -> str:
    r"""The text out of \boxed{}, \text{} and the like, however deep."""
    while (bare := _WRAPPED.sub(r"\1", text)) != text:
        text = bare
    return text


def stands_in(text: str, answer: str) -> bool:
    """Whether the answer stands in `text` as it is, not inside a longer word or number."""
    plain = " ".join(answer.split())
    pattern = rf"(?<!\w)(?<!\d[.,]){re.escape(plain)}(?!\w)(?![.,]\d)"
    return bool(plain) and re.search(pattern, " ".join(text.split()), re.IGNORECASE) is not None


def number_word(word: str) -> Decimal | None:
    """The number that an English word from zero to twenty names."""
    return Decimal(_NUMBER_WORDS.index(word)) if word in _NUMBER_WORDS else None


def steps(reasoning: str) -> list[str]:
    """The steps without their numbers: marked lines, else lines; of an only line its numbered parts, else sentences."""
    lines = [line.strip() for line in reasoning.splitlines() if line.strip()]
    if len(lines) == 1:
        return _numbered(lines[0]) or [sentence for sentence in _SENTENCE.split(lines[0]) if sentence.strip()]
    if any(_MARKER.match(line) for line in lines):
        return [_MARKER.sub("", line, count=1) for line in lines]
    return lines


def _numbered(line: str) -> list[str]:
    """The parts after 1., 2., 3. … of one line; what stands before the first belongs to it."""
    cuts: list[re.Match[str]] = []
    for found in _INLINE_MARKER.finditer(line):
        if int(found[1]) == len(cuts) + 1 or not (cuts or found.start()):  # a lone line may be number 3
            cuts.append(found)
    ends = [*(cut.start() for cut in cuts[1:]), len(line)]
    parts = [line[cut.end() : end] for cut, end in zip(cuts, ends, strict=True)] if cuts else []
    return [f"{line[: cuts[0].start()]} {parts[0]}".strip(), *parts[1:]] if parts else []
