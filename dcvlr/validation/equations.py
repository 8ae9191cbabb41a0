"""Equations of numbers in running text, calculated again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from itertools import pairwise

from dcvlr.validation.reading import unwrapped

_VALUE = r"[-−–]?(?:(?:[$€£¥]|RM|USD|EUR|GBP)\s?)?[-−–]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:\s?%)?"
_UNIT = r"(?:\s?(?!x\b)[A-Za-z°µ]{1,12}[²³]?(?!\w))?"
_SIGN = r"\s*[-+−–*×·x/÷]\s*"
_SIDE = rf"{_VALUE}{_UNIT}(?:{_SIGN}{_VALUE}{_UNIT})*"
_SIDES = re.compile(rf"(?<![\w.,$€£¥%]){_SIDE}(?:\s*[=≈]\s*{_SIDE})*")  # one side will do, so nothing is read twice
_TERM = re.compile(rf"(?P<sign>{_SIGN})?(?P<value>{_VALUE})(?P<unit>{_UNIT})")
_SIGNS = {"": "+", "−": "-", "–": "-", "×": "*", "·": "*", "x": "*", "÷": "/"}
_BEGAN_EARLIER = re.compile(
    r"(?:[-+−–*×·/÷^)}√∛%|]|\d:|\d\s+|\\[a-z]+"
    r"|\b(?:log|ln|lg|sin|cos|tan|sqrt|root|exp|of|plus|minus|times|by|over|twice|double|half))\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*[+−*×·÷/^(\\]|[.,:]\d|[^\W\d]")
_GROUPED = re.compile(r"(?<=\d)\s+\d")  # thousands parted by spaces
_BULLET = re.compile(r"\s*[-−–*•·]\s+")
_ODD_COMMA = re.compile(r"(?<![\d,])(?!\d{1,3}(?:,\d{3})+(?![\d,]))\d+,\d")
_SCALES = frozenset(
    [
        *("dozen", "hundred", "thousand", "million", "billion", "k", "bn"),
        *("hour", "minute", "day", "week", "month", "year"),
    ]
)
_BOLD = re.compile(r"(?<![\w)])\*\*(?=\S)([^*\n]+)(?<=\S)\*\*(?!\w)")
_LATEX = (  # what it means in plain signs
    *((r"\\times(?![a-z])", "×"), (r"\\cdot(?![a-z])", "·"), (r"\\div(?![a-z])", "÷"), (r"\\approx(?![a-z])", "≈")),
    *((r"\\(?:left|right)(?![a-z])", ""), (r"\\([$%])", r"\1"), (r"\{,\}", ",")),
    *((r"\\[()\[\],;:! ]|\\q?quad(?![a-z])|\$\$", " "), (r"\\(?:[Rr]ightarrow|implies|therefore|to)(?![a-z])", "⇒")),
)


@dataclass(frozen=True)
class Equation:
    """`a + b = c` as it stands in a text: `operands` go in, without signs; `results` come out, with theirs."""

    text: str
    operands: tuple[Decimal, ...]
    results: tuple[Decimal, ...]
    right: bool


@dataclass(frozen=True)
class _Term:
    sign: str  # one of + - * /
    number: Decimal
    percent: bool
    unit: str  # as written, with the space before it; empty for none


def equations(text: str, tolerance: Decimal) -> Iterator[Equation]:
    """Every equation of numbers with a calculation on at least one side; `tolerance` is relative.

    LaTeX is read as plain signs. What is approximate (≈), and products and quotients with decimals, may besides be
    rounded to the digits that are shown. What would be read wrongly is left out: what goes on before or after the
    match, as with brackets, commas that part no thousands, and values in different units.
    """
    text = _plain(text)
    bullet = _BULLET.match(text)
    for found in _SIDES.finditer(text):
        sides = [_terms(side) for side in re.split("[=≈]", found.group())]
        if len(sides) < 2 or all(len(side) == 1 for side in sides) or _ODD_COMMA.search(found.group()):
            continue
        bulleted = bullet is not None and bullet.end() == found.start()
        whole = bulleted or not _BEGAN_EARLIER.search(text[max(0, found.start() - 20) : found.start()])
        written = found.group() if sides[0][0].unit else found.group().removesuffix(sides[-1][-1].unit)
        end = found.start() + len(written)
        goes_on = _GOES_ON.match(text, end) or _GROUPED.match(text, end)
        if whole and not goes_on and _is_of_one_unit(sides):
            equation = _equation(written, sides, tolerance)
            yield equation if equation.right or not bulleted else _negative(written, sides, tolerance) or equation


def _plain(text: str) -> str:
    text = _BOLD.sub(r"\1", text)
    for pattern, plain in _LATEX:
        text = re.sub(pattern, plain, text)
    return unwrapped(text)


def _negative(text: str, sides: list[list[_Term]], tolerance: Decimal) -> Equation | None:
    """The equation whose first sign looked like a bullet, if that makes it right."""
    first, *others = sides[0]
    equation = _equation(text, [[replace(first, number=-first.number), *others], *sides[1:]], tolerance)
    return equation if equation.right else None


def _is_of_one_unit(sides: list[list[_Term]]) -> bool:
    """Whether all values have one unit or none; the word after the last value may be no unit at all."""
    *inner, last = [term.unit for side in sides for term in side]
    units = {_bare(unit) for unit in inner}
    if units == {""}:
        return not last or (last[0].isspace() and _bare(last) not in _SCALES)
    return len(units) == 1 and _bare(last) in units


def _bare(unit: str) -> str:
    return unit.strip().casefold().rstrip("²³").removesuffix("s")


def _terms(side: str) -> list[_Term]:
    """The first term has the sign +."""
    terms: list[_Term] = []
    for found in _TERM.finditer(side):
        written, value = (found["sign"] or "").strip(), found["value"]
        sign, number = _SIGNS.get(written, written), Decimal(re.sub(r"[^\d.]", "", value))
        minuses = len(re.findall("[-−–]", value)) + (sign == "-" and not terms)
        terms.append(
            _Term(sign if terms else "+", -number if minuses % 2 else number, value.endswith("%"), found["unit"])
        )
    return terms


def _equation(text: str, sides: list[list[_Term]], tolerance: Decimal) -> Equation:
    operands = [term.number for side in sides if len(side) > 1 for term in side]
    results = [side[0].number for side in sides if len(side) == 1]
    mixed = len({term.percent for side in sides for term in side}) == 2  # then 20 % is 0.2, else it is 20
    values = [_evaluate(side, mixed) for side in sides]
    divides = any(term.sign in "*/" for side in sides for term in side)
    right = all(
        a is not None
        and b is not None
        and abs(a - b) <= max(abs(a), abs(b)) * tolerance + _rounding(pair, sign, divides)
        for (a, b), pair, sign in zip(pairwise(values), pairwise(sides), re.findall("[=≈]", text), strict=True)
    )
    return Equation(text.strip(), tuple(map(abs, operands)), tuple(results), right)


def _rounding(pair: Iterable[list[_Term]], sign: str, divides: bool) -> Decimal:
    """Half of the last digit shown in a result, if it is rounded: said so by ≈, or with decimals after × or ÷."""
    numbers = [side[0].number for side in pair if len(side) == 1]
    if sign == "≈":
        numbers = [number.normalize() for number in numbers]  # 998 ≈ 1000
    exponents = [number.as_tuple().exponent for number in numbers]
    shown = max((exponent for exponent in exponents if isinstance(exponent, int)), default=None)
    if shown is None or not (sign == "≈" or (divides and shown < 0)):
        return Decimal(0)
    return Decimal(1).scaleb(shown) / 2


def _evaluate(side: list[_Term], mixed: bool) -> Decimal | None:
    """Products and quotients first; None for a division by zero."""
    sums: list[Decimal] = []
    try:
        for term in side:
            value = term.number / 100 if term.percent and mixed else term.number
            if term.sign == "*":
                sums[-1] *= value
            elif term.sign == "/":
                sums[-1] /= value
            else:
                sums.append(-value if term.sign == "-" else value)
    except DecimalException:
        return None
    return sum(sums, Decimal(0))
