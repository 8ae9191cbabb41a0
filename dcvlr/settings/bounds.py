"""The bounds that many fields have; others stand at their field as `Annotated[int, msgspec.Meta(ge=2)]`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Fraction = Annotated[float, Meta(ge=0, le=1)]
Temperature = Annotated[float, Meta(ge=0, le=2)]  # 0 is greedy: the same reply each time
TopP = Annotated[float, Meta(ge=0.001, le=1)]
Count = Annotated[int, Meta(ge=1)]
Whole = Annotated[int, Meta(ge=0)]
Timeout = Annotated[float, Meta(ge=0.001, le=86_400)]  # seconds that are waited for one thing
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Side = Annotated[int, Meta(ge=32)]  # of a picture in pixels: no model sees anything in less
