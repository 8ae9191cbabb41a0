"""Checks that ask a model, as the YAML files ship them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from scripted import Script, Scripted, knowing

from dcvlr.llm.solver import Solver
from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Finding, Qa
from dcvlr.validation.checks.blind import Blind
from dcvlr.validation.checks.masked import Masked
from dcvlr.validation.checks.solve import Solve
from dcvlr.validation.checks.swapped import Swapped

CONF = Path(__file__).parents[2] / "conf/validation/checks"


SUM = 'What is the sum of the amounts printed beside "Milk" and "Bread"?'


def shipped(name: str) -> dict[str, Any]:
    """The shipped settings of a check, less the model."""
    node = OmegaConf.load(CONF / f"{name}.yaml")[name]
    if "seed" in node:
        node.seed = 0
    settings: Any = OmegaConf.to_container(node)
    return {key: value for key, value in settings.items() if key != "_target_"}


def model(script: Script | None = None, **changes: Any) -> Scripted:
    return Scripted(script=script or knowing({SUM: "4.14"}), **changes)


def made(check: type[Any], llm: Scripted, changes: dict[str, Any]) -> Any:
    """A check as shipped, but for `changes` of its own settings or of its solver's."""
    settings = shipped(check.name)
    parts = {key: value for key, value in settings.pop("solver").items() if key != "_target_"} | {"seed": 0}
    of_solver = {key: value for key, value in changes.items() if key in parts}
    own = {key: value for key, value in changes.items() if key in settings}
    return check(solver=Solver(llm=llm, **{**parts, **of_solver}), **{**settings, **own})


def solve(llm: Scripted, **changes: Any) -> Solve:
    check: Solve = made(Solve, llm, changes)
    return check


def blind(llm: Scripted, **changes: Any) -> Blind:
    check: Blind = made(Blind, llm, changes)
    return check


def masked(llm: Scripted, **changes: Any) -> Masked:
    check: Masked = made(Masked, llm, changes)
    return check


def swapped(llm: Scripted, **changes: Any) -> Swapped:
    check: Swapped = made(Swapped, llm, changes)
    return check


DEPRIVED = [blind, masked, swapped]


def finding(check: Check, question: Qa, memo: Memo) -> Finding:
    (found,) = check([question], memo)
    assert isinstance(found, Finding)
    return found
