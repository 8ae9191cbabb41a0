"""Heads of exported detectors with known outputs, made on the spot; the boxes they should give are written out.

Every picture is 128 x 64, every input 64 x 64. Stretched, x is halved; as a letterbox it is 64 x 32 from y 16 on.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.image_models import picture_of
from forked import run_python
from hub_cache import cache_with
from numpy.typing import NDArray
from PIL import Image
from tiny import onnx_files

from dcvlr.binning.detector.onnx import OnnxDetector
from dcvlr.errors import ConfigError
from dcvlr.models.onnx_network import OnnxNetwork
from dcvlr.records import Detection, Picture

pytest.importorskip("onnx", reason="the extra test is not installed")
pytest.importorskip("onnxruntime", reason="the onnx extra is not installed")

NAMES = ("cat", "dog", "cup")
CELLS = 64 + 16 + 4  # of a 64 x 64 input with strides 8, 16 and 32


def network(path: Path | str, **options: Any) -> OnnxNetwork:
    settings: dict[str, Any] = {
        "model": str(path),
        "file": "onnx/model.onnx",
        "model_revision": "v1",
        "engine": "onnxruntime",
        "labels": None,
        "input_size": None,
        "resize": "auto",
        "channels": "auto",
        "mean": None,
        "std": None,
        "key": "binning.detector.network",
        "threads": 1,
    }
    return OnnxNetwork(**{**settings, **options})


def detector(path: Path | str, *, labels: tuple[str, ...] | None = NAMES, **options: Any) -> OnnxDetector:
    own = {name: options.pop(name) for name in ("head", "min_score", "verify_with", "max_objects") if name in options}
    if labels is not None:
        options["labels"] = str(Path(path).parent / "labels.txt")
        Path(options["labels"]).write_text("\n".join(labels))
    settings = {"head": "auto", "min_score": 0.4, "iou": 0.6, "max_objects": 10, "verify_with": None, **own}
    return OnnxDetector(network=network(path, **options), max_side=640, batch_size=4, **settings)


def picture(colour: str = "white") -> Picture:
    return picture_of(Image.new("RGB", (128, 64), colour), detector("x.onnx", labels=None).decode)


def found(path: Path, **options: Any) -> list[tuple[str | None, float, tuple[float, ...]]]:
    reader = detector(path, **options)
    reader.check_ready()
    (result,) = reader([picture()])
    assert (result.width, result.height, result.labelled) == (128, 64, True)
    return [(detection.label, detection.score, detection.box) for detection in result.objects]


def rows(shape: tuple[int, int], **at: list[float]) -> NDArray[np.float32]:
    """Zeros with some rows set: `rows((4, 6), r2=[…])`."""
    table = np.zeros(shape, np.float32)
    for name, values in at.items():
        table[int(name[1:])] = values
    return table


def logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def test_the_export_of_transformers_has_logits_and_shares_of_the_picture(tmp_path: Path) -> None:
    logits = np.full((5, 3), -9, np.float32)
    logits[1], logits[3] = [logit(0.5), -9, logit(0.8)], [-9, logit(0.6), -9]
    boxes = rows((5, 4), r1=[0.5, 0.5, 0.5, 0.25], r3=[0.25, 0.25, 0.5, 0.5])
    path = onnx_files.detector(tmp_path / "d_fine.onnx", {"logits": logits, "pred_boxes": boxes})
    assert found(path) == [("cup", 0.8, (32.0, 24.0, 96.0, 40.0)), ("dog", 0.6, (0.0, 0.0, 64.0, 32.0))]


def test_one_class_more_than_names_is_no_object(tmp_path: Path) -> None:
    """DETR's last class is "nothing": log-shares are their own softmax."""
    logits = np.log(np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]], np.float32))
    boxes = rows((2, 4), r0=[0.5, 0.5, 0.5, 0.5], r1=[0.5, 0.5, 1, 1])
    path = onnx_files.detector(tmp_path / "detr.onnx", {"logits": logits, "pred_boxes": boxes})
    assert found(path) == [("cat", 0.7, (32.0, 16.0, 96.0, 48.0))]


