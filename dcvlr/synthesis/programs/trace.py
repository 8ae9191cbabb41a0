"""The steps from what is read to the answer: one operation each, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from dcvlr.synthesis.programs.evaluate import Value
from dcvlr.synthesis.programs.expressions import (
    Column,
    Constant,
    Expression,
    Label,
    OpCall,
    PageLines,
    Read,
    Sought,
)
from dcvlr.synthesis.programs.wording import Wording, capital
from dcvlr.synthesis.scene.values import Quantity, shown

_ORDERS = frozenset({"nth_largest", "nth_smallest"})
_PAIRS = frozenset(
    {"plus", "difference", "product", "quotient", "ratio", "percent_of", "percent_change", "more", "equal"}
)


def steps(parts: Sequence[Expression], known: Mapping[int, Value], wording: Wording) -> list[str]:
    """Sentences for `wording.language.steps`; what is read is cited as [T3].

    `parts` are those of a program, as `walk` gives them, `known` the value of each.
    """
    looked_at = {id(each) for one in parts if isinstance(one, OpCall) and not _names_a_row(one) for each in one.args}
    sentences = (_step(one, known, wording) for one in parts if not isinstance(one, Column) or id(one) in looked_at)
    return [*_found(parts[-1], wording), *(step for step in sentences if step is not None)]


def _found(program: Expression, wording: Wording) -> list[str]:
    """Where to look, for a question that asks for one printed value and nothing else."""
    match program:
        case OpCall("at", (Column(entries, words), Label(text))):
            one = next(each for each in entries if each.label == text)
            if words.register == "objects":
                called = wording.label(text, words.register)
                return [_sentence(wording, "find_objects", a=called, cite=_cite(one))]
        case Read():
            one = program
        case _:
            return []
    ref, key = (one.label_ref, "find") if one.label_ref else (one.ref, "find_alone")
    return [_sentence(wording, key, a=wording.phrase(program), label=one.label, cite=f"[{ref}]")]


def _names_a_row(one: OpCall) -> bool:
    return one.op == "at" and isinstance(one.args[1], Label)


def _step(one: Expression, known: Mapping[int, Value], wording: Wording) -> str | None:
    match one:
        case OpCall("absent", (_, Sought(name, words))):
            listed = ", ".join(f'"{word}"' for word in words)
            return _sentence(wording, "absent", n=name, list=listed, result=wording.answer(known[id(one)]))
        case OpCall("pick", (Column(entries), *labels)) if len(entries) == len(labels):
            return None  # the column was cut down to these rows
        case OpCall():
            return _call(one, known, wording)
        case Column():
            return _column(one, wording)
        case Read(value):
            return _sentence(wording, "select", a=wording.phrase(one), result=shown(value), cite=_cite(one))
        case PageLines(lines):
            return _sentence(wording, "lines", count=len(lines), cite="".join(f"[{ref}]" for ref in lines))
    return None


def _column(one: Column, wording: Wording) -> str:
    key = _register("column", one, wording)
    is_plain = "{plain}" in wording.language.steps[key]
    rows = {"plain": _named(one)} if is_plain else {"list": _listed(one)}
    return _sentence(wording, key, c=wording.column(one), p=wording.nth(one.picture), **rows)


def _call(one: OpCall, known: Mapping[int, Value], wording: Wording) -> str | None:
    column, value, last = _column_of(one, known), known[id(one)], one.args[-1]
    slots: dict[str, object] = {
        "result": _shown(value, wording),
        "c": wording.column(column) if column else None,
        "n": wording.phrase(last) if isinstance(last, Constant) else _shown(known[id(last)], wording),
    }
    if one.op in ("plus_minutes", "minus_minutes") and isinstance(span := known[id(last)], Quantity):
        slots["n"] = _bare(span)  # the sentence says of what
    if one.op == "at":
        return _at(one, known, wording, slots)
    if isinstance(value, Column):
        return _list(one, value, wording, slots)
    if one.op in ("max", "min", "argmax", "argmin", *_ORDERS) and column is not None:
        return _extreme(one, column, wording, slots)
    if one.op == "sum" and column is not None and len(column.entries) == 1:
        return None  # the one value was said before
    if one.op in ("sum", "mean") and column is not None:
        return _sum(one, column, known, wording, slots)
    if one.op in _PAIRS:
        return _pair(one, known, wording, slots)
    if one.op == "majority" and column is not None:
        whole = known[id(one.args[1])]
        assert isinstance(whole, Column)
        key = "majority_yes" if value else "majority_no"
        return _sentence(wording, key, **slots, part=len(column.entries), whole=len(whole.entries))
    key = _register(one.op, column, wording) if column else one.op
    return _sentence(wording, key, **slots, va=_shown(known[id(one.args[0])], wording), x=_row_named(last))


def _row_named(one: Expression) -> str:
    """The row whose value it is, if it is one's."""
    match one:
        case OpCall("at", (_, Label(text))):
            return text
    return ""


