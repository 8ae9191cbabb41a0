"""Numbers as they are shown, and when there is no such number that everybody would agree with."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from dcvlr.synthesis.scene.values import Quantity

_NEAR_EDGE = Decimal("0.06")  # of the last digit that is shown: nearer to where rounding flips there is no answer


class AmbiguousError(ValueError):
    """The program has no value that everybody would agree with: a tie, nothing left, or a rounding that could flip."""


def divided(value: Quantity, by: Decimal, *, exact: bool) -> Quantity:
    """In the value's own decimals (one more for numbers), where it either comes out even or rounds clearly."""
    places = decimals(value)
    if not exact:
        places = min(places + 1, 2)
    return rounded(
        replace(value, notation=f"{places}|{value.notation.partition('|')[2]}"), value.number / by, places, exact
    )


def rounded(like: Quantity, number: Decimal, places: int, exact: bool) -> Quantity:
    unit = Decimal(1).scaleb(-places)
    result = number.quantize(unit)
    if exact and result != number:
        raise AmbiguousError("it does not come out even")
    apart = abs(abs(number - result) / unit - Decimal("0.5"))
    if not exact and apart < _NEAR_EDGE:
        raise AmbiguousError("rounding could go either way")
    return replace(like, number=result)


def decimals(value: Quantity) -> int:
    head = value.notation.partition("|")[0]
    return int(head) if head.isdigit() else 0
