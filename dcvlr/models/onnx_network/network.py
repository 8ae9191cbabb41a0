"""A network in an ONNX file, with what is known of its classes and its input."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.errors import ConfigError, require_package
from dcvlr.execution.machine import free_cores
from dcvlr.identity import speed
from dcvlr.models.onnx_network.graph import (
    Arrays,
    Engine,
    Graph,
    Runnable,
    Tensor,
    open_engine,
    read_graph,
    require_engine_package,
    run_in_batches,
)
from dcvlr.models.onnx_network.network_input import Placed, Preparation, prepared_pixels, side_of, stated_by
from dcvlr.models.onnx_network.onnx_file import beside, local_digest, local_file, model_file, require_model
from dcvlr.models.weights import files_digest
from dcvlr.settings import SettingError, Side, Whole, checked


@dataclass(frozen=True, kw_only=True)
@checked
class OnnxNetwork:
    """What is null or auto here is read from the file, or from config.json and preprocessor_config.json beside it.

    `key` is where it stands in the config, for errors only. Raises `ConfigError` for a file that does not say what its
    classes are or how large its input is, where the settings do not either.
    """

    name: ClassVar[str] = "onnx_network"
    revision: ClassVar[int] = 1

    model: str
    file: str
    model_revision: str
    engine: Engine
    labels: str | None
    input_size: Side | None
    resize: Literal["auto", "stretch", "letterbox", "crop"]
    channels: Literal["auto", "rgb", "bgr"]
    mean: Annotated[list[float], Meta(min_length=3, max_length=3)] | None
    std: Annotated[list[Annotated[float, Meta(gt=0)]], Meta(min_length=3, max_length=3)] | None
    key: str = speed()
    threads: Whole = speed()

    def __post_init__(self) -> None:
        if (self.mean is None) != (self.std is None):
            raise SettingError("std", self.std, "null is allowed where mean is null, three numbers where it is not")

    @cached_property
    def weights_digest(self) -> str:
        names = files_digest([Path(self.labels).expanduser()], self.labels) if self.labels else ""
        return local_digest(self.model) + names

    def check_ready(self) -> None:
        for package in ("onnxruntime", "huggingface_hub"):
            require_package(package, extra="onnx", owner=self.key)
        require_engine_package(self.engine, f"{self.key}.engine=openvino", f"{self.key}.engine")
        require_model(self.model, self.file, self.model_revision, owner=self.key)

    @property
    def is_here(self) -> bool:
        """Whether the file is on this machine, so that it can be looked into before work starts."""
        return local_file(self.model, self.file, self.model_revision) is not None

    @property
    def weights_state(self) -> str:
        """Whether the file is on this machine, in words."""
        found = local_file(self.model, self.file, self.model_revision)
        return f"to be fetched from {self.model}" if found is None else f"in {found}"

    @cached_property
    def graph(self) -> Graph:
        """What the file says of itself; it has one input for pictures, of shape batch × 3 × height × width or NHWC."""
        found = read_graph(self._path)
        if len(self._pictures_of(found)) != 1:
            takes = ", ".join(map(str, found.inputs))
            raise ConfigError(f"{self.key}.model={self.model!r} takes {takes}: no single input for pictures")
        return found

    @cached_property
    def names(self) -> list[str]:
        """Of the classes, in their order."""
        if self.labels is not None:
            return labels_from_file(self.labels, self.key)
        if found := stated_labels(self.graph.metadata, self._beside("config.json")):
            return found
        raise ConfigError(
            f"{self.key}.labels=null: {self.model!r} does not name its classes, in its metadata or in a config.json "
            f"beside it; set {self.key}.labels to a text file with one name a line"
        )

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width of the input in pixels."""
        shape = self._picture.shape
        sides = shape[1:3] if shape[-1] == 3 else shape[2:4]
        stated = self._stated_side
        height, width = (side or stated for side in sides)
        if self.input_size is not None and {side for side in sides if side} - {self.input_size}:
            raise ConfigError(f"{self.key}.input_size={self.input_size!r}: {self.model!r} takes {self._picture} only")
        if height is None or width is None:
            raise ConfigError(
                f"{self.key}.input_size=null: {self.model!r} takes pictures of any size ({self._picture}) and does "
                f"not say which it was made for; set it, 640 as a rule"
            )
        return height, width

    def prepared(self, usual: Preparation | None) -> Preparation:
        """How pixels become the input: by the settings, else by what stands beside the file, else as is `usual`.

        Raises `ConfigError` where nothing says it and None is usual.
        """
        processor = self._beside("preprocessor_config.json")
        known = usual or Preparation("crop", "rgb", (0.0, 0.0, 0.0), (255.0, 255.0, 255.0), crop=0.875)
        if processor:
            known = stated_by(processor, known)
        elif usual is None and self.mean is None:
            raise ConfigError(
                f"{self.key}.mean=null: no preprocessor_config.json beside {self.model!r} says how pixels are "
                "normalized; set mean and std, of values 0 to 255, in the order of channels"
            )
        if self.mean is not None and self.std is not None:
            known = known._replace(mean=tuple(self.mean), std=tuple(self.std))
        if self.resize != "auto":
            known = known._replace(resize=self.resize)
        return known if self.channels == "auto" else known._replace(channels=self.channels)

    def prepare(self, pixels: NDArray[np.uint8], preparation: Preparation) -> Placed:
        """One picture as this network takes it."""
        return prepared_pixels(pixels, self.size, preparation)

    def run(self, pictures: Sequence[Placed], others: Arrays | None = None) -> dict[str, NDArray[Any]]:
        """Outputs by name, the first axis is that of `pictures`, as it is of `others`, further inputs."""
        values = np.stack([picture.values for picture in pictures])
        values = values.transpose(0, 2, 3, 1) if self._picture.shape[-1] == 3 else values
        feeds = {self._picture.name: values, **(others or {})}
        kinds = {tensor.name: tensor.dtype for tensor in self.graph.inputs}
        feeds = {name: np.ascontiguousarray(value, kinds[name]) for name, value in feeds.items()}
        return run_in_batches(self._run, feeds, self._picture.shape[0])

    @cached_property
    def _run(self) -> Runnable:
        return open_engine(self._path, self.graph, self.engine, self.threads or free_cores())

    @cached_property
    def _path(self) -> Path:
        return model_file(self.model, self.file, self.model_revision)

    def _beside(self, name: str) -> Mapping[str, Any]:
        return beside(self.model, self.model_revision, name)

    @property
    def _picture(self) -> Tensor:
        return self._pictures_of(self.graph)[0]

    @staticmethod
    def _pictures_of(graph: Graph) -> list[Tensor]:
        return [tensor for tensor in graph.inputs if len(tensor.shape) == 4 and tensor.kind.startswith("tensor(float")]

    @property
    def _stated_side(self) -> int | None:
        """By the settings, the metadata of ultralytics (`imgsz`: [height, width]) or the preprocessor_config.json."""
        if self.input_size is not None:
            return self.input_size
        try:
            sides = json.loads(self.graph.metadata.get("imgsz", "[]"))
        except ValueError:
            sides = []
        if sides and len(set(sides)) == 1:
            return int(sides[0])
        return side_of(self._beside("preprocessor_config.json"))