def test_the_export_of_d_fine_itself_scales_boxes_to_the_sizes_it_is_handed(tmp_path: Path) -> None:
    outputs = {
        "labels": np.array([2, 0, 1]),
        "boxes": rows((3, 4), r0=[0.25, 0.25, 0.75, 0.5], r1=[0, 0, 1, 1]),
        "scores": np.array([0.9, 0.5, 0.1], np.float32),
    }
    path = onnx_files.detector(tmp_path / "own.onnx", outputs, sizes=True)
    assert found(path) == [("cup", 0.9, (32.0, 16.0, 96.0, 32.0)), ("cat", 0.5, (0.0, 0.0, 128.0, 64.0))]


def test_rt_detr_of_ultralytics_has_shares_of_the_picture_and_scores(tmp_path: Path) -> None:
    table = rows((300, 7), r7=[0.5, 0.5, 0.5, 0.5, 0.1, 0.75, 0.2])
    path = onnx_files.detector(tmp_path / "rtdetr.onnx", {"output0": table})
    assert found(path) == [("dog", 0.75, (32.0, 16.0, 96.0, 48.0))]


def test_yolo_v5_multiplies_the_class_with_the_objectness(tmp_path: Path) -> None:
    table = rows((3 * CELLS, 8), r5=[32, 32, 32, 16, 0.9, 0.0, 0.8, 0.1], r6=[32, 32, 8, 8, 0.4, 0.9, 0.0, 0.0])
    path = onnx_files.detector(tmp_path / "v5.onnx", {"output0": table})
    assert found(path) == [("dog", 0.72, (32.0, 16.0, 96.0, 48.0))]


def test_yolo_v8_lies_on_its_side_and_repeats_boxes(tmp_path: Path) -> None:
    table = rows(
        (CELLS, 7),
        r0=[32, 32, 32, 16, 0.9, 0.0, 0.0],
        r1=[33, 32, 32, 16, 0.6, 0.0, 0.0],  # the same thing again
        r2=[32, 32, 32, 16, 0.0, 0.7, 0.1],  # another class in the same place stays
        r3=[16, 24, 32, 16, 0.0, 0.0, 0.5],
    )
    path = onnx_files.detector(tmp_path / "v8.onnx", {"output0": np.ascontiguousarray(table.T)})
    assert found(path) == [
        ("cat", 0.9, (32.0, 16.0, 96.0, 48.0)),
        ("dog", 0.7, (32.0, 16.0, 96.0, 48.0)),
        ("cup", 0.5, (0.0, 0.0, 64.0, 32.0)),
    ]


def test_yolo_v10_gives_boxes_by_their_corners(tmp_path: Path) -> None:
    table = rows((300, 6), r0=[16, 24, 48, 40, 0.9, 2], r1=[16, 24, 48, 40, 0.5, 2], r2=[0, 0, 64, 64, 0.3, 1])
    path = onnx_files.detector(tmp_path / "v10.onnx", {"output0": table})
    assert found(path) == [("cup", 0.9, (32.0, 16.0, 96.0, 48.0)), ("cup", 0.5, (32.0, 16.0, 96.0, 48.0))]


def nanodet_levels(cells: tuple[int, ...]) -> dict[str, NDArray[np.float32]]:
    """One object in the cell of column 3 and row 3 of the finest grid: 1, 2, 3 and 1 strides to its sides."""
    outputs = {}
    for count in cells:
        outputs[f"s{count}"] = np.zeros((count, 3), np.float32)
        outputs[f"b{count}"] = np.zeros((count, 4 * 8), np.float32)
    finest = cells[0]
    outputs[f"s{finest}"][27] = [0.1, 0.7, 0.0]
    for side, distance in enumerate((1, 2, 3, 1)):
        outputs[f"b{finest}"][27, 8 * side + distance] = 50
    return outputs


