"""All that a picture can be asked about, and the evidence that its questions may cite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from random import Random

from dcvlr.records import Evidence, Scene, SceneField, of_picture
from dcvlr.synthesis.programs.expressions import Column
from dcvlr.synthesis.programs.forms.bills import about_admission, about_bill
from dcvlr.synthesis.programs.forms.days import about_days
from dcvlr.synthesis.programs.forms.form import Form, column
from dcvlr.synthesis.programs.forms.labelled_values import about_amounts, about_amounts_in
from dcvlr.synthesis.programs.forms.listed_entries import about_list, about_orders, about_sections
from dcvlr.synthesis.programs.forms.objects import about_objects
from dcvlr.synthesis.programs.forms.one_column import about_column, about_rows
from dcvlr.synthesis.programs.forms.one_object import about_one_object
from dcvlr.synthesis.programs.forms.one_row import about_one_row
from dcvlr.synthesis.programs.forms.one_table import about_joined, about_series, about_table
from dcvlr.synthesis.programs.forms.over_time import over_time
from dcvlr.synthesis.programs.forms.page_versions import about_versions
from dcvlr.synthesis.programs.forms.picture_parts import about_parts
from dcvlr.synthesis.programs.forms.several_receipts import about_receipts
from dcvlr.synthesis.programs.wording import Wording
from dcvlr.synthesis.scene.document_kind import CalledPage, called_page, receipt_or_bill
from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.lines import TextLimits
from dcvlr.synthesis.scene.read import Document, read_document
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.synthesis.scene.sight import SightLimits, alone
from dcvlr.synthesis.scene.tables import Table
from dcvlr.synthesis.scene.tables import TableColumn as PrintedColumn
from dcvlr.text.question_words import QuestionWords

_PAGE = 5  # lines from which on a picture is a page, which nobody asks about its colours


@dataclass(frozen=True)
class Material:
    """`evidence` by its id, `tilts` of the pages; a `document` has structured text, so that more can be asked.

    `called` is what one calls the page, where it says so.
    """

    forms: list[Form]
    evidence: dict[str, Evidence]
    tilts: tuple[float, ...] = ()
    document: Document | None = None
    called: CalledPage | None = None


def material(scene: Scene, text: TextLimits, sight: SightLimits, words: QuestionWords, rng: Random) -> Material:
    """A document is asked about its text alone, any other picture about its objects, or its colours if it has none."""
    if scene.text is not None:
        document = read_document(scene.text, text, words)
        forms = list(_of_document(document, words, rng))
        if forms:
            return Material(forms, _lines(document), (document.page.tilt,), document, called_page(document))
    return _seen(scene, sight, words, rng)


def is_document(scene: Scene, text: TextLimits, words: QuestionWords, rng: Random) -> bool:
    """Whether `material` of the same `rng` is of the text alone."""
    if scene.text is None:
        return False
    return any(True for _ in _of_document(read_document(scene.text, text, words), words, rng))


def seen_fields(scene: Scene) -> Set[SceneField]:
    """What a picture that is no document is asked about: nobody asks for the colours of a page."""
    return frozenset({"objects"} if _is_page(scene) else {"objects", "pixels"})


def _is_page(scene: Scene) -> bool:
    return scene.text is not None and len(scene.text.lines) >= _PAGE


def several_material(documents: Sequence[Document], wording: Wording, rng: Random) -> Material:
    """What several pictures can be asked about together."""
    called = receipt_or_bill(documents[0]) or "page"
    names = [wording.nth_row(called, n) for n in range(1, len(documents) + 1)]
    forms = [*about_receipts(documents, names, rng), *about_versions(documents)]
    found = [of_picture(one, n) for n, document in enumerate(documents, 1) for one in _lines(document).values()]
    found += [Evidence(kind="picture", ref=f"p{n}", box=None, text=name, picture=n) for n, name in enumerate(names, 1)]
    return Material(forms, {one.ref: one for one in found}, tuple(document.page.tilt for document in documents))


def _lines(document: Document) -> dict[str, Evidence]:
    lines = document.page.lines
    return {line.ref: Evidence(kind="text", ref=line.ref, box=line.found, text=line.printed) for line in lines}


def _of_document(document: Document, words: QuestionWords, rng: Random) -> Iterator[Form]:
    kind = receipt_or_bill(document) or "receipt"
    if document.bill is not None:
        yield from about_bill(document.bill, kind, rng)
    if document.admission is not None:
        yield from about_admission(document.admission, rng)
    amounts = _beside_tables(document)
    for table in (*document.tables, *([document.chart] if document.chart else [])):
        yield from _of_table(table, amounts if table is not document.chart else (), words, rng)
    if len(document.tables) > 1:
        of_each = [[column(table, one) for one in _compared(table)] for table in document.tables]
        yield from about_joined(of_each, rng)
    for listed in document.lists:
        yield from about_list(listed, rng)
    if document.sections:
        yield from about_sections(document.sections, document.fields, rng)
    yield from about_amounts(amounts, rng)
    called = kind if document.bill is not None else None
    yield from about_days(document.fields, words, rng, called, of_parcel=_is_of_parcel(document, words))


def _is_of_parcel(document: Document, words: QuestionWords) -> bool:
    beginnings = tuple(words.parcels)
    return any(word.startswith(beginnings) for line in document.page.lines for word in line.text.casefold().split())


def _beside_tables(document: Document) -> list[Field]:
    """Labelled values that are no cells of a table or chart, no entries of a list, and no sums."""
    if document.bill is not None or any(role_of(one.label) for one in document.fields):
        return []
    parts = (*document.tables, *([document.chart] if document.chart else []))
    columns = [each for table in parts for each in table.columns] + [one.entries for one in document.lists]
    cells = {ref for column in columns for one in column.entries for ref in (one.ref, one.label_ref)}
    cells |= {one.total.ref for one in columns if one.total is not None}
    return [one for one in document.fields if not cells & {one.ref, one.label_ref}]


def _of_table(table: Table, amounts: Sequence[Field], words: QuestionWords, rng: Random) -> Iterator[Form]:
    columns = [(column(table, one), one) for one in table.columns]
    for made, printed in columns:
        if not printed.is_whole and not printed.is_nominal:
            yield from about_rows(made, rng)
        elif not printed.is_nominal:
            additive = _is_additive(table, printed)
            yield from about_column(made, rng, additive=additive)
            yield from about_one_row(made, rng, additive=additive)
            yield from about_amounts_in(made, amounts, rng, additive=additive)
            yield from over_time(made, rng, additive=additive)
            if _is_of_prices(made, words) and len(made.entries) > 1:
                yield from about_orders(made, rng)
    kept = [made for made, printed in columns if printed in _compared(table)]
    yield from about_table(kept, words, rng)
    if all(printed.side for printed in table.columns):
        yield from about_series(kept, rng)


def _is_of_prices(c: Column, words: QuestionWords) -> bool:
    called = words.columns.get(c.words.of)
    return c.entries[0].value.kind == "money" and called is not None and called == words.columns.get("price")


def _compared(table: Table) -> list[PrintedColumn]:
    """Columns that others may be held against."""
    return [one for one in table.columns if one.is_whole and not one.is_nominal]


def _is_additive(table: Table, printed: PrintedColumn) -> bool:
    """Shares of a whole are not asked for their share of the whole."""
    return printed.kind != "percent" and (printed.is_additive or table.subject == "chart")


def _seen(scene: Scene, sight: SightLimits, words: QuestionWords, rng: Random) -> Material:
    """About its objects; about light and colour too, where few of these are asked for."""
    forms, evidence = list[Form](), dict[str, Evidence]()
    is_plain = scene.pixels is not None and not _is_page(scene)
    made = list(about_parts(scene.pixels, words.parts, sight, rng)) if scene.pixels and is_plain else []
    if scene.objects is not None and scene.objects.labelled:
        found = scene.objects
        evidence |= {
            f"O{index}": Evidence(kind="object", ref=f"O{index}", box=one.box, text=one.label)
            for index, one in enumerate(found.objects, start=1)
            if one.label is not None
        }
        forms += about_objects(found, sight, words, rng)
        size = found.width, found.height
        made = [*about_one_object(alone(found, sight), size, words.parts, sight, rng), *made]
    forms += [form for form, _ in made]
    return Material(forms, evidence | {one.ref: one for _, cited in made for one in cited})
