"""Every option of conf/ composes, is built and has the identity it had."""

from __future__ import annotations

import inspect
import json
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from conf_options import CONF, OPTIONS, SHARED, SWITCHED_ON, group_of, overrides, stands_with_others
from hydra.utils import get_class
from omegaconf import OmegaConf
from stable_names import memo_folders

from dcvlr.config import build, compose
from dcvlr.pipeline import Plan

ROOMS = {"llm": "synthesis", "validation": "synthesis"}  # the judge knows who wrote
APART = ("binning/ocr", "binning/similarity")  # what no detector knows; captioners, which do, come after all of these
Choice = tuple[Path, ...]  # one option, or all those of a group that takes a list


def rooms() -> dict[str, list[Choice]]:
    """What may be chosen in each part of a configuration that is independent of the others."""
    found: dict[str, list[Choice]] = {}
    for option in sorted(OPTIONS, key=lambda option: group_of(option) == "binning/captioner"):
        room = group_of(option) if group_of(option) in APART else ROOMS.get(option.parts[0], option.parts[0])
        choices = found.setdefault(room, [])
        if choices and stands_with_others(option) and group_of(choices[-1][0]) == group_of(option):
            choices[-1] += (option,)
        else:
            choices.append((option,))
    return found


def composed_together() -> list[list[Choice]]:
    """Composing is dear, so a configuration has one choice of each room; presets choose everything."""
    found = rooms()
    presets = [[preset] for preset in found.pop("preset")]
    return presets + [[choice for choice in choices if choice] for choices in zip_longest(*found.values())]


CONFIGURATIONS = composed_together()
each_configuration = pytest.mark.parametrize(
    "index", range(len(CONFIGURATIONS)), ids=[str(one[0][0]) for one in CONFIGURATIONS]
)


@cache
def composed(index: int) -> Any:
    chosen = [word for choice in CONFIGURATIONS[index] for word in overrides(*choice)]
    return compose([*chosen, "images_dir=somewhere"])


@cache
def built(index: int) -> Plan:
    return build(composed(index))


def part_of(plan: Plan, option: Path) -> Any:
    """What an option chose; nothing for a stage as a whole, which the default preset has too."""
    room, *groups = option.parts[:-1]
    if room == "preset":
        return plan
    if room == "export":
        return plan.exporters[option.name]
    if room == "trackers":
        return plan.trackers[option.name]
    if room in ("llm", "synthesis") and groups not in (["generator"], ["pixels"]):
        return plan.stages["synthesis"].generator  # type: ignore[attr-defined]
    stage = {**plan.stages, "source": plan.source, "runtime": plan.runtime}.get(room)
    if not groups or room == "selection":
        return () if option.name == "stage" else stage
    chosen = getattr(stage, groups[0], stage)
    return chosen.get(option.name, ()) if stands_with_others(option) else chosen


def test_every_option_is_chosen() -> None:
    chosen = [option for choices in CONFIGURATIONS for choice in choices for option in choice]
    assert sorted(chosen) == OPTIONS


@each_configuration
def test_every_option_composes_and_is_built(index: int) -> None:
    stages = built(index).stages
    assert list(stages) == list(composed(index).stages)
    assert stages.keys() >= {"filtering", "binning", "synthesis", "validation"}
    for room in SWITCHED_ON:
        assert any(choice[0].parts[0] == room for choice in CONFIGURATIONS[index]) == (room in stages)


@each_configuration
def test_no_identity_changes_unnoticed(index: int) -> None:
    golden = json.loads((Path(__file__).parent / "identities.json").read_text(encoding="utf-8"))
    changed = {}
    for option in (option for choice in CONFIGURATIONS[index] for option in choice):
        found = sorted(memo_folders(part_of(built(index), option)) - set(golden["defaults"]))
        if found != golden.get(option.as_posix(), []):
            changed[option.as_posix()] = found
    assert not changed, (
        "with another identity, what a model measured or was paid for is asked again. A new option: add this line to "
        "tests/identities.json. A changed one: only if the result changed, together with a line in CHANGELOG.md; "
        f"else declare a new field with dcvlr.identity.added.\n  {json.dumps(changed)[1:-1]},"
    )


def nodes(config: Any) -> list[dict[str, Any]]:
    if isinstance(config, dict):
        own = [config] if "_target_" in config else []
        return own + [node for value in config.values() for node in nodes(value)]
    if isinstance(config, list):
        return [node for value in config for node in nodes(value)]
    return []


@each_configuration
def test_every_parameter_stands_in_the_yaml_and_no_other(index: int) -> None:
    for node in nodes(OmegaConf.to_container(composed(index), resolve=True)):
        parameters = inspect.signature(get_class(node["_target_"])).parameters
        assert set(node) - {"_target_"} == set(parameters), node["_target_"]
        assert all(p.default is inspect.Parameter.empty or "speed" in str(p) for p in parameters.values())


@pytest.mark.parametrize("model", SHARED, ids=str)
def test_every_shared_model_is_part_of_an_option(model: Path) -> None:
    texts = [(CONF / option).with_suffix(".yaml").read_text() for option in OPTIONS]
    assert any(f"- /{model}@" in text for text in texts)
