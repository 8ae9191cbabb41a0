"""What the evidence says of a column as a whole: its heading, what its rows are called, how its values are read."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

from dcvlr.validation.proofs.evidence import Cited, UnprovenError, ref_of, require

_SERIES = {
    "month": re.compile(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"),
    "weekday": re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"),
    "year": re.compile(r"(?:19|20)\d\d"),
}
_COLOUR = re.compile(r"\d% (.+)")


class Headings(NamedTuple):
    """The lines that a column is called by: its heading, or its name in a legend and on which side of their labels the
    values stand; the heading of its labels; what says what a chart's values are."""

    head: str = ""
    side: str = ""
    rows: str = ""
    unit: str = ""


class ColumnHeader(NamedTuple):
    """`read` is how the first value is read, `sort` the kind of evidence that a row is, `series` what all rows are by
    their names: months; `labels` are those of values within whole pictures."""

    head: str
    side: str
    rows: str
    unit: str
    read: str
    sort: str
    series: str
    labels: frozenset[str]
    colour: str


def headings(call: ast.Call) -> tuple[Headings, list[ast.expr]]:
    """The headings of a column, and its entries."""
    found: dict[str, str] = {}
    entries: list[ast.expr] = []
    for one in call.args:
        match one:
            case ast.Name(id=ref) | ast.Constant(value=str() as ref):
                new = {"head": ref}
            case ast.Call(func=ast.Name(id="left" | "right" as side), args=[ast.Name(id=ref)]):
                new = {"head": ref, "side": side}
            case ast.Call(func=ast.Name(id="rows" | "unit" as what), args=[ast.Name(id=ref)]):
                new = {what: ref}
            case _:
                entries.append(one)
                continue
        require(not entries and found.keys().isdisjoint(new), "a column has a heading twice, or behind its entries")
        found |= new
    return Headings(**found), entries


def header_of(cited: Cited, of: Headings, entries: Sequence[ast.Call], row_names: Sequence[str]) -> ColumnHeader:
    head, rows, unit = (cited.label(ref) if ref else "" for ref in (of.head, of.rows, of.unit))
    reads = [one.args[1] for one in entries]
    labels = [cited.one(ref_of(one.args[0])) for one in entries]
    colours = {found[1] for one in labels if one.kind == "pixels" and (found := _COLOUR.search(one.text))}
    require(len(colours) < 2, "shares of different colours are compared")
    names = [name.casefold() for name in row_names]
    return ColumnHeader(
        head=head,
        side=of.side,
        rows=rows,
        unit=unit,
        read=_read(reads[0]),
        sort=labels[0].kind,
        series=next((key for key, form in _SERIES.items() if all(map(form.fullmatch, names))), ""),
        labels=frozenset(_label_within(cited, read) for read in reads) if labels[0].kind == "picture" else frozenset(),
        colour="".join(colours),
    )


def _label_within(cited: Cited, read: ast.expr) -> str:
    """The label of a value in a whole picture, as far as it has one."""
    match read:
        case ast.Call(func=ast.Name(id="entry"), args=[label, _]):
            return cited.label(ref_of(label))
    return ""


def _read(read: ast.expr) -> str:
    match read:
        case ast.Call(func=ast.Name(id="entry"), args=[_, inner]):
            return _read(inner)
        case ast.Call(func=ast.Name(id=name)):
            return name
    raise UnprovenError("an entry has no value")
