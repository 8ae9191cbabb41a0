"""From YAML and overrides to checked objects: the only place that instantiates, and where cfg ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from dcvlr.errors import ConfigError
from dcvlr.pipeline import Plan
from dcvlr.remote import remote_files
from dcvlr.rundir.files import atomic_write
from dcvlr.rundir.manifest import manifest_state
from dcvlr.settings import SettingError, check_settings, check_value, did_you_mean, within
from dcvlr.settings.checking import PART_NEEDED
from dcvlr.settings.mistyped import mistyped, one_for_several, options_for, without_noise
from dcvlr.settings.run_keys import RunKeys, require_bins_ratio
from dcvlr.settings.targets import class_at
from dcvlr.settings.typed import as_text, typed_value, written_at
from dcvlr.settings.without_effect import require_effect

_TAKEN_OVER = re.compile(r"\$\{(?:oc\.select:)?([\w.]+)(?:,null)?\}")
_SAVED = Path(".hydra", "config.yaml")


def conf_dir() -> str:
    """The folder of YAML files: inside the package when it was installed from a wheel, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    for folder in (here / "conf", here.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return str(folder)
    raise ConfigError(f"the conf folder is missing beside {here}: install dcvlr again")


def compose(overrides: Sequence[str] = (), *, with_hydra: bool = False) -> DictConfig:
    """The whole configuration as the command line would compose it; raises `ConfigError` for a wrong override.

    `with_hydra` keeps Hydra's own node, which says how jobs are launched.
    """
    overrides = as_text(overrides)
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(config_dir=conf_dir(), version_base="1.3"):
            cfg = hydra_compose("config", overrides, return_hydra_config=with_hydra)
            return with_whole_mappings(cfg, overrides)
    except (HydraException, OmegaConfBaseException, ValueError) as error:  # ValueError: a group set to null
        raise ConfigError(mistyped(overrides, Path(conf_dir())) or without_noise(str(error))) from error


def with_whole_mappings(cfg: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """`cfg` where `synthesis.generator.answer_types={short_text: 1}` leaves no other answer type.

    Hydra merges a mapping into the one that is there, so that what was not named would stay. Only mappings of free
    names to values are replaced, such as shares: a part with a `_target_`, or that holds other parts, is still merged.
    Raises `ConfigError` for several options where one is used, which Hydra merges too, and for what was typed for a
    part that is off, unless it is null.
    """
    if several := one_for_several(cfg, overrides):
        raise ConfigError(several)
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        value = typed_value(override)
        above, _, name = override.key_or_group.rpartition(".")
        if value is not None and (parent := written_at(cfg, above)):
            require_effect(above, name, value, parent, Path(conf_dir()))
        if not isinstance(value, dict) or override.is_force_add():
            continue
        node = OmegaConf.select(cfg, override.key_or_group)
        if isinstance(node, DictConfig) and _is_free(node) and len(node) != len(value):
            OmegaConf.update(cfg, override.key_or_group, {str(key): node[str(key)] for key in value}, merge=False)
    return cfg


def _written(node: DictConfig) -> dict[str, Any]:
    """The node as it is written, interpolations and all."""
    written: Any = OmegaConf.to_container(node)
    return dict(written)


def _is_free(node: DictConfig) -> bool:
    parent = node._get_parent()
    has_values_alone = not any(OmegaConf.is_config(node._get_node(key)) for key in node)
    return has_values_alone and "_target_" not in node and isinstance(parent, DictConfig) and "_target_" in parent


def build(cfg: DictConfig, run_dir: Path | None = None) -> Plan:
    """Construct everything the config names, which loads nothing, and check every value.

    `run_dir` is where results go, by default `output_dir`. Raises `ConfigError` naming the key, the value and what is
    allowed.
    """
    _check_run_level(cfg)
    output_dir = Path(cfg.output_dir)
    return Plan(
        source=_needed(cfg, "source"),
        stages={name: _needed(cfg, name) for name in cfg.stages},
        exporters=make(cfg, "export") or {},
        trackers=make(cfg, "trackers") or {},
        runtime=_needed(cfg, "runtime"),
        remote=make(cfg, "remote"),
        export_to=cfg.get("export_to"),
        run_dir=run_dir or output_dir,
        checkpoints=output_dir / "checkpoints",
        overwrite=cfg.overwrite,
        report=cfg.report,
        defaults=defaults,
    )


def saved_plan(run_dir: Path) -> Plan:
    """The plan of the run in `run_dir`, from the config it kept; its checkpoints are found where they lie now."""
    cfg = _saved_config(run_dir)
    if cfg is None:
        raise ConfigError(f"{str(run_dir)!r}: {run_dir / _SAVED} is missing, so its settings are not known")
    beside = [folder / "checkpoints" for folder in (run_dir, run_dir.absolute().parent.parent)]
    try:
        plan = build(cfg, run_dir)
    except SettingError as error:
        hint = "written by another version of dcvlr? The run's command writes it anew"
        raise ConfigError(f"{run_dir / _SAVED}: {error}; {hint}") from error
    return replace(plan, checkpoints=next((path for path in beside if path.is_dir()), beside[0]))


def reach_as_in(run_dir: Path) -> None:
    """From now on reach URLs as the run in `run_dir` did, where it kept its config."""
    cfg = _saved_config(run_dir)
    if cfg is not None and (access := make(cfg, "remote")) is not None:
        remote_files.use(access)


def _saved_config(run_dir: Path) -> DictConfig | None:
    """What a run kept, None where it kept nothing; raises `ConfigError` where it is damaged."""
    saved = run_dir / _SAVED
    try:
        cfg = OmegaConf.load(saved)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, YAMLError, UnicodeDecodeError):  # OmegaConf raises OSError for what is no mapping
        cfg = None
    if not isinstance(cfg, DictConfig):
        raise ConfigError(f"{saved} is no config: repeat the run's command, which writes it anew")
    return cfg


def keep_config(cfg: DictConfig, overrides: Sequence[str], run_dir: Path) -> None:
    """Leave the composed config and the words that made it in `.hydra` of the run directory, as Hydra does."""
    texts = {"config.yaml": OmegaConf.to_yaml(cfg), "overrides.yaml": OmegaConf.to_yaml(list(overrides))}
    for name, text in texts.items():
        with atomic_write(run_dir / ".hydra" / name) as file:
            file.write(text.encode())


@contextmanager
def config_kept(cfg: DictConfig, overrides: Sequence[str], run_dir: Path) -> Iterator[None]:
    """`keep_config` for a run that is about to begin; one that never did leaves beside older results their own."""
    state = manifest_state(run_dir)
    before = {path: path.read_bytes() for path in (run_dir / ".hydra").glob("*.yaml")}
    keep_config(cfg, overrides, run_dir)
    try:
        yield
    finally:
        if state is not None and state == manifest_state(run_dir):
            for path, content in before.items():
                with atomic_write(path) as file:
                    file.write(content)


def plain(cfg: DictConfig) -> dict[str, Any]:
    """The composed configuration as it is kept in a run directory: interpolations as they were written."""
    return {key: value for key, value in _written(cfg).items() if key != "hydra"}


def defaults() -> dict[str, Any]:
    """What is composed where nothing is overridden, as `plain` gives it."""
    return plain(compose())


def make(cfg: DictConfig, key: str) -> Any:
    """The object that the node `key` describes, or None where the node is null.

    Raises `SettingError` with the whole key, as it is typed.
    """
    try:
        node = OmegaConf.select(cfg, key, throw_on_missing=True)
        return None if node is None else _made(key, OmegaConf.to_container(node, resolve=True, throw_on_missing=True))
    except SettingError as error:
        typed, allowed = _as_typed(cfg, error.field), error.allowed
        if allowed == PART_NEEDED:
            allowed = options_for(typed, error.value, Path(conf_dir()))
        raise SettingError(typed, error.value, allowed) from error.__cause__
    except OmegaConfBaseException as error:
        raise ConfigError(f"{key}: {error}") from error


def _needed(cfg: DictConfig, key: str) -> Any:
    built = make(cfg, key)
    if built is None or isinstance(built, Mapping):
        raise ConfigError(f"{key} is {built!r}: one of the options in conf/{key} is needed")
    return built


def _made(name: str, node: Any) -> Any:
    """What `node` describes, every class one of ours and every setting checked, from the outside in."""
    with within(name):
        if isinstance(node, list):
            return [_made(str(index), value) for index, value in enumerate(node)]
        if not isinstance(node, Mapping):
            return node
        settings = {key: value for key, value in node.items() if key != "_target_"}
        if "_target_" not in node:
            return {key: _made(str(key), value) for key, value in settings.items()}
        cls = _own_class(node["_target_"])
        check_settings(cls, settings)
        return cls(**{key: _made(key, value) for key, value in settings.items()})


def _own_class(target: Any) -> type:
    cls = class_at(target) if isinstance(target, str) and target.startswith("dcvlr.") else None
    if not isinstance(cls, type) or not is_dataclass(cls) or not cls.__module__.startswith("dcvlr."):
        raise SettingError("_target_", target, "only dataclasses inside dcvlr are built from a config")
    return cls


def _as_typed(cfg: DictConfig, key: str) -> str:
    """`binning.ocr.max_side` for `synthesis.ocr.max_side`, where `synthesis.ocr` is `${binning.ocr}`."""
    typed = ""
    for name in key.split("."):
        parent: Any = OmegaConf.select(cfg, typed) if typed else cfg
        typed = f"{typed}.{name}" if typed else name
        node: Any = OmegaConf.to_container(parent) if OmegaConf.is_dict(parent) else {}
        written = node.get(name)
        if isinstance(written, str) and (taken := _TAKEN_OVER.fullmatch(written)):
            typed = _as_typed(cfg, taken[1])
    return typed


def _check_run_level(cfg: DictConfig) -> None:
    own = msgspec.yaml.decode((Path(conf_dir()) / "config.yaml").read_bytes())
    unknown = sorted(set(cfg) - set(own) - {"hydra", *_groups()})
    if unknown:
        raise ConfigError(
            f"unknown key {unknown[0]!r}; known keys: {', '.join(sorted(map(str, cfg.keys() - unknown)))}"
            f"{did_you_mean(str(unknown[0]), map(str, cfg.keys() - unknown))}"
        )
    for key, hint in get_type_hints(RunKeys, include_extras=True).items():
        if key in cfg and key not in ("bins_ratio", "stages"):
            check_value(key, hint, cfg[key])
    ratio = OmegaConf.to_container(cfg.bins_ratio) if OmegaConf.is_config(cfg.bins_ratio) else cfg.bins_ratio
    require_bins_ratio(ratio, list(OmegaConf.select(cfg, "binning.bins") or ()))
    _check_stages(cfg)
    if cfg.dataset_size is not None and "validation" in cfg.stages and "selection" not in cfg.stages:
        raise SettingError("dataset_size", cfg.dataset_size, "selection cuts to size, add it to stages")


def _groups() -> set[str]:
    return {path.name for path in Path(conf_dir()).iterdir() if path.is_dir()}


def _check_stages(cfg: DictConfig) -> None:
    stages = cfg.stages
    if not isinstance(stages, Sequence) or isinstance(stages, str) or not stages:
        raise ConfigError(f"stages={stages!r}: a list is needed, e.g. stages=[filtering,binning]")
    for name in stages:
        if not _is_stage(cfg, name):
            known = [str(key) for key in cfg if _is_stage(cfg, key)]
            raise ConfigError(f"stages names {name!r}; known stages: {known}{did_you_mean(str(name), known)}")
    if len(set(stages)) != len(stages):
        raise ConfigError(f"stages={list(stages)} names a stage twice")


def _is_stage(cfg: DictConfig, key: Any) -> bool:
    """Whether the node at the top with this name describes something that takes and gives records."""
    node = cfg.get(key) if isinstance(key, str) else None
    cls = class_at(node.get("_target_")) if isinstance(node, DictConfig) else None
    return hasattr(cls, "takes") and hasattr(cls, "gives")
