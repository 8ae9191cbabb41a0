"""The bounds that many fields have; others stand at their field as `Annotated[int, msgspec.Meta(ge=2)]`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Fraction = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]
Whole = Annotated[int, Meta(ge=0)]
Side = Annotated[int, Meta(ge=32)]  # of a picture in pixels: no model sees anything in less