def _list(one: OpCall, rows: Column, wording: Wording, slots: dict[str, object]) -> str:
    """What is left of a column, or what has become of it."""
    if one.op == "distances":
        rows = replace(rows, entries=tuple(sorted(rows.entries, key=lambda each: each.value.number)))
    x, y = ([each.text for each in one.args if isinstance(each, Label)] + ["", ""])[:2]
    key = "both_rest" if one.op == "both" and isinstance(one.args[0], Column) else one.op
    listed = _listed(rows, cited=one.op in ("rise", "joined"))
    return _sentence(wording, _register(key, rows, wording), **slots, x=x, y=y, list=listed)


def _at(one: OpCall, known: Mapping[int, Value], wording: Wording, slots: dict[str, object]) -> str:
    column, label = known[id(one.args[0])], known[id(one.args[1])]
    assert isinstance(column, Column)
    entry = next(each for each in column.entries if each.label == label)
    named = isinstance(one.args[1], Label)
    key = _register("at" if named else "at_found", column, wording)
    return _sentence(wording, key, **slots, a=wording.phrase(one) if named else "", b=entry.label, cite=_cite(entry))


def _extreme(one: OpCall, column: Column, wording: Wording, slots: dict[str, object]) -> str:
    smallest_first = one.op in ("argmin", "min", "nth_smallest")
    ranked = sorted(column.entries, key=lambda each: each.value.number, reverse=not smallest_first)
    rank = one.args[1].value.number if one.op in _ORDERS and isinstance(one.args[1], Constant) else Decimal(1)
    nth = wording.language.ordinals[int(rank) - 1]
    return _sentence(
        wording,
        _register(one.op, column, wording),
        **slots,
        value=shown(ranked[0].value),
        ranked=", ".join(f"{each.label} {shown(each.value)}" for each in ranked),
        nth=nth,
    )


def _sum(one: OpCall, column: Column, known: Mapping[int, Value], wording: Wording, slots: dict[str, object]) -> str:
    terms = " + ".join(_bare(each.value) for each in column.entries)
    result = known[id(one)]
    assert isinstance(result, Quantity)
    total = sum((each.value.number for each in column.entries), Decimal(0))
    sign = "=" if result.number * len(column.entries) == total else "≈"
    slots["result"] = _bare(result)
    return _sentence(wording, one.op, **slots, terms=terms, count=len(column.entries), sign=sign)


def _pair(one: OpCall, known: Mapping[int, Value], wording: Wording, slots: dict[str, object]) -> str:
    a, b, result = (known[id(each)] for each in (*one.args, one))
    assert isinstance(a, Quantity)
    assert isinstance(b, Quantity)
    if isinstance(result, bool):
        answer = "yes" if result else "no"
        of_kind = f"{one.op}_{a.kind}_{answer}"
        key = of_kind if of_kind in wording.language.steps else f"{one.op}_{answer}"
        x, y = map(_row_named, one.args)
        return _sentence(wording, key, **slots, va=shown(a), vb=shown(b), x=x, y=y)
    assert isinstance(result, Quantity)
    timed = one.op == "difference" and a.kind in ("time", "date")
    key = f"{one.op}_{a.kind}" if timed else one.op
    write = shown if timed else _bare
    exact = _exactly(one.op, a, b)
    slots["result"] = shown(result) if key.startswith("percent") else _bare(result)
    if key.startswith("percent"):
        slots |= {"change": _bare(replace(a, number=abs(a.number - b.number))), "number": _bare(result)}
    sign = "=" if exact == result.number else "≈"
    return _sentence(wording, key, **slots, va=write(a), vb=write(b), sign=sign)


def _exactly(op: str, a: Quantity, b: Quantity) -> Decimal | None:
    match op:
        case "ratio" | "quotient":
            return a.number / b.number
        case "percent_of":
            return 100 * a.number / b.number
        case "percent_change":
            return 100 * abs(a.number - b.number) / b.number
    return None


def _bare(value: Quantity) -> str:
    """A number without currency and unit, as calculations are written."""
    if value.kind in ("time", "date"):
        return shown(value)
    decimals = value.notation.partition("|")[0]
    return shown(Quantity("number", value.number, f"{decimals}|"))


def _column_of(one: OpCall, known: Mapping[int, Value]) -> Column | None:
    return next((value for each in one.args if isinstance(value := known[id(each)], Column)), None)


def _listed(column: Column, *, cited: bool = True) -> str:
    if column.words.register in ("list", "headings"):
        return ", ".join(one.label for one in column.entries)
    rows = [one.label if one.box else f"{one.label} {shown(one.value)}" for one in column.entries]
    if cited:
        rows = [f"{row} {_cite(one)}" for row, one in zip(rows, column.entries, strict=True)]
    return ", ".join(rows)


def _cite(one: Read) -> str:
    return "".join(f"[{ref}]" for ref in one.lines)


def _named(column: Column) -> str:
    return ", ".join(f"{one.label} [{one.ref}]" for one in column.entries)


def _register(key: str, column: Column, wording: Wording) -> str:
    special = f"{key}_{column.words.register}"
    return special if special in wording.language.steps else key


def _shown(value: Value, wording: Wording) -> str:
    return "" if isinstance(value, Column) else wording.answer(value)


def _sentence(wording: Wording, key: str, **slots: object) -> str:
    capitals: dict[str, object] = {"A": capital(str(slots["a"]))} if "a" in slots else {}
    return capital(wording.language.steps[key].format(**slots, **capitals))