def test_nanodet_measures_from_the_middle_of_a_cell(tmp_path: Path) -> None:
    """The middle is (28, 28): from 20 to 52 and from 12 to 36."""
    path = onnx_files.detector(tmp_path / "nanodet.onnx", nanodet_levels((64, 16, 4)))
    assert found(path) == [("dog", 0.7, (40.0, 12.0, 104.0, 36.0))]


def test_nanodet_plus_measures_from_the_corner_of_a_cell(tmp_path: Path) -> None:
    """Its four strides come in one output; the corner is (24, 24): from 16 to 48 and from 8 to 32."""
    levels = nanodet_levels((64, 16, 4, 1))
    scores, sides = (np.concatenate([levels[f"{kind}{count}"] for count in (64, 16, 4, 1)]) for kind in "sb")
    path = onnx_files.detector(tmp_path / "plus.onnx", {"output": np.concatenate([scores, sides], axis=1)})
    assert found(path) == [("dog", 0.7, (32.0, 8.0, 96.0, 32.0))]


@pytest.fixture
def v10(tmp_path: Path) -> Path:
    table = rows((300, 6), r0=[16, 24, 48, 40, 0.9, 2], r1=[16, 24, 48, 40, 0.5, 0])
    return onnx_files.detector(tmp_path / "v10.onnx", {"output0": table}, names=dict(enumerate(NAMES)))


def test_labels_stand_in_the_metadata_of_ultralytics(v10: Path) -> None:
    assert [label for label, *_ in found(v10, labels=None)] == ["cup", "cat"]


def test_labels_stand_in_the_config_beside_the_file(tmp_path: Path) -> None:
    table = rows((300, 6), r0=[16, 24, 48, 40, 0.9, 2])
    path = onnx_files.detector(tmp_path / "org" / "onnx" / "model.onnx", {"output0": table})
    (tmp_path / "org" / "config.json").write_text(json.dumps({"id2label": {"0": "a", "1": "b", "2": "koala"}}))
    assert [label for label, *_ in found(path, labels=None)] == ["koala"]


def test_a_file_that_names_no_classes_is_refused_before_work(tmp_path: Path) -> None:
    path = onnx_files.detector(tmp_path / "v10.onnx", {"output0": rows((300, 6))})
    with pytest.raises(ConfigError, match=r"network\.labels=null: .* does not name its classes.*one name a line"):
        detector(path, labels=None).check_ready()


def test_an_unknown_layout_is_refused_with_its_outputs_and_what_is_known(tmp_path: Path) -> None:
    path = onnx_files.detector(tmp_path / "yolox.onnx", {"output": rows((CELLS, 8))})
    message = rf"outputs output {CELLS}×8 for 64×64 pixels and 3 labels is no detector that is known: DETR, .* NanoDet"
    with pytest.raises(ConfigError, match=message):
        detector(path).check_ready()


def test_an_ambiguous_layout_is_refused_unless_the_head_is_said(tmp_path: Path) -> None:
    """With two classes, RT-DETR's rows are as long as those of YOLO v10."""
    table = rows((300, 6), r0=[0.5, 0.5, 0.5, 0.5, 0.2, 0.9])
    path = onnx_files.detector(tmp_path / "two.onnx", {"output0": table})
    with pytest.raises(ConfigError, match=r"detector\.head='auto': .* may be rtdetr or yolo_v10; say which"):
        detector(path, labels=("cat", "dog")).check_ready()
    assert found(path, labels=("cat", "dog"), head="rtdetr") == [("dog", 0.9, (32.0, 16.0, 96.0, 48.0))]


def test_scores_that_are_no_shares_are_refused(tmp_path: Path) -> None:
    path = onnx_files.detector(tmp_path / "v10.onnx", {"output0": rows((300, 6), r0=[0, 0, 9, 9, 7.5, 1])})
    with pytest.raises(ConfigError, match=r"gives scores that are not from 0 to 1: not a yolo_v10 head"):
        detector(path)([picture()])


def test_a_score_that_is_no_number_fails_on_its_picture(tmp_path: Path) -> None:
    path = onnx_files.detector(tmp_path / "v10.onnx", {"output0": rows((300, 6), r0=[0, 0, 9, 9, np.nan, 1])})
    with pytest.raises(ValueError, match="a score that is not a number"):
        detector(path)([picture()])


