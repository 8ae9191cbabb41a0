"""The keys of every run, at the top of conf/config.yaml."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from dcvlr.settings.bounds import Count, Fraction
from dcvlr.settings.checking import SettingError

_Folder = Annotated[str, Meta(min_length=1, description="a folder")]
_Address = Annotated[str, Meta(description="an address such as s3://bucket/folder")]
_Objective = Annotated[str, Meta(description="a count of pipeline_results.json such as validated_qa")]
_Seed = Annotated[  # columns of exports are this wide
    int, Meta(ge=-(1 << 63), le=(1 << 63) - 1, description="a whole number of at most 64 bits, a sign among them")
]
_Device = Annotated[
    str,
    Meta(
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="auto, cpu, mps, cuda or cuda:<number>",
        examples=["auto", "cpu", "mps", "cuda"],
    ),
]


class RunKeys(TypedDict):
    """What each may be; `dcvlr.config` checks it, and what needs two of them."""

    images_dir: _Folder | None
    num_images: Count | None
    bins_ratio: list[Fraction] | None
    dataset_size: Count | None
    export_to: _Address | None
    output_dir: _Folder
    overwrite: bool
    seed: _Seed
    device: _Device
    objective: _Objective | None
    report: Literal["full", "light", "none"]
    verbose: bool
    dry_run: bool
    stages: list[str]


def require_bins_ratio(ratio: Any, bins: Sequence[str]) -> None:
    """Raise `SettingError` unless there is a share for each bin, none negative, of sum 1; or None."""
    if ratio is None:
        return
    shares = list(ratio) if isinstance(ratio, Sequence) and not isinstance(ratio, str) else []
    numbers = [share for share in shares if isinstance(share, int | float) and not isinstance(share, bool)]
    is_complete = len(numbers) == len(shares) == len(bins)
    if not is_complete or min(numbers) < 0 or not math.isclose(sum(numbers), 1.0, abs_tol=1e-6):
        total = f", they sum to {sum(numbers):g}" if is_complete else ""
        allowed = (
            f"{len(bins)} shares for bins {', '.join(bins)} that are not negative and sum to 1 are allowed, or null"
        )
        raise SettingError("bins_ratio", ratio, f"{allowed}{total}")
