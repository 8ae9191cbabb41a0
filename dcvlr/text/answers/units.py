"""Units and currencies: which words name the same one, and how a quantity is said in another (pint)."""

from __future__ import annotations

import re

from dcvlr.errors import require_package
from dcvlr.text.plurals import plural

CURRENCIES = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "us dollar": "usd", "buck": "usd", "u.s. dollar": "usd",
    "€": "eur", "eur": "eur", "euro": "eur",
    "£": "gbp", "₤": "gbp", "gbp": "gbp", "pound sterling": "gbp",
    "¥": "jpy", "jpy": "jpy", "yen": "jpy",
    "₹": "inr", "inr": "inr", "rs": "inr", "rupee": "inr",
    "rm": "myr", "myr": "myr", "ringgit": "myr",
    "cny": "cny", "rmb": "cny", "yuan": "cny",
    "a$": "aud", "aud": "aud", "c$": "cad", "cad": "cad", "s$": "sgd", "sgd": "sgd", "hk$": "hkd", "hkd": "hkd",
    "chf": "chf", "swiss franc": "chf", "₩": "krw", "krw": "krw", "won": "krw", "rp": "idr", "idr": "idr",
    "rupiah": "idr", "฿": "thb", "thb": "thb", "baht": "thb", "₱": "php", "php": "php", "peso": "php",
    "r$": "brl", "brl": "brl", "real": "brl", "reai": "brl", "₽": "rub", "rub": "rub", "rouble": "rub",
    "ruble": "rub", "zł": "pln", "pln": "pln", "r": "zar", "zar": "zar", "rand": "zar",
}  # fmt: skip
_OTHER_CODES = (
    *("aed", "ars", "bdt", "clp", "cop", "czk", "dkk", "egp", "ghs", "huf", "ils", "kes", "lkr", "mxn", "ngn", "nok"),
    *("nzd", "pen", "pkr", "qar", "ron", "sar", "sek", "try", "twd", "uah", "vnd"),
)
CURRENCIES |= {code: code for code in _OTHER_CODES}
CODES = sorted({code.upper() for code in CURRENCIES.values()})
CENTS = "cent"  # a hundredth of whatever currency the other answer is in
_WITH_CENTS = frozenset({"usd", "eur", "aud", "cad", "sgd", "hkd", "myr"})
_CENT_WORDS = frozenset({"cent", "cents", "¢", "ct", "sen"})

SCALES = {
    "k": 10**3, "thousand": 10**3, "mn": 10**6, "mio": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9,
    "tn": 10**12, "trillion": 10**12, "hundred": 100, "dozen": 12, "lakh": 10**5, "crore": 10**7,
}  # fmt: skip
CASED_SCALES = {"K": 10**3, "M": 10**6, "B": 10**9}  # right behind the digits: 300 K are kelvins

_NAMED = {
    "%": "share", "percent": "share", "per cent": "share", "pct": "share", "percentage point": "percentage point",
    "°": "degree", "deg": "degree", "degree": "degree",
    **dict.fromkeys(("°c", "c", "celsius", "degree celsius", "degree c", "deg c", "centigrade"), "degC"),
    **dict.fromkeys(("°f", "f", "fahrenheit", "degree fahrenheit", "degree f", "deg f"), "degF"),
    "fl oz": "fluid_ounce", "fluid ounce": "fluid_ounce", "kgs": "kg", "kmh": "km/h", "kph": "km/h", "kmph": "km/h",
    "sqm": "square meter", "kb": "kilobyte", "kilo": "kg", "pcs": "piece", "pc": "piece", "usd": "usd",
    "people": "person", "person": "person", "px": "pixel", "pixel": "pixel",
}  # fmt: skip
_HOUR, _DAY, _YEAR = 3600.0, 86_400.0, 365.25 * 86_400.0
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second"), 1.0), **dict.fromkeys(("min", "minute"), 60.0),
    **dict.fromkeys(("h", "hr", "hour"), _HOUR), **dict.fromkeys(("d", "day"), _DAY),
    **dict.fromkeys(("wk", "week"), 7 * _DAY), "fortnight": 14 * _DAY, "month": _YEAR / 12,
    **dict.fromkeys(("yr", "year"), _YEAR), "decade": 10 * _YEAR, "century": 100 * _YEAR, "centurie": 100 * _YEAR,
}  # fmt: skip
_ABOVE_FREEZING = frozenset({"degC", "degF"})
_READABLE = re.compile(r"[A-Za-zµμΩ°_][A-Za-zµμΩ°_ ]{0,38}(?:\^-?\d)?(?:/[A-Za-zµμ]{1,20}(?:\^\d)?)?")


def currency(words: str) -> str:
    """The code of the currency that a symbol or word names, in small letters, or an empty text."""
    name = words.casefold().strip(".")
    if name in _CENT_WORDS:
        return CENTS
    return CURRENCIES.get(name) or CURRENCIES.get(name.removesuffix("s"), "")


def unit_named(words: str) -> str:
    """The name that stands for a unit here: pint's for some, "share" for percent, else the words as they are.

    Symbols keep their case, since mW is not MW.
    """
    words = re.sub(r"(?<=[^\W\d])[-·](?=[^\W\d])", " ", words.strip(" ."))
    name = " ".join(
        word if len(word) < 3 or word == "celsius" else word.removesuffix("s") for word in words.casefold().split()
    )
    return _NAMED.get(name) or _NAMED.get(words.casefold()) or words


def one_unit(one: str, other: str) -> bool:
    """Whether both are the same unit by their names alone; symbols of one or two letters keep their case."""
    if one == other or {one, other} <= {"gbp", "pound", "pounds"}:
        return True
    if min(len(one), len(other)) < 3:
        return False
    one, other = one.casefold(), other.casefold()
    return one == other or plural(one) == other or plural(other) == one


def converted(value: float, unit: str, to: str) -> float | None:
    """`value` said in the unit `to`, or None where they measure different things or nobody knows them."""
    if {unit, to} <= {CENTS, *_WITH_CENTS} and CENTS in (unit, to):
        return value / 100 if unit == CENTS else value * 100
    if "degree" in (unit, to) and {unit, to} & _ABOVE_FREEZING:  # 30 degrees may be meant as 30 °C
        return value
    if (size := seconds_in(unit)) and (other := seconds_in(to)):
        return value * size / other
    if "share" in (unit, to) or not (_READABLE.fullmatch(unit) and _READABLE.fullmatch(to)):
        return None
    return _by_pint(value, unit, to)


def seconds_in(unit: str) -> float | None:
    """How many seconds a unit of time has; a year is 365.25 days, as pint has it. H is henry and D no day."""
    return _SECONDS.get(unit if len(unit) == 1 else unit.casefold().removesuffix("s"))


def _by_pint(value: float, unit: str, to: str) -> float | None:
    require_package("pint", extra="llm", owner="the comparison of quantities in different units")
    import pint

    registry = pint.get_application_registry()

    def read(name: str) -> pint.Unit | None:
        for spelling in (name, name.casefold()):
            try:
                return registry.parse_units(spelling)
            except (pint.PintError, ValueError, TypeError, AssertionError, SyntaxError):
                continue
        return None

    units = read(unit), read(to)
    if units[0] is None or units[1] is None or not units[0].is_compatible_with(units[1]):
        return None
    try:
        return float(registry.Quantity(value, units[0]).to(units[1]).magnitude)
    except (pint.PintError, ArithmeticError):
        return None
