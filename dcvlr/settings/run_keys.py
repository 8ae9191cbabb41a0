"""The keys of every run, at the top of conf/config.yaml."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from dcvlr.settings.bounds import Count, Fraction

_Folder = Annotated[str, Meta(min_length=1, description="a folder")]
_Address = Annotated[str, Meta(description="an address such as s3://bucket/folder")]
_Objective = Annotated[str, Meta(description="a count of pipeline_results.json such as validated_qa")]
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
    seed: int
    device: _Device
    objective: _Objective | None
    report: Literal["full", "light", "none"]
    verbose: bool
    dry_run: bool
    stages: list[str]
