"""Numbers with their units: 1,200.50 USD, 3.5k, 3/4, 12 %, two dozen eggs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from dcvlr.text.answers.numerals import DECIMAL, POWER, decimal, power, spelled
from dcvlr.text.answers.units import CASED_SCALES, CURRENCIES, SCALES, unit_named
from dcvlr.text.plurals import plural

_LONGEST = 120  # characters of a quantity
_LEAD = re.compile(r"^(?:about|approximately|approx\.?|around|roughly|circa|ca\.|[~≈])\s*", re.IGNORECASE)
_SYMBOL = r"(?:US\$|[$€£¥₹]|(?:RM|USD|EUR|GBP|JPY|INR|MYR|CNY|RMB|Rs\.?)(?![A-Za-z]))"
_FIGURE = re.compile(
    rf"(?P<sign>[-+]?)\s?(?P<front>{_SYMBOL})?\s?(?P<inner>[-+]?)"
    rf"(?:(?P<mixed>\d{{1,9}})[ -](?=\d{{1,9}}\s?/))?(?P<value>{DECIMAL})(?!\d|[.,' ]\d)"
    rf"(?:\s?/\s?(?P<below>\d{{1,9}}))?"
    rf"(?P<power>{POWER})?(?P<scale>[KMB](?![A-Za-z]))?(?P<rest>.*)",
    re.DOTALL,
)
_BARE_POWER = re.compile(r"(?P<sign>[-+]?)10\s?\^\s?\{?(?P<exponent>[-+]?\d{1,3})\}?")
_UNIT = re.compile(r"\s?(?:[^\W\d_]|[%°$€£¥₹])[^\d=<>+*,;:!?()\[\]{}\\|]*(?:\^-?\d)?(?:/[^\W\d_]+(?:\^\d)?)?")
_YEAR = range(1000, 3000)


@dataclass(frozen=True)
class Quantity:
    """`value` is in the smallest unit of its kind, `size` how many of these the unit is that was written.

    `unit` is the kind, or the word itself, or empty.

    `is_year` is a bare whole number of four digits, which no tolerance applies to.
    """

    value: Fraction
    unit: str
    is_year: bool = False
    size: Fraction = Fraction(1)

    def agrees(self, other: Quantity, tolerance: float) -> bool:
        if bool(self.unit) == bool(other.unit):
            one_kind = self.unit == other.unit or plural(self.unit) == other.unit or plural(other.unit) == self.unit
            return one_kind and self._near(self.value, other.value, other, tolerance)
        with_unit, bare = (self, other) if self.unit else (other, self)
        return any(self._near(value, bare.value, other, tolerance) for value in with_unit.without_unit())

    def without_unit(self) -> tuple[Fraction, ...]:
        """What it may be written as without its unit: 5 % as 5 and as 0.05, 3 km as 3."""
        return (self.value, self.value / 100) if self.unit == "share" else (self.value / self.size,)

    def _near(self, a: Fraction, b: Fraction, other: Quantity, tolerance: float) -> bool:
        """Relative to the smaller of the two, so that the order does not matter."""
        allowed = Fraction(0) if self.is_year and other.is_year else Fraction(tolerance)
        return a == b or (a * b > 0 and abs(a - b) <= min(abs(a), abs(b)) * allowed)


def quantity(text: str) -> Quantity | None:
    """The quantity that a plain text is, if it is nothing else."""
    if len(text) > _LONGEST:
        return None
    text = _LEAD.sub("", text)
    if bare := _BARE_POWER.fullmatch(text):
        value = power(bare["exponent"])
        return Quantity(-value if bare["sign"] == "-" else value, "")
    figure = _FIGURE.fullmatch(text)
    return _in_figures(figure) if figure else _in_words(text)


def _in_figures(figure: re.Match[str]) -> Quantity | None:
    value = decimal(figure["value"])
    if value is None or figure["below"] == "0" * len(figure["below"] or ""):
        return None
    if figure["below"]:
        value = value / int(figure["below"]) + int(figure["mixed"] or 0)
    if figure["power"]:
        value *= power(figure["power"])
    if figure["scale"]:
        value *= CASED_SCALES[figure["scale"]]
    if (figure["sign"] == "-") != (figure["inner"] == "-"):
        value = -value
    return _with_unit(value, figure["front"] or "", figure["rest"], glued=figure["value"])


def _with_unit(value: Fraction, front: str, rest: str, *, glued: str) -> Quantity | None:
    if rest.strip() and not _UNIT.fullmatch(rest):
        return None
    words = rest.split()
    if words and (scale := _scale(words[0], front)):
        value, words = value * scale, words[1:]
    currency = CURRENCIES.get(front.casefold().rstrip("."), "")
    behind = " ".join(words)
    if currency or _currency(behind):
        same = not (currency and behind) or _currency(behind) == currency
        return Quantity(value, currency or _currency(behind)) if same else None
    if not behind:
        is_year = not rest and len(glued) == 4 and glued.isdigit() and value in _YEAR
        return Quantity(value, "", is_year)
    if len(words) > 4:
        return None
    kind, size = unit_named(behind)
    return Quantity(value * size, kind, size=size)


def _scale(word: str, front: str) -> int | None:
    """Behind a currency 5m is five million, else five metres."""
    if front and word.casefold() in {"m", "b"}:
        return CASED_SCALES[word.upper()]
    if word == "K":
        return None
    return SCALES.get(word.casefold())


def _currency(words: str) -> str:
    name = words.casefold().strip(".")
    return CURRENCIES.get(name) or CURRENCIES.get(name.removesuffix("s"), "")


def _in_words(text: str) -> Quantity | None:
    """The longest beginning that is a number; the rest is its unit."""
    words = text.casefold().replace("-", " ").split()
    minus = words[:1] in (["minus"], ["negative"])
    words = words[1:] if minus else words
    for count in range(min(len(words), 12), 0, -1):
        value = spelled(words[:count])
        if value is not None:
            return _with_unit(-value if minus else value, "", "".join(f" {word}" for word in words[count:]), glued="")
    return None
