"""What is in a folder of an export, for machines: Croissant, https://docs.mlcommons.org/croissant/docs/croissant-spec.html.

Files with their digests, and the columns that hold one value or a list of them; nested ones and those of formats that
are no tables are left out.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dcvlr.export.card import CARD
from dcvlr.export.feature_types import IMAGE

CROISSANT = "croissant.json"
_NAME = "dcvlr"
_FORMATS = {
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".csv": "text/csv",
    ".tar": "application/x-tar",
}
_TYPES = {"string": "sc:Text", "int64": "sc:Integer", "float64": "sc:Float", "bool": "sc:Boolean"}
_PLAIN_TYPES = {str: "sc:Text", int: "sc:Integer", float: "sc:Float", bool: "sc:Boolean"}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(folder: Path) -> dict[str, Any]:
    """The description of an export whose card is written; paths are relative to `folder`."""
    head = yaml.safe_load((folder / CARD).read_text(encoding="utf-8").split("---\n")[1])
    files = sorted(path for path in folder.iterdir() if path.suffix in _FORMATS)
    tables = [path for path in files if path.suffix == _table_suffix(files)]
    fields = [_field(name, kind, tables) for name, kind in _columns(tables[0])] if tables else []
    records = [{"@type": "cr:RecordSet", "@id": "questions", "name": "questions", "field": fields}] if fields else []
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": _NAME,
        "description": "Questions about pictures with answers and reasoning, made by dcvlr; README.md says how.",
        "license": head["license"],
        "version": "1.0.0",
        "distribution": [*map(_file_object, files), *_file_sets(folder, tables)],
        "recordSet": records,
    }


def _table_suffix(files: list[Path]) -> str | None:
    return next((suffix for suffix in (".parquet", ".jsonl", ".csv") if any(f.suffix == suffix for f in files)), None)


def _file_object(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _FORMATS[path.suffix],
        "sha256": digest,
    }


def _file_sets(folder: Path, tables: list[Path]) -> Iterator[dict[str, Any]]:
    if len(tables) > 1:
        suffix = tables[0].suffix
        yield _file_set("rows", f"*{suffix}", _FORMATS[suffix])
    for suffix, media in (("png", "image/png"), ("jpg", "image/jpeg")):
        if any((folder / "images").glob(f"*.{suffix}")):
            yield _file_set(f"pictures-{suffix}", f"images/*.{suffix}", media)


def _file_set(name: str, pattern: str, media: str) -> dict[str, Any]:
    return {"@type": "cr:FileSet", "@id": name, "name": name, "includes": pattern, "encodingFormat": media}


def _columns(table: Path) -> Iterator[tuple[str, Any]]:
    """Names and types of one value, `[type]` for a list of them."""
    if table.suffix == ".parquet":
        yield from _parquet_columns(table)
        return
    with table.open(encoding="utf-8-sig", newline="") as file:
        if table.suffix == ".csv":
            yield from ((name, "sc:Text") for name in next(csv.reader(file)))
            return
        first = json.loads(next(file, "{}"))
    for name, value in first.items():
        if value is None or type(value) in _PLAIN_TYPES:
            yield name, _PLAIN_TYPES.get(type(value), "sc:Text")


def _parquet_columns(table: Path) -> Iterator[tuple[str, Any]]:
    from pyarrow import parquet

    features = json.loads(parquet.read_schema(table).metadata[b"huggingface"])["info"]["features"]
    for name, feature in features.items():
        item = feature[0] if isinstance(feature, list) else feature
        kind = "sc:ImageObject" if item == IMAGE else _TYPES.get(item.get("dtype", ""))
        if kind is not None and not (item == IMAGE and isinstance(feature, list)):
            yield name, [kind] if isinstance(feature, list) else kind


def _field(name: str, kind: Any, tables: list[Path]) -> dict[str, Any]:
    source: dict[str, Any] = (
        {"fileSet": {"@id": "rows"}} if len(tables) > 1 else {"fileObject": {"@id": tables[0].name}}
    )
    source["extract"] = {"column": name}
    if kind == "sc:ImageObject":
        source["transform"] = {"jsonPath": "bytes"}
    field = {"@type": "cr:Field", "@id": f"questions/{name}", "name": f"questions/{name}", "source": source}
    return field | ({"dataType": kind[0], "repeated": True} if isinstance(kind, list) else {"dataType": kind})