def test_a_class_without_a_name_is_refused(tmp_path: Path) -> None:
    path = onnx_files.detector(tmp_path / "v10.onnx", {"output0": rows((300, 6), r0=[0, 0, 9, 9, 0.5, 7])})
    with pytest.raises(ConfigError, match=r"labels: .* found class 7, of 3 that have names"):
        detector(path)([picture()])


@pytest.mark.parametrize("batch", [1, 2, "n"])
def test_a_file_made_for_batches_of_one_size_takes_any_number_of_pictures(tmp_path: Path, batch: int | str) -> None:
    table = rows((300, 6), r0=[16, 24, 48, 40, 0.9, 2])
    path = onnx_files.detector(tmp_path / "v10.onnx", {"output0": table}, batch=batch)
    results = detector(path)([picture(), picture("red"), picture("blue")])
    expected = (Detection(label="cup", score=0.9, box=(32.0, 16.0, 96.0, 48.0)),)
    assert [result.objects for result in results] == [expected] * 3


def test_openvino_finds_what_onnxruntime_finds(v10: Path) -> None:
    pytest.importorskip("openvino", reason="the openvino extra is not installed")
    expected = [("cup", 0.9, (32.0, 16.0, 96.0, 48.0)), ("cat", 0.5, (32.0, 16.0, 96.0, 48.0))]
    assert found(v10, engine="openvino") == expected


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a model")
    with pytest.raises(ConfigError, match=r"onnxruntime cannot load .*broken\.onnx"):
        detector(tmp_path / "broken.onnx").check_ready()
    with pytest.raises(ConfigError, match=r"network\.model='nowhere\.onnx': there is no such file"):
        detector("nowhere.onnx", labels=None).check_ready()


def test_other_weights_in_the_same_file_are_another_model(tmp_path: Path) -> None:
    first = network(onnx_files.detector(tmp_path / "a.onnx", {"output0": rows((300, 6))})).weights_digest
    other = network(onnx_files.detector(tmp_path / "a.onnx", {"output0": rows((300, 6), r0=[1, 1, 9, 9, 1, 1])}))
    assert first != other.weights_digest


@pytest.mark.slow
def test_a_repository_of_the_hub_is_read_from_its_cache(tmp_path: Path, v10: Path) -> None:
    snapshot = cache_with(tmp_path / "hub", "org/name", "preprocessor_config.json")
    (snapshot / "onnx").mkdir()
    (snapshot / "onnx" / "model.onnx").write_bytes(v10.read_bytes())
    (snapshot / "config.json").write_text(json.dumps({"id2label": {"0": "a", "1": "b", "2": "c"}}))
    code = "from binning.detector.test_onnx import *\nprint(found_in('org/name'))"
    assert in_another_process(code, tmp_path / "hub").strip() == "['cup', 'cat']"  # the metadata come first


def test_where_the_weights_are_is_told(tmp_path: Path) -> None:
    assert network(tmp_path / "a.onnx").weights_state == f"in {tmp_path / 'a.onnx'}"
    assert network("org/name").weights_state == "to be fetched from org/name"


@pytest.mark.slow
def test_offline_what_is_missing_is_named_before_work(tmp_path: Path) -> None:
    output = in_another_process("from binning.detector.test_onnx import *\nfound_in('org/name')", tmp_path)
    for part in ("binning.detector.network: onnx/model.onnx of 'org/name' at revision 'v1'", "HF_HUB_OFFLINE is set"):
        assert part in output


def found_in(repository: str) -> list[str | None]:
    reader = detector(repository, labels=None)
    reader.check_ready()
    return [detection.label for detection in reader([picture()])[0].objects]


def in_another_process(code: str, cache: Path) -> str:
    tests = Path(__file__).parents[2]
    environment = {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "PYTHONPATH": f"{tests}:{tests.parent}"}
    done = run_python("-c", code, env={**os.environ, **environment})
    return done.stdout + done.stderr
