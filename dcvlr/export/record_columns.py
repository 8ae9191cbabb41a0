"""The columns of a record type as `datasets` describes them, so that a new field of a record is a new column."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect
from msgspec.structs import asdict

from dcvlr.records import Record

_DTYPES: dict[type, str] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.IntType: "int64",
    inspect.FloatType: "float64",
    inspect.BoolType: "bool",
}


def columns_of(record_type: type[msgspec.Struct]) -> dict[str, Any]:
    """Names and `datasets` features of the fields; every one may be null."""
    described = inspect.type_info(record_type)
    assert isinstance(described, inspect.StructType)
    return {field.name: _feature(field.type) for field in described.fields}


def row_of(record: Record) -> dict[str, Any]:
    """The record with all of its fields, also those that are left out of its JSON."""
    return {name: _plain(value) for name, value in asdict(record).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return row_of(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _feature(described: inspect.Type) -> Any:
    from datasets import Sequence, Value

    if isinstance(described, inspect.UnionType):
        (described,) = (one for one in described.types if not isinstance(one, inspect.NoneType))
    if isinstance(described, inspect.StructType):
        return columns_of(described.cls)
    if isinstance(described, inspect.VarTupleType):
        item = _feature(described.item_type)
        return [item] if isinstance(item, dict) else Sequence(item)
    if isinstance(described, inspect.TupleType):
        return Sequence(_feature(described.item_types[0]))
    return Value(_DTYPES[type(described)])
