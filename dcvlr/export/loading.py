"""What a card tells the hub and `datasets.load_dataset` of an export: where its rows are, and of what kinds.

Without that `load_dataset` takes a folder that holds pictures for a set of pictures, and the questions vanish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from dcvlr.export.feature_types import IMAGE, Feature
from dcvlr.protocols import Exporter
from dcvlr.records import to_json

_ROWS = (".parquet", ".jsonl", ".json", ".csv", ".tar")  # the first of these that a folder holds
_ABOUT = frozenset({"dataset_info.json", "croissant.json"})
_SECTION = """
## How to load

```python
from datasets import load_dataset

rows = load_dataset("<this folder>", split="train")
```

{files} of {size} with the rows.{pictures}
"""
_AS_PATHS = " They name pictures by their paths in this folder."


@runtime_checkable
class LoadsAs(Protocol):
    """An exporter whose rows `datasets` loads only by more than their names: settings of its loader."""

    @property
    def loads_as(self) -> Mapping[str, Any]: ...


def card_of_export(card: str, exporter: Exporter, folder: Path) -> str:
    """The card with how the rows in `folder`, which `exporter` wrote, are loaded; as it is where there are none."""
    rows = next((rows for suffix in _ROWS if (rows := _rows_in(folder, suffix))), None)
    if rows is None:
        return card
    files = [path.name for path in rows] if len(rows) == 1 else [f"*{rows[0].suffix}"]
    own = exporter.loads_as if isinstance(exporter, LoadsAs) and _are_outnumbered(rows, folder) else {}
    beside = [f"{path.name}/*" for path in sorted(folder.iterdir()) if path.is_dir()] if own else []
    config = {"config_name": "default", "data_files": [{"split": "train", "path": [*files, *beside]}], **own}
    head = f"---\nconfigs: {to_json([config]).decode()}\n"
    section = _SECTION.format(
        files=f"{len(rows)} file{'s' if len(rows) > 1 else ''}",
        size=_size(sum(path.stat().st_size for path in rows)),
        pictures=_AS_PATHS if (folder / "images").is_dir() and not own else "",
    )
    return head + card.removeprefix("---").lstrip() + section


def described_for_cards(features: Mapping[str, Feature]) -> list[dict[str, Any]]:
    """Columns as `features` in the head of a card: https://huggingface.co/docs/datasets/repository_structure."""
    return [{"name": name, **_described(feature)} for name, feature in features.items()]


def _described(feature: Feature) -> dict[str, Any]:
    if feature == IMAGE:
        return {"dtype": "image"}
    if isinstance(feature, list):
        item = _described(feature[0])
        return {"list": item["dtype"] if item.keys() == {"dtype"} else item.get("struct", item)}
    if "_type" in feature:
        return {"dtype": feature["dtype"]}
    return {"struct": described_for_cards(feature)}


def _are_outnumbered(rows: Sequence[Path], folder: Path) -> bool:
    """Whether `load_dataset` takes the folder for one of pictures: it goes by the suffix that most files have."""
    suffixes = Counter(path.suffix for path in (folder / "images").iterdir())
    return max(suffixes.values(), default=0) > len(rows)


def _rows_in(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{suffix}") if path.name not in _ABOUT)


def _size(size: int) -> str:
    units = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
    return next((f"{size / unit:.1f} {name}" for unit, name in units if size >= unit), f"{size} bytes")
