"""Small ONNX files: heads of detectors that give known outputs whatever they see, and a classifier of colours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def detector(
    path: Path,
    outputs: Mapping[str, Array],
    *,
    size: int = 64,
    batch: int | str = "n",
    sizes: bool = False,
    names: Mapping[int, str] | None = None,
) -> Path:
    """A file whose outputs are these arrays for every picture of `size` x `size`; `names` are its metadata.

    `sizes` adds the input `orig_target_sizes`; the output `boxes` is then multiplied by it, as in RT-DETR's export.
    """
    from onnx import TensorProto, helper, numpy_helper

    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, size, size])]
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    constants = [numpy_helper.from_array(np.float32(0), "zero")]
    if sizes:
        inputs.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [batch, 2]))
        nodes += [
            helper.make_node("Cast", ["orig_target_sizes"], ["sides"], to=TensorProto.FLOAT),
            helper.make_node("Concat", ["sides", "sides"], ["corners"], axis=1),
            helper.make_node("Unsqueeze", ["corners", "one"], ["factors"]),
        ]
        constants.append(numpy_helper.from_array(np.array([1], np.int64), "one"))
    infos = []
    for name, value in outputs.items():
        kind = TensorProto.FLOAT if value.dtype.kind == "f" else TensorProto.INT64
        ones = [1] * value.ndim
        constants += [
            numpy_helper.from_array(value[None].astype(np.float32), f"{name}.value"),
            numpy_helper.from_array(np.array([-1, *ones], np.int64), f"{name}.axes"),
        ]
        nodes += [
            helper.make_node("Reshape", ["nothing", f"{name}.axes"], [f"{name}.nothing"]),
            helper.make_node("Add", [f"{name}.nothing", f"{name}.value"], [f"{name}.sum"]),
            helper.make_node("Mul", [f"{name}.sum", "factors"], [f"{name}.scaled"])
            if sizes and name == "boxes"
            else helper.make_node("Identity", [f"{name}.sum"], [f"{name}.scaled"]),
            helper.make_node("Cast", [f"{name}.scaled"], [name], to=kind),
        ]
        infos.append(helper.make_tensor_value_info(name, kind, [batch, *value.shape]))
    return _save(path, nodes, inputs, infos, constants, names)


def colours(path: Path, *, size: int = 32, shares: bool = False) -> Path:
    """A classifier with one class for each channel: 20 times its mean, or with `shares` the softmax of that."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("ReduceMean", ["image"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("Mul", ["means", "factor"], ["logits" if not shares else "scaled"]),
    ]
    if shares:
        nodes.append(helper.make_node("Softmax", ["scaled"], ["logits"], axis=1))
    return _save(
        path,
        nodes,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, size, size])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(np.float32(20), "factor")],
        None,
    )


def _save(
    path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], constants: list[Any], names: Any
) -> Path:
    import onnx
    from onnx import helper

    graph = helper.make_graph(nodes, "drawn", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if names is not None:
        helper.set_model_props(model, {"names": str(dict(names)), "imgsz": "[64, 64]"})
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path
