"""A question to be: a program, and the kind of question that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Constant, Expression, Label, Read, Words
from dcvlr.synthesis.scene import tables
from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.values import Quantity

ADDABLE = ("money", "number", "duration")
"""Kinds of values that are amounts: a sum or a multiple of them means something."""


Appeal = Literal["usual", "anywhere", "contrived", "filler", "colour", "light"]
"""Whether a person would ask it: on any page the same (`anywhere`), hardly (`contrived`), or only for want of anything
else (`filler`); of a picture, its colours after its objects, and its light last."""


class Form(Struct, frozen=True, gc=False, kw_only=True):
    """`kind` is a key of the wording's questions, `names` what its phrasings call by name.

    `others` are expressions of which one put in place of another gives a near miss; `closed` questions make sense only
    with their options.
    """

    kind: str
    program: Expression
    names: Mapping[str, Expression]
    others: tuple[Expression, ...] = ()
    closed: bool = False
    appeal: Appeal = "usual"


def form(
    kind: str,
    program: Expression,
    *,
    appeal: Appeal = "usual",
    closed: bool = False,
    others: tuple[Expression, ...] = (),
    **names: Expression,
) -> Form:
    """One whose phrasings call the `names`, each by its keyword."""
    return Form(kind=kind, program=program, names=names, others=others, closed=closed, appeal=appeal)


def column(table: tables.Table, one: tables.TableColumn) -> Column:
    """A printed column as a part of programs, spoken of by its heading; of items only the prices are called so."""
    priced = "items" if one.kind == "money" else ""
    register = {"items": priced, "chart": "chart"}.get(table.subject, "time" if one.kind == "time" else "")
    entries = tuple(
        Read(each.value, each.ref, each.label, each.label_ref, read_as=each.read_as, stands=each.stands)
        for each in one.entries
    )
    name = one.name if register == "chart" else one.name.casefold()
    words = Words(table.rows.casefold(), name, "series" if one.side else register, one.counts)
    rows = "" if table.subject == "items" else table.rows_ref
    return Column(entries, words, one.head or "", one.side, rows, one.unit)


def has_ratios(one: Column, *, additive: bool) -> bool:
    """Whether one value can be so many times another: amounts can, temperatures cannot."""
    kind = one.entries[0].value.kind
    return additive or (kind in ADDABLE and kind != "number")


def read(one: Field, name: str) -> Read:
    return Read(one.value, one.ref, one.label, one.label_ref if one.label_ref != one.ref else "", name)


def of_picture(one: Read, n: int) -> Read:
    """The same value in the `n`-th picture of a question about several."""
    refs = ", ".join(f"p{n}_{ref}" for ref in one.ref.split(", "))
    return replace(one, ref=refs, label_ref=f"p{n}_{one.label_ref}" if one.label_ref else "")


def labels(one: Column) -> list[Label]:
    return [Label(each.label, each.label_ref) for each in one.entries]


def number(value: int) -> Constant:
    return Constant(Quantity("number", Decimal(value), "0|"))


def like(value: Quantity, amount: Decimal) -> Constant:
    """Another amount, written as `value` is."""
    return Constant(Quantity(value.kind, amount, value.notation, value.currency))
