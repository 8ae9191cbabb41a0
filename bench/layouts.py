"""How many computed questions about receipts of foreign layouts are right, by what was drawn.

    python bench/layouts.py [QA_PER_IMAGE [SEEDS]]

A question is right if each value that it looks at was drawn for that label, if what it says of all items looks at all
of them and at nothing else, and if no item that was bought several times is said to cost what was paid for all. Items
that were voided, discounted or brought back may not be asked about, nor all items beside them. What was paid for
several pieces may not be called their price.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from asking import asked, scenes_of
from drawn_receipt import Item, Receipt
from programs import WHOLE, key
from receipt_layouts import drawn_receipts

from dcvlr.memo import Memo
from dcvlr.records import Qa
from dcvlr.source.samples.sheet import money


def main(qa_per_image: int, seeds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memo, drawn = Memo(Path(folder) / "memo"), dict(drawn_receipts())
        for name, receipt in drawn.items():
            receipt.picture.save(Path(folder) / f"{name}.png")
        scenes = scenes_of(sorted(Path(folder).glob("*.png")), memo)
        qas = list(asked(scenes, memo, qa_per_image=qa_per_image, seeds=seeds))
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    listed = list[str]()
    for qa in qas:
        receipt = drawn[Path(qa.image).stem]
        reason = error(qa, receipt)
        for row in (receipt.layout, "all"):
            table[row]["asked"] += 1
            table[row]["wrong"] += bool(reason)
            table[row]["of items"] += any(key(one.name) in map(key, _texts(qa)) for one in receipt.items)
        if reason:
            listed.append(f"wrong: {Path(qa.image).stem} {qa.generator}: {qa.question} -> {qa.answer}\n    {reason}")
    print(f"{'layout':22}{'asked':>8}{'of items':>10}{'right':>8}{'wrong':>8}")
    for name in [*dict.fromkeys(one.layout for one in drawn.values()), "all"]:
        row = table[name]
        print(f"{name:22}{row['asked']:8}{row['of items']:10}{row['asked'] - row['wrong']:8}{row['wrong']:8}")
    print("\n".join(listed))


def _texts(qa: Qa) -> list[str]:
    return [one.text for one in qa.evidence]


def error(qa: Qa, receipt: Receipt) -> str:
    """What is wrong with a question; empty for a right one."""
    texts, program = {one.ref: one.text for one in qa.evidence}, qa.program or ""
    items = {key(one.name): one for one in receipt.items}
    loose, fields = set(map(key, receipt.loose)), {key(k): set(map(key, v)) for k, v in receipt.fields.items()}
    for label, read_as, value in re.findall(r"entry\((T\d+), (\w+)\((T\d+)\)", program):
        name, shown = key(texts[label]), texts[value]
        if name in loose:
            return f"{texts[label]!r} is no item that was bought and paid"
        if name in items and (wanted := _wanted(items[name], read_as, qa)) not in re.findall(r"\d+(?:\.\d+)?", shown):
            return f"{shown!r} is not the {wanted} of {texts[label]!r}"
        if name in items and _as_price(items[name], read_as, qa):
            return f"{shown!r} is no price: {items[name].pieces} were bought"
        if name not in items and (name not in fields or key(shown) not in fields[name]):
            return f"{shown!r} was not drawn for {texts[label]!r}"
    columns = {part[0]: part for part in program.split("; ") if part[1:4] == " = "}
    for column in set(WHOLE.findall(program)):
        rows = {key(texts[ref]) for ref in re.findall(r"entry\((T\d+),", columns[column])}
        if rows != items.keys() or loose:
            return f"all items are {sorted(items)}, without {sorted(loose)}; these are {sorted(rows)}"
    return ""


def _as_price(item: Item, read_as: str, qa: Qa) -> bool:
    pattern = rf"(?<!unit )price of (?:the )?{item.name}|did (?:the )?{item.name} cost"
    is_single = item.pieces > 1 and read_as == "money" and "quotient(" not in str(qa.program)
    return is_single and re.search(pattern, qa.question) is not None


def _wanted(item: Item, read_as: str, qa: Qa) -> str:
    if read_as in ("number", "pieces"):
        return str(item.pieces)
    is_of_one = read_as == "each" or ("unit price" in qa.question and "quotient(" not in str(qa.program))
    return money(item.each if is_of_one else item.amount)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [100, 2][len(numbers) :]))
