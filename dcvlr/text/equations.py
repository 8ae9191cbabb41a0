"""Equations of numbers in running text, calculated again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from itertools import pairwise

from dcvlr.text.citations import without_citations
from dcvlr.text.words import unwrapped

_FIGURE = r"[-−–]?(?:(?:[$€£¥]|RM|USD|EUR|GBP)\s?)?[-−–]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:\s?%)?"
_VALUE = rf"(?:[-−–]?⟦\d+⟧|{_FIGURE})"  # ⟦0⟧ is the first bracket, calculated
_UNIT = r"(?:\s?(?!x\b)[A-Za-z°µ]{1,12}[²³]?(?:/[A-Za-z]{1,4}[²³]?)?(?!\w))?"
_SIGN = r"\s*[-+−–*×·x/÷]\s*"
_SIDE = rf"{_VALUE}{_UNIT}(?:{_SIGN}{_VALUE}{_UNIT})*"
_SIDES = re.compile(rf"(?<![\w.,$€£¥%]){_SIDE}(?:\s*[=≈]\s*{_SIDE})*")  # one side will do, so nothing is read twice
_TERM = re.compile(rf"(?P<sign>{_SIGN})?(?P<value>{_VALUE})(?P<unit>{_UNIT})")
_BRACKET = re.compile(
    rf"(?<![\w)\]}}√∛|^\\])\(\s*(?P<side>{_VALUE}(?:{_SIGN}{_VALUE})+|[-−–]{_FIGURE})\s*\)"
    rf"|(?<=[-+−–*×·÷/(])(?P<space>\s?)\(\s*(?P<alone>{_VALUE})\s*\)"
)
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
_NEEDED = re.compile(r"[=≈\\]")  # for an equation, if only as LaTeX
_MARKED = re.compile(r"[⟦⟧\\]|\*\*|\$\$|\{,\}")  # what has to be made plain
_DEEPEST = 5  # brackets in brackets
_MOST_ROUNDED = Decimal("0.05")
_SCALES = frozenset(
    [
        *("dozen", "hundred", "thousand", "million", "billion", "k", "bn"),
        *("hour", "minute", "day", "week", "month", "year"),
    ]
)
_BOLD = re.compile(r"(?<![\w)])\*\*(?=\S)([^*\n]+)(?<=\S)\*\*(?!\w)")
_LATEX = (  # what it means in plain signs
    (r"\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1) / (\2))"),
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
class _Group:
    """A calculation in brackets."""

    text: str
    number: Decimal
    operands: tuple[Decimal, ...]


@dataclass(frozen=True)
class _Term:
    sign: str  # one of + - * /
    number: Decimal
    percent: bool
    unit: str  # as written, with the space before it; empty for none
    group: _Group | None = None

    @property
    def operands(self) -> tuple[Decimal, ...]:
        return self.group.operands if self.group else (self.number,)


def _calculates(side: list[_Term]) -> bool:
    return len(side) > 1 or side[0].group is not None


def equations(text: str, tolerance: Decimal) -> Iterator[Equation]:
    """Every equation of numbers with a calculation on at least one side; `tolerance` is relative.

    LaTeX is read as plain signs, citations ([T3]) are skipped. What is approximate (≈), and products and quotients with
    decimals, may besides be rounded to the digits that are shown. What would be read wrongly is left out: what goes on
    before or after the match, as with powers and functions, commas that part no thousands, and values in different
    units, but for a quotient like 60 km / 2 h = 30 km/h.
    """
    if not _NEEDED.search(text):
        return
    text, groups = _calculated(without_citations(_plain(text)))
    bullet = _BULLET.match(text)
    for found in _SIDES.finditer(text):
        sides = [_terms(side, groups) for side in re.split("[=≈]", found.group())]
        if len(sides) < 2 or not any(map(_calculates, sides)) or _ODD_COMMA.search(found.group()):
            continue
        bulleted = bullet is not None and bullet.end() == found.start()
        whole = bulleted or not _BEGAN_EARLIER.search(text[max(0, found.start() - 20) : found.start()])
        written = found.group() if sides[0][0].unit else found.group().removesuffix(sides[-1][-1].unit)
        end = found.start() + len(written)
        goes_on = _GOES_ON.match(text, end) or _GROUPED.match(text, end)
        if whole and not goes_on and _is_of_one_unit(sides):
            equation = _equation(written, sides, tolerance)
            if not equation.right and bulleted:
                equation = _negative(written, sides, tolerance) or equation
            yield replace(equation, text=_written(equation.text, groups))


def _calculated(text: str) -> tuple[str, list[_Group]]:
    """The text with ⟦0⟧, ⟦1⟧ … for calculations in brackets, innermost first, and these; others stay as they are."""
    groups: list[_Group] = []

    def number_of(bracket: re.Match[str]) -> str:
        written = bracket["side"] or bracket["alone"]
        terms = _terms(written, groups)
        value = None if _ODD_COMMA.search(written) or "%" in written else _evaluate(terms, mixed=False)
        if value is None:
            return bracket.group()
        operands = tuple(abs(number) for term in terms for number in term.operands)
        groups.append(_Group(_written(f"({written})", groups), value, operands))
        return f"{bracket['space'] or ''}⟦{len(groups) - 1}⟧"

    for _ in range(_DEEPEST):
        before, text = text, _BRACKET.sub(number_of, text)
        if text == before:
            break
    return text, groups


def _written(text: str, groups: list[_Group]) -> str:
    return re.sub(r"⟦(\d+)⟧", lambda found: groups[int(found[1])].text, text)


def _plain(text: str) -> str:
    if not _MARKED.search(text):
        return text
    text = re.sub("[⟦⟧]", "", text)
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
    named = (units | {_bare(last)}) - {""}
    if len(named) > 1:
        return _is_rate([_bare(unit) for unit in inner], _bare(last), sides)
    return len(units | {_bare(last)}) == 1 or not named & _SCALES


def _is_rate(inner: list[str], last: str, sides: list[list[_Term]]) -> bool:
    """60 km / 2 h = 30 km/h and 30 km/h × 2 h = 60 km."""
    if [len(side) for side in sides] != [2, 1] or len(inner) != 2:
        return False
    sign, (first, second) = sides[0][1].sign, inner
    return (sign == "/" and last == f"{first}/{second}") or (sign == "*" and first == f"{last}/{second}")


def _bare(unit: str) -> str:
    return unit.strip().casefold().rstrip("²³").removesuffix("s")


def _terms(side: str, groups: list[_Group]) -> list[_Term]:
    """The first term has the sign +."""
    terms: list[_Term] = []
    for found in _TERM.finditer(side):
        written, value = (found["sign"] or "").strip(), found["value"]
        group = groups[int(re.sub(r"\D", "", value))] if "⟦" in value else None
        sign = _SIGNS.get(written, written)
        number = group.number if group else Decimal(re.sub(r"[^\d.]", "", value))
        minuses = len(re.findall("[-−–]", value)) + (sign == "-" and not terms)
        number = -number if minuses % 2 else number
        terms.append(_Term(sign if terms else "+", number, value.endswith("%"), found["unit"], group))
    return terms


def _equation(text: str, sides: list[list[_Term]], tolerance: Decimal) -> Equation:
    operands = [number for side in sides if _calculates(side) for term in side for number in term.operands]
    results = [side[0].number for side in sides if not _calculates(side)]
    mixed = len({term.percent for side in sides for term in side}) == 2  # then 20 % is 0.2, else it is 20
    values = [_evaluate(side, mixed) for side in sides]
    divides = any(term.sign in "*/" or term.group for side in sides for term in side)
    right = all(
        a is not None
        and b is not None
        and abs(a - b) <= max(abs(a), abs(b)) * tolerance + _rounding(pair, sign, divides)
        for (a, b), pair, sign in zip(pairwise(values), pairwise(sides), re.findall("[=≈]", text), strict=True)
    )
    return Equation(text.strip(), tuple(map(abs, operands)), tuple(results), right)


def _rounding(pair: Iterable[list[_Term]], sign: str, divides: bool) -> Decimal:
    """Half of the last digit shown in a result with decimals after × or ÷.

    After ≈ it is all of that digit where it is a decimal (2 / 3 ≈ 0.66 is cut off), and half of it else; zeros at the
    end may be rounding too (998 ≈ 1000), if that makes less than 5 %.
    """
    numbers = [side[0].number for side in pair if not _calculates(side)]
    allowed = [Decimal(0)]
    for number in numbers:
        shown, round_to = (_last_digit(value) for value in (number, number.normalize()))
        if sign == "≈":
            allowed += [shown if shown < 1 else shown / 2, min(round_to / 2, abs(number) * _MOST_ROUNDED)]
        elif divides and shown < 1:
            allowed.append(shown / 2)
    return max(allowed)


def _last_digit(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


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
