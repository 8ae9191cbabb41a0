"""Questions about two versions of a page: how many of its values changed, which one, and to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dcvlr.synthesis.programs.expressions import Column, Words, call
from dcvlr.synthesis.programs.forms.form import Form, form, of_picture, read
from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.lines import normal
from dcvlr.synthesis.scene.read import Document

FEWEST = 3
"""Values that both versions give, at the least."""
_MOST_CHANGED = 4


def about_versions(documents: Sequence[Document]) -> Iterator[Form]:
    """Only where every other line of both pages reads the same, so that nothing else changed."""
    if len(documents) != 2:
        return
    pairs = _pairs(*documents)
    changed = [(old, new) for old, new in pairs if old.value != new.value]
    if not 1 <= len(changed) <= _MOST_CHANGED or len(pairs) < FEWEST or not _same_but_for(documents, changed):
        return
    c, d = (_column([pair[n] for pair in pairs], n + 1) for n in (0, 1))
    part = call("changed", d, c)
    yield form("changed_count", call("count", part), c=c, d=d)
    yield form("changed_which", call("only", part), c=c, d=d)
    yield form("changed_to", call("at", d, call("only", part)), others=(c,), c=c, d=d)
    yield form("changed_from", call("at", c, call("only", part)), others=(d,), c=c, d=d)
    yield form("changed_most", call("majority", part, d), c=c, d=d)


def _pairs(first: Document, second: Document) -> list[tuple[Field, Field]]:
    """Fields that both pages have, in the order of the first, with a value of one kind beside a label of its own."""
    after = {one.label: one for one in second.fields}
    found = ((one, after.get(one.label)) for one in first.fields)
    return [
        (one, other)
        for one, other in found
        if other is not None
        and one.value.kind == other.value.kind
        and all(each.is_clear and each.label_ref != each.ref for each in (one, other))
    ]


def _same_but_for(documents: Sequence[Document], changed: Sequence[tuple[Field, Field]]) -> bool:
    rest = []
    for n, document in enumerate(documents):
        values = {pair[n].ref for pair in changed}
        rest.append(Counter(normal(line.text) for line in document.page.lines if line.ref not in values))
    return rest[0] == rest[1]


def _column(fields: Sequence[Field], n: int) -> Column:
    return Column(tuple(of_picture(read(one, ""), n) for one in fields), Words("category", "value", "version"))
