"""Questions about a ticket for several people: what others would pay at the same price, how the total is paid."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dcvlr.synthesis.programs.expressions import Read, call
from dcvlr.synthesis.programs.forms.bills import NOTES, paying
from dcvlr.synthesis.programs.forms.form import Form, form, like, number
from dcvlr.synthesis.scene.admissions import Admission


def about_admission(admission: Admission, rng: Random) -> Iterator[Form]:
    each = Read(admission.each, admission.people, name="each", read_as="each")
    count = Read(admission.count, admission.people, name="pieces", read_as="pieces")
    total = Read(admission.sum, admission.total, "Total", name="total")
    yield from (form for form in paying(total, (each,), rng) if form.kind != "split")
    others = [n for n in range(2, 8) if n != int(admission.count.number)]
    n, more = number(rng.choice(others)), number(rng.randint(2, 5))
    yield form("people_cost", call("product", each, n), others=(total,), a=each, n=n)
    cost = each.value.number * n.value.number
    if notes := [note for note in NOTES if note > cost]:
        m = like(each.value, notes[0])
        yield form("people_change", call("difference", m, call("product", each, n)), others=(total,), a=each, n=n, m=m)
    all_of_them = call("product", each, call("plus", count, more))
    yield form("people_more", all_of_them, others=(total,), a=each, b=count, n=more)
    cost = each.value.number * (count.value.number + more.value.number)
    for note in [note for note in NOTES if note > cost][:1]:
        m = like(each.value, note)
        left = call("difference", m, all_of_them)
        yield form("people_more_change", left, others=(total,), a=each, b=count, n=more, m=m)
