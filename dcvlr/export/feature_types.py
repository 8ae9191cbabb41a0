"""Columns as the `datasets` package describes them in JSON, and as Arrow stores them.

The description goes into the files too: https://huggingface.co/docs/datasets/about_dataset_features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from dcvlr.export.encoded_pictures import EncodedPicture

Feature = Any
"""One of those below, a list with one feature for lists of it, or a mapping of names to features."""

TEXT: Feature = {"dtype": "string", "_type": "Value"}
WHOLE_NUMBER: Feature = {"dtype": "int64", "_type": "Value"}
NUMBER: Feature = {"dtype": "float64", "_type": "Value"}
BOOLEAN: Feature = {"dtype": "bool", "_type": "Value"}
IMAGE: Feature = {"_type": "Image"}


def image_cells(pictures: Iterable[EncodedPicture]) -> list[dict[str, Any]]:
    """Pictures as `IMAGE` stores them."""
    return [{"bytes": picture.content, "path": None} for picture in pictures]


def arrow_schema(features: Mapping[str, Feature]) -> Any:
    """The `pyarrow.Schema` of these columns, with their description as `datasets` looks for it."""
    import pyarrow as pa

    description = msgspec.json.encode({"info": {"features": features}})
    columns = [(name, _arrow_type(feature)) for name, feature in features.items()]
    return pa.schema(columns, metadata={"huggingface": description})


def _arrow_type(feature: Feature) -> Any:
    import pyarrow as pa

    if isinstance(feature, list):
        return pa.list_(_arrow_type(feature[0]))
    if feature == IMAGE:
        return pa.struct([("bytes", pa.binary()), ("path", pa.string())])  # `datasets` knows no other pictures
    if "_type" in feature:
        return {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}[
            feature["dtype"]
        ]
    return pa.struct([(name, _arrow_type(inner)) for name, inner in feature.items()])
