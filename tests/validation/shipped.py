"""Checks with the settings that they are shipped with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Finding, Qa
from dcvlr.text.rationale import RationaleSource
from dcvlr.validation.rationales import Rationales

CONF = Path(__file__).parents[2] / "conf/validation/checks"


def settings(name: str) -> dict[str, Any]:
    """The shipped settings of one check."""
    node: Any = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml")[name])
    return {key: value for key, value in node.items() if key != "_target_"}


def verdict(check: Check, question: Qa) -> Finding:
    (finding,) = check([question], Memo(Path("unused")))
    return finding


def rationales(source: RationaleSource) -> Rationales:
    """The shipped settings of the rationales, of whom `source` says."""
    node: Any = OmegaConf.to_container(OmegaConf.load(CONF.parent / "stage.yaml")["rationales"], resolve=False)
    return Rationales(source=source, **{key: value for key, value in node.items() if key not in ("_target_", "source")})
