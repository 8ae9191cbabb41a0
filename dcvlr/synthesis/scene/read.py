"""What stands in a picture and belongs together, from the lines that were read in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dcvlr.records import OcrResult
from dcvlr.synthesis.scene.admissions import Admission, read_admission
from dcvlr.synthesis.scene.charts import read_chart
from dcvlr.synthesis.scene.fields import Field, read_fields
from dcvlr.synthesis.scene.line_rows import rows_of
from dcvlr.synthesis.scene.lines import Page, TextLimits, read_page
from dcvlr.synthesis.scene.listings import Listing, read_lists
from dcvlr.synthesis.scene.receipts import Bill, above_summary, read_bill
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.synthesis.scene.sections import read_sections
from dcvlr.synthesis.scene.tables import Table, headed_tables
from dcvlr.text.question_words import QuestionWords


@dataclass(frozen=True)
class Document:
    """A page of text: `tables` are those with headings, `chart` a drawing with printed values, `bill` a receipt,
    `admission` what a ticket says.

    `lists` are sought only where there is none of these; `sections` are the lists of a page that has nothing else.
    """

    page: Page
    tables: tuple[Table, ...]
    chart: Table | None
    fields: tuple[Field, ...]
    bill: Bill | None
    admission: Admission | None
    lists: tuple[Listing, ...]
    sections: tuple[Listing, ...]


def read_document(text: OcrResult, limits: TextLimits, words: QuestionWords) -> Document:
    """`words` are those of the language that pages are read in."""
    page = read_page(text, limits)
    rows = rows_of(page)
    tables = tuple(headed_tables(page, rows))
    body = above_summary(rows)
    fields = tuple(read_fields(page, body, words))
    bill, admission = read_bill(body, fields, tables), read_admission(page, words.people)
    if admission and bill and bill.sums.keys() == {"total"}:
        bill = None  # it is a ticket, which says no more than the admission does
    sections = () if tables or bill else read_sections(rows)
    chart = None if tables or bill or sections else read_chart(page, rows)
    others = _told_apart([_plain(table) for table in tables if not _is_of_bill(table, fields)])
    lists = sections or (() if tables or bill or chart else tuple(read_lists(rows)))
    return Document(page, others, chart, fields, bill, None if bill else admission, lists, sections)


def _is_of_bill(table: Table, fields: tuple[Field, ...]) -> bool:
    """Goods above a total are a bill, and not to be trusted where its sums do not agree; nor are sums a table."""
    summed = any(role_of(one.label) == "total" for one in fields)
    return (table.subject == "items" and summed) or any(role_of(one.label) for one in table.columns[0].entries)


def _told_apart(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Without the columns of which another table has one of the same name: nobody could tell which is meant."""
    names = Counter(column.name.casefold() for table in tables for column in table.columns)
    kept = (replace(one, columns=tuple(c for c in one.columns if names[c.name.casefold()] == 1)) for one in tables)
    return tuple(one for one in kept if one.columns)


def _plain(table: Table) -> Table:
    return replace(table, subject="table")