def labels_from_file(file: str, key: str) -> list[str]:
    """One name a line; or JSON: a list, a mapping from numbers to names, or a config.json with `id2label`."""
    path = Path(file).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if path.suffix == ".json" else text.strip().splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{key}.labels={file!r} cannot be read: {error}") from error
    names = _in_order(content)
    if not names:
        raise ConfigError(f"{key}.labels={file!r} holds no names: one a line, or JSON with a list or id2label")
    return names


def stated_labels(metadata: Mapping[str, str], config: Mapping[str, Any]) -> list[str]:
    """What the file's own metadata (`names`, as ultralytics writes it) or its config.json says; [] for neither."""
    try:
        return _in_order(ast.literal_eval(metadata.get("names", "[]"))) or _in_order(config)
    except (ValueError, SyntaxError) as error:
        raise ConfigError(f"names={metadata['names']!r} in the metadata of the file is no mapping: {error}") from error


def _in_order(content: Any) -> list[str]:
    if isinstance(content, list):
        return [str(name).strip() for name in content]
    if isinstance(content, Mapping) and "id2label" in content:
        return _in_order(content["id2label"])
    if isinstance(content, Mapping) and content and all(str(key).isdecimal() for key in content):
        by_number = {int(key): str(name).strip() for key, name in content.items()}
        return [by_number.get(i, f"class {i}") for i in range(max(by_number) + 1)]
    return []
