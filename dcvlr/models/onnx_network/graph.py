"""What an ONNX file says of itself, and the engines that compute it on a CPU."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcvlr.errors import ConfigError, first_line, require_package

Engine = Literal["onnxruntime", "openvino"]
Arrays = Mapping[str, NDArray[Any]]
Runnable = Callable[[Arrays], dict[str, NDArray[Any]]]
"""From inputs to outputs, both by name."""

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64}


class Tensor(NamedTuple):
    """An input or output. A side of `shape` is None where the file leaves it open, the first is that of the batch."""

    name: str
    shape: tuple[int | None, ...]
    kind: str  # such as tensor(float)

    @property
    def dtype(self) -> Any:
        if self.kind not in _TYPES:
            raise ConfigError(f"the input {self.name!r} wants {self.kind}; {', '.join(_TYPES)} are known")
        return _TYPES[self.kind]

    def __str__(self) -> str:
        return f"{self.name} {'×'.join('?' if side is None else str(side) for side in self.shape)}"


class Graph(NamedTuple):
    """Inputs, outputs and metadata of a file."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: dict[str, str]


def read_graph(path: Path) -> Graph:
    """Read the file as it is, nothing optimized; raises `ConfigError` for one that is no ONNX model."""
    session = open_session(path, threads=1, optimize=False)
    return Graph(
        inputs=tuple(_tensor(node) for node in session.get_inputs()),
        outputs=tuple(_tensor(node) for node in session.get_outputs()),
        metadata=dict(session.get_modelmeta().custom_metadata_map),
    )


def open_engine(path: Path, graph: Graph, engine: Engine, threads: int) -> Runnable:
    """In full precision on `threads` threads of the CPU."""
    names = [output.name for output in graph.outputs]
    if engine == "onnxruntime":
        session = open_session(path, threads=threads, optimize=True)
        return lambda feeds: dict(zip(names, session.run(names, dict(feeds)), strict=True))
    hush_openvino()
    from openvino import Core

    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    core = Core()
    compiled = core.compile_model(core.read_model(path), "CPU", options)

    def run(feeds: Arrays) -> dict[str, NDArray[Any]]:
        found = compiled(dict(feeds), share_outputs=False)
        return {name: np.asarray(found[i]) for i, name in enumerate(names)}

    return run


def require_engine_package(engine: Engine, owner: str, key: str) -> None:
    """Raise `ConfigError` unless what computes it is installed; `key` is the setting of the engine."""
    if engine == "openvino":
        instead = f"{key}=onnxruntime needs nothing more"
        require_package("openvino", extra="openvino", owner=owner, instead=instead)


def run_in_batches(run: Runnable, feeds: Arrays, size: int | None) -> dict[str, NDArray[Any]]:
    """Outputs for all rows of the inputs: `size` at a time, the last filled up, where a file takes no other number."""
    count = len(next(iter(feeds.values())))
    step = size or count
    parts = []
    for start in range(0, count, step):
        batch = {name: value[start : start + step] for name, value in feeds.items()}
        lacking = start + step - count
        if lacking > 0:
            batch = {name: np.concatenate([v, np.repeat(v[-1:], lacking, axis=0)]) for name, v in batch.items()}
        parts.append(run(batch))
    return {name: np.concatenate([part[name] for part in parts])[:count] for name in parts[0]}


def open_session(path: Path, *, threads: int, optimize: bool) -> Any:
    """An onnxruntime session on `threads` threads of the CPU; raises `ConfigError` for a file that it cannot load."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors; of many files it warns that their initializers are inputs
    if not optimize:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it has a class of its own for each way in which a file can be wrong
        raise ConfigError(f"onnxruntime cannot load {str(path)!r}: {first_line(error)}") from error


def _tensor(node: Any) -> Tensor:
    return Tensor(node.name, tuple(side if isinstance(side, int) else None for side in node.shape), node.type)


def hush_openvino() -> None:
    """Before it is imported: that sends an event to Google Analytics, unless its telemetry cannot be imported.

    For Python a module that is None in `sys.modules` is one that cannot be imported; OpenVINO has a stub for then.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
