"""Numbers with their units: 1,200.50 USD, 3.5k, 3/4, 12 %, two dozen eggs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from dcvlr.text.answers.estimates import without_qualifier
from dcvlr.text.answers.numerals import DECIMAL, POWER, decimal, decimals, power, spelled
from dcvlr.text.answers.units import CASED_SCALES, CENTS, CODES, SCALES, converted, currency, one_unit, unit_named
from dcvlr.text.plurals import PLURAL_ONLY

_LONGEST = 120  # characters of a quantity
_RAND = r"R(?=\s\d|[\d, ]*\d[.,]\d\d(?!\d))"  # R 150, R1,299.00; R2 is what is printed on a part
_SYMBOL = rf"(?:(?:US|HK|[ACSR])\$|[$€£₤¥₹₩฿₱₽]|(?:RM|RMB|Php|{'|'.join(CODES)}|R[sp]\.?)(?![A-Za-z])|{_RAND})"
_FIGURE = re.compile(
    rf"(?P<sign>[-+]?)\s?(?P<front>{_SYMBOL})?\s?(?P<inner>[-+]?)"
    rf"(?:(?P<mixed>\d{{1,9}})[ -](?=\d{{1,9}}\s?/))?(?P<value>{DECIMAL})(?!\d|[.,' ]\d)"
    rf"(?:\s?/\s?(?P<below>\d{{1,9}}))?"
    rf"(?P<power>{POWER})?(?P<scale>[KMB](?![A-Za-z]))?(?P<rest>.*)",
    re.DOTALL,
)
_BARE_POWER = re.compile(r"(?P<sign>[-+]?)10\s?\^\s?\{?(?P<exponent>[-+]?\d{1,3})\}?")
_UNIT = re.compile(r"\s?(?:[^\W\d_]|[%°$€£¥₹¢])[^\d=<>+*,;:!?()\[\]{}\\|]*(?:\^-?\d)?(?:/[^\W\d_]+(?:\^\d)?)?")
_YEAR = range(1000, 3000)
_NUMBERED = re.compile(
    r"^(?:no\.|number|#|the year)\s*(?=\d)|^(?:only|just|exactly|precisely|a total of)\s+", re.IGNORECASE
)
_IN_BRACKETS = re.compile(r"\(([^()]*\d[^()]*)\)")  # what `plain` leaves in brackets is a book-keeper's -5.00
_OUT_OF = re.compile(r"(\d{1,9}(?:\.\d{1,9})?|[a-z]+) (?:out of|in|of) (\d{1,9}|[a-z]+)", re.IGNORECASE)
_MINUS = re.compile(r"^(?:minus|negative)\s+(?=[\d$€£¥])", re.IGNORECASE)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\b")
_MINUTES = re.compile(r"(?<=\d)(\s?h(?:rs?|ours?)?\s*\d{1,2}\s?)m$", re.IGNORECASE)
_SQUARE = re.compile(r"(?<=\d)(\s?(?:[mck]?m|ft|in|yd))([23])$")
_MEASURE = (
    r"hour|minute|second|day|week|fortnight|month|year|decade|century|mile|yard|inch|foot|pound|ounce|cup|pint|gallon|ton(?:ne)?"
    r"|(?:kilo|centi|milli)?(?:met(?:er|re)|gram)|kilo|(?:milli)?lit(?:er|re)"
)
_ONE_PAIR = "|".join(sorted(PLURAL_ONLY - {"people"}))  # a pair of jeans is one thing
_MEASURES = (  # what is said without a number, and the same with one
    (re.compile(rf"^(?:an?|one) ({_MEASURE}) and a half$", re.IGNORECASE), r"1.5 \1"),
    (re.compile(rf"^(?:a )?half (?:an?|of an?) ({_MEASURE})$", re.IGNORECASE), r"0.5 \1"),
    (re.compile(rf"^(?:an? |one )?quarter of an? ({_MEASURE})$", re.IGNORECASE), r"0.25 \1"),
    (re.compile(rf"^(?:three quarters|3/4) of an? ({_MEASURE})$", re.IGNORECASE), r"0.75 \1"),
    (re.compile(rf"^an? ({_MEASURE})$", re.IGNORECASE), r"1 \1"),
    (re.compile(rf"^(\d{{1,9}})-({_MEASURE})s?$", re.IGNORECASE), r"\1 \2"),
    (re.compile(r"^(\d{1,9})-(year|month|week|day|foot|meter)-(old|long|high|wide|tall|deep)$"), r"\1 \2s \3"),
    (re.compile(r"^(\d{1,3}):([0-5]\d) ?(?:h|hrs?|hours?)$", re.IGNORECASE), r"\1 h \2 min"),
    (re.compile(r"^(\d{1,3}) ?h ?([0-5]\d)$", re.IGNORECASE), r"\1 h \2 min"),
    (re.compile(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$"), r"\1 h \2 min \3 s"),
    (re.compile(r"^(\d.*?) below (?:zero|freezing)$", re.IGNORECASE), r"-\1"),
    (re.compile(r"^([$€£¥])\s?\((\d[\d.,]*)\)$"), r"-\1\2"),
    (re.compile(r"^nil$", re.IGNORECASE), "0"),
    (re.compile(r"^a (?:couple|pair)$", re.IGNORECASE), "2"),
    (re.compile(r"^(?:an?|one) single (?=\w)", re.IGNORECASE), "1 "),
    (re.compile(rf"^a (?:couple|pair) of (?!(?:\w+ )*(?:{_ONE_PAIR})$)(?=\w)", re.IGNORECASE), "2 "),
    (re.compile(r"^once$", re.IGNORECASE), "1 time"),
    (re.compile(r"^twice$", re.IGNORECASE), "2 times"),
    (re.compile(r"^thrice$", re.IGNORECASE), "3 times"),
    (re.compile(r"^no (?=(?:[a-z]+s|people|children|men|women)$)", re.IGNORECASE), "0 "),
    (re.compile(r"^(\d{1,9}) and a half(?=$| )"), r"\1.5"),
)
_TWICE = re.compile(  # 5 (five), five (5) days
    r"(?:(?P<number>\d[\d.,]*) \((?P<words>[a-z -]+)\)|(?P<word>[a-z -]+) \((?P<figure>\d[\d.,]*)\))"
    r"(?P<rest>(?: [a-z]+)*)",
    re.IGNORECASE,
)
_FEET = re.compile(r"(\d{1,2})'\s?(\d{1,2})(?:\"|'')?")
_PIECES = re.compile(r"(?<=[^\W\d])\.?(?:\s*,)?(?:\s*and)?\s*(?=\d)|(?<=[^\W\d])(?:\s*,)?\s+and\s+(?=[^\W\d])")
_MOST_PIECES = 4


@dataclass(frozen=True)
class Measurement:
    """`value` in `unit`, which is a name of `units`, a currency's code, or empty.

    `decimals` is how many were written, None for a fraction; `is_year` is a bare whole number of four digits, which no
    tolerance applies to.
    """

    value: Fraction
    unit: str
    decimals: int | None = 0
    is_year: bool = False

    def agrees(self, other: Measurement, tolerance: float) -> bool:
        """Whether both are one quantity: equal, or one the other rounded, or within the relative `tolerance`."""
        if self.is_year and other.is_year:
            return self.value == other.value
        if bool(self.unit) != bool(other.unit):
            with_unit, bare = (self, other) if self.unit else (other, self)
            return any(_near(one, bare, tolerance) for one in with_unit._bare())
        if one_unit(self.unit, other.unit):
            return _near(self, other, tolerance)
        return any(_near_in(one, two, tolerance) for one, two in ((self, other), (other, self)))

    def _bare(self) -> tuple[Measurement, ...]:
        """What it may be written as without its unit: 5 % as 5 and as 0.05, 50 cents as 50 and 0.50, 3 km as 3."""
        bare = replace(self, unit="")
        if self.unit not in ("share", CENTS):
            return (bare,)
        hundredth = None if self.decimals is None else self.decimals + 2
        return bare, replace(bare, value=self.value / 100, decimals=hundredth)


def _near(one: Measurement, other: Measurement, tolerance: float) -> bool:
    """Relative to the smaller of the two, so that the order does not matter."""
    a, b = one.value, other.value
    if a == b or _is_rounded(one, other) or _is_rounded(other, one):
        return True
    return a * b > 0 and abs(a - b) <= min(abs(a), abs(b)) * Fraction(tolerance)


def _is_rounded(short: Measurement, long: Measurement) -> bool:
    """3.14 for 3.14159 and 0.67 for 2/3, but not 13 for 13.1: two decimals are kept and two or more were dropped."""
    if (
        short.decimals is None
        or short.decimals < 2
        or (long.decimals is not None and long.decimals < short.decimals + 2)
    ):
        return False
    return abs(short.value - long.value) <= Fraction(1, 2 * 10**short.decimals)


def _near_in(one: Measurement, other: Measurement, tolerance: float) -> bool:
    """Whether `one`, said in the unit of `other`, is `other`, but for what floating point loses."""
    value = converted(float(one.value), one.unit, other.unit)
    return value is not None and math.isclose(value, other.value, rel_tol=max(tolerance, 1e-9))


def quantity(text: str) -> Measurement | None:
    """The quantity that a plain text is, if it is nothing else."""
    if len(text) > _LONGEST:
        return None
    text = _NUMBERED.sub("", without_qualifier(text))
    if negative := _IN_BRACKETS.fullmatch(text):
        text = f"-{negative[1]}"
    if bare := _BARE_POWER.fullmatch(text):
        value = power(bare["exponent"])
        return Measurement(-value if bare["sign"] == "-" else value, "")
    text = _SQUARE.sub(r"\1^\2", _MINUTES.sub(r"\1min", _MINUS.sub("-", text)))
    for words, figures in _MEASURES:
        text = words.sub(figures, text)
    return _part(text) or _total(text) or _alone(_said_once(text))


def _said_once(text: str) -> str:
    """5 for '5 (five)', 5 days for 'five (5) days'."""
    if not (twice := _TWICE.fullmatch(text)):
        return text
    figure, words = twice["number"] or twice["figure"], twice["words"] or twice["word"]
    is_same = spelled(words.casefold().replace("-", " ").split()) == decimal(figure)
    return f"{figure}{twice['rest']}" if is_same else text


def _part(text: str) -> Measurement | None:
    """'3 out of 4', '1 in 4'."""
    found = _OUT_OF.fullmatch(text)
    counts = (
        [Fraction(word) if word[0].isdigit() else spelled([word.casefold()]) for word in found.groups()]
        if found
        else []
    )
    if len(counts) != 2 or counts[0] is None or not counts[1]:
        return None
    return Measurement(counts[0] / counts[1], "", decimals=None)


def _in_figures(figure: re.Match[str]) -> Measurement | None:
    value = decimal(figure["value"])
    if value is None or figure["below"] == "0" * len(figure["below"] or ""):
        return None
    digits: int | None = decimals(figure["value"])
    if figure["below"]:
        digits = None
        value = value / int(figure["below"]) + int(figure["mixed"] or 0)
    if figure["power"]:
        value, digits = value * power(figure["power"]), 0
    if figure["scale"]:
        value, digits = value * CASED_SCALES[figure["scale"]], 0
    if (figure["sign"] == "-") != (figure["inner"] == "-"):
        value = -value
    found = _with_unit(value, figure["front"] or "", figure["rest"], glued=figure["value"])
    return found and replace(found, decimals=digits if found.value == value else 0)


def _with_unit(value: Fraction, front: str, rest: str, *, glued: str) -> Measurement | None:
    if rest.strip() and not _UNIT.fullmatch(rest):
        return None
    words = rest.split()
    if words and (scale := _scale(words[0], front)):
        value, words = value * scale, words[1:]
    before, behind = currency(front), " ".join(words)
    if before or currency(behind):
        same = not (before and behind) or currency(behind) == before
        return Measurement(value, before or currency(behind)) if same else None
    if not behind:
        is_year = not rest and len(glued) == 4 and glued.isdigit() and value in _YEAR
        return Measurement(value, "", is_year=is_year)
    if len(words) > 4:
        return None
    return Measurement(value, unit_named(behind))


def _scale(word: str, front: str) -> int | None:
    """Behind a currency 5m is five million, else five metres."""
    if front and word.casefold() in {"m", "b"}:
        return CASED_SCALES[word.upper()]
    if word == "K":
        return None
    return SCALES.get(word.casefold())


def _in_words(text: str) -> Measurement | None:
    """The longest beginning that is a number; the rest is its unit."""
    words = text.casefold().replace("-", " ").split()
    minus = words[:1] in (["minus"], ["negative"])
    words = words[1:] if minus else words
    for count in range(min(len(words), 12), 0, -1):
        value = spelled(words[:count])
        if value is not None:
            found = _with_unit(-value if minus else value, "", "".join(f" {word}" for word in words[count:]), glued="")
            return found and (found if found.value.denominator == 1 else replace(found, decimals=None))
    return None


def _total(text: str) -> Measurement | None:
    """What is said in several units, the largest first: 2 h 30 min, 5 ft 10 in, 5 dollars and 50 cents."""
    if feet := _FEET.fullmatch(text):
        return Measurement(Fraction(int(feet[1]) * 12 + int(feet[2])), "inch")
    pieces = _PIECES.split(text)
    if not 1 < len(pieces) <= _MOST_PIECES:
        return None
    parts = [_alone(piece) for piece in pieces]
    total, size = Fraction(0), 0.0
    for part in reversed(parts):
        if part is None or not part.unit or part.unit == "share":
            return None
        last = parts[-1]
        factor = converted(1.0, part.unit, last.unit) if last and part is not last else 1.0
        if factor is None or factor <= size:
            return None
        total, size = total + part.value * Fraction(factor).limit_denominator(10**9), factor
    return replace(parts[-1], value=total) if parts[-1] else None


def _alone(text: str) -> Measurement | None:
    figure = None if _ORDINAL.match(text) else _FIGURE.fullmatch(text)
    return _in_figures(figure) if figure else _in_words(text)
