"""The columns of a record type, described as `datasets` does, so that a new field of a record is a new column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, inspect
from msgspec.structs import asdict

from dcvlr.export.feature_types import BOOLEAN, NUMBER, TEXT, WHOLE_NUMBER, Feature
from dcvlr.records import Qa, Record

_FEATURES: dict[type, Feature] = {
    inspect.StrType: TEXT,
    inspect.LiteralType: TEXT,
    inspect.IntType: WHOLE_NUMBER,
    inspect.FloatType: NUMBER,
    inspect.BoolType: BOOLEAN,
}


def columns_of(record_type: type[msgspec.Struct]) -> dict[str, Feature]:
    """Names and features of the fields; every one may be null."""
    described = inspect.type_info(record_type)
    assert isinstance(described, inspect.StructType)
    return {field.name: _feature(field.type) for field in described.fields}


def row_of(record: Record) -> dict[str, Any]:
    """The record with all of its fields, also those that are left out of its JSON."""
    return {name: _plain(value) for name, value in asdict(record).items()}


def images_of(qa: Qa, names: Sequence[str]) -> list[dict[str, Any]]:
    """The field `images` of a question about several pictures, which lie under `names` beside the rows; else empty."""
    several = zip(qa.images, names, strict=False)
    return [{"id": image.id, "path": name, "dataset": image.dataset} for image, name in several]


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return row_of(value)
    if value is UNSET:
        return None
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _feature(described: inspect.Type) -> Feature:
    if isinstance(described, inspect.UnionType):
        (described,) = (one for one in described.types if not isinstance(one, inspect.NoneType))
    if isinstance(described, inspect.StructType):
        return columns_of(described.cls)
    if isinstance(described, inspect.VarTupleType):
        return [_feature(described.item_type)]
    if isinstance(described, inspect.TupleType):
        return [_feature(described.item_types[0])]
    return _FEATURES[type(described)]
