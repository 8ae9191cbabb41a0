"""Units and currencies: which words name the same one, and how many of the smallest it is."""

from __future__ import annotations

from fractions import Fraction

CURRENCIES = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "us dollar": "usd",
    "€": "eur", "eur": "eur", "euro": "eur",
    "£": "gbp", "gbp": "gbp", "pound sterling": "gbp",
    "¥": "jpy", "jpy": "jpy", "yen": "jpy",
    "₹": "inr", "inr": "inr", "rs": "inr", "rupee": "inr",
    "rm": "myr", "myr": "myr", "ringgit": "myr",
    "cny": "cny", "rmb": "cny", "yuan": "cny",
}  # fmt: skip

SCALES = {
    "k": 10**3, "thousand": 10**3, "mn": 10**6, "mio": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9,
    "tn": 10**12, "trillion": 10**12, "hundred": 100, "dozen": 12, "lakh": 10**5, "crore": 10**7,
}  # fmt: skip
CASED_SCALES = {"K": 10**3, "M": 10**6, "B": 10**9}  # right behind the digits: 300 K are kelvins

_LENGTH = {
    "mm": "1",
    "cm": "10",
    "dm": "100",
    "m": "1000",
    "km": "1000000",
    "in": "25.4",
    "ft": "304.8",
    "mi": "1609344",
}
_MASS = {"mg": "1", "g": "1000", "kg": "1000000"}
_TIME = {"ms": "1", "s": "1000", "min": "60000", "h": "3600000"}
_VOLUME = {"ml": "1", "mL": "1", "cl": "10", "dl": "100", "l": "1000", "L": "1000"}
_POWER = {"mW": "1", "W": "1000", "kW": "1000000", "MW": "1000000000", "GW": "1000000000000"}
KNOWN = {
    unit: (kind, Fraction(size))
    for kind, table in (
        *(("length", _LENGTH), ("mass", _MASS), ("time", _TIME), ("volume", _VOLUME)),
        *(("power", _POWER), ("share", {"%": "1"})),
    )
    for unit, size in table.items()
}
SPELLED = {
    "millimeter": "mm", "millimetre": "mm", "centimeter": "cm", "centimetre": "cm", "meter": "m", "metre": "m",
    "kilometer": "km", "kilometre": "km", "inch": "in", "inche": "in", "foot": "ft", "feet": "ft", "mile": "mi",
    "milligram": "mg", "gram": "g", "kilogram": "kg", "kilo": "kg", "kgs": "kg",
    "millisecond": "ms", "second": "s", "sec": "s", "minute": "min", "mins": "min", "hour": "h", "hr": "h",
    "milliliter": "ml", "millilitre": "ml", "liter": "l", "litre": "l",
    "watt": "W", "kilowatt": "kW", "megawatt": "MW", "gigawatt": "GW",
    "percent": "%", "per cent": "%", "pct": "%",
    "degree": "°", "deg": "°", "degree celsius": "°C", "degree celsiu": "°C", "celsius": "°C",
    "degree fahrenheit": "°F",
    "square meter": "m^2", "square metre": "m^2", "sq m": "m^2", "square centimeter": "cm^2",
    "square centimetre": "cm^2", "sq cm": "cm^2", "square kilometer": "km^2", "square kilometre": "km^2",
    "cubic meter": "m^3", "cubic metre": "m^3", "cubic centimeter": "cm^3", "cubic centimetre": "cm^3",
    "kelvin": "K",
    "kmh": "km/h", "kph": "km/h", "kilometer per hour": "km/h", "kilometre per hour": "km/h", "mile per hour": "mph",
    "meter per second": "m/s", "metre per second": "m/s",
}  # fmt: skip


def unit_named(words: str) -> tuple[str, Fraction]:
    """What is measured, and how many of its smallest unit one of these is; a word not known names itself.

    Symbols keep their case, since mW is not MW; words lose it.
    """
    words = words.strip(" .")
    if words in KNOWN:
        return KNOWN[words]
    name = words.casefold()
    symbol = SPELLED.get(name) or SPELLED.get(" ".join(word.removesuffix("s") for word in name.split()))
    symbol = symbol or (words if len(words) <= 2 or "/" in words else name)
    return KNOWN.get(symbol, (symbol, Fraction(1)))
