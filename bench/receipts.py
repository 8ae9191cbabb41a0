"""What an honest writer knows of the sample pictures: the rows of a receipt, and which photograph it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from dcvlr.records import Box, OcrResult, Scene

PHOTOGRAPHS = {
    **{"astronaut.png": "astronaut", "chelsea.png": "cat", "coffee.png": "coffee", "camera.png": "cameraman"},
    **{"rocket.jpg": "rocket", "coins.png": "coins"},
}
_PRICE = re.compile(r"\d+\.\d\d")
_DATE = re.compile(r"\d\d/\d\d/\d{4}")


@dataclass(frozen=True)
class Facts:
    """`on` is what the phrasings call the picture; `values` fill their slots, `refs` name the evidence."""

    on: str
    values: Mapping[str, str]
    refs: Mapping[str, tuple[str, ...]]

    def filled(self, phrasing: Mapping[str, Any], good: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a reply; what a phrasing for any picture leaves open is that of a good question on it."""
        fields = dict(phrasing)
        values = dict(self.values)
        if phrasing["about"] == "any":
            base = self._base(good)
            own = {key: self._text(base[key], values) for key in ("q", "a")}
            own["s"] = " ".join(self._text(step, values) for step in base["s"])
            fields = {**base, "truth": base["a"], **phrasing}
            values |= {"q": own["q"], "a": own["a"], "s": own["s"]}
        evidence = [ref for name in fields.get("e", []) for ref in self.refs.get(name, (name,))]
        texts = {
            key: self._text(value, values) for key, value in fields.items() if isinstance(value, str) and key != "e"
        }
        lists = {key: [self._text(item, values) for item in fields[key]] for key in ("s", "o") if key in fields}
        return {**texts, **lists, "e": evidence}

    def _base(self, good: Mapping[str, Any]) -> dict[str, Any]:
        return next(dict(one) for ones in good.values() for one in ones if one["about"] == self.on and "o" not in one)

    def _text(self, text: str, values: Mapping[str, str]) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found.group()), text)


def facts_of(scene: Scene, path: Path) -> Facts | None:
    """None for a picture that is neither one of the photographs nor a receipt with two different prices."""
    if path.name in PHOTOGRAPHS:
        first = "O1" if scene.objects and scene.objects.objects else "T1"
        values = {"id": first, "id2": f"{first[0]}2"}
        return Facts(on=PHOTOGRAPHS[path.name], values=values, refs={"picture": ("picture",)})
    if path.parent.name != "receipts" or not isinstance(scene.text, OcrResult):
        return None
    return _receipt(scene.text)


def _receipt(text: OcrResult) -> Facts | None:
    rows: dict[str, tuple[str, int, int]] = {}  # name: amount, and the numbers of both lines
    for index, line in enumerate(text.lines, start=1):
        if not _PRICE.fullmatch(line.text.strip()):
            continue
        left = [
            (other.box[0], n, other)
            for n, other in enumerate(text.lines, start=1)
            if other.box[2] < line.box[0] and _are_level(other.box, line.box)
        ]
        named = [(n, other) for _, n, other in sorted(left) if re.search(r"[A-Za-z]{3}", other.text)]
        if named:
            rows[named[0][1].text.strip()] = (line.text.strip(), named[0][0], index)
    return _from_rows(rows, text)


def _are_level(a: Box, b: Box) -> bool:
    return abs(a[1] + a[3] - b[1] - b[3]) / 2 < (b[3] - b[1]) * 0.6


def _from_rows(rows: Mapping[str, tuple[str, int, int]], text: OcrResult) -> Facts | None:
    sums = {name.split()[0].casefold(): row for name, row in rows.items()}
    goods = {name: row for name, row in rows.items() if not re.match(r"(?i)subtotal|tax|total|cash|change|card", name)}
    ordered = sorted(goods.items(), key=lambda item: Decimal(item[1][0]))
    dated = next(((n, found[0]) for n, line in enumerate(text.lines, 1) if (found := _DATE.search(line.text))), None)
    if len(goods) < 2 or "total" not in sums or "subtotal" not in sums or dated is None:
        return None
    (item, (price, t, p)), (item2, (price2, t2, p2)) = ordered[0], ordered[-1]
    a, b = Decimal(price), Decimal(price2)
    if a == b:
        return None
    values = {
        **{"item": item, "price": price, "item2": item2, "price2": price2, "sum": str(a + b), "diff": str(b - a)},
        **{"total": sums["total"][0], "subtotal": sums["subtotal"][0], "count": str(len(goods))},
        **{"pct": str(round(100 * a / Decimal(sums["subtotal"][0]), 1)), "list": ", ".join(goods)},
        **{"shop": text.lines[0].text, "date": dated[1], "id": f"T{t}", "id2": f"T{t2}"},
        **{"wrong": str(a + Decimal("1.37")), "wrong2": str(b + Decimal("2.11")), "wrong3": str(b + Decimal("4.73"))},
        **{"wrongsum": str(a + b + Decimal("0.10")), "wrongdiff": str(b - a + Decimal("0.10"))},
    }
    refs = {
        **{"item": (f"T{t}",), "price": (f"T{p}",), "item2": (f"T{t2}",), "price2": (f"T{p2}",), "shop": ("T1",)},
        **{"total": (f"T{sums['total'][2]}",), "subtotal": (f"T{sums['subtotal'][2]}",), "date": (f"T{dated[0]}",)},
        "items": tuple(f"T{row[1]}" for row in goods.values()),
    }
    return Facts(on="receipt", values=values, refs=refs)
