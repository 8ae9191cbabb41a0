"""Where YOLO's weights come from, and files that are none."""

from __future__ import annotations

import dataclasses
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from contracts.image_models import astronaut, picture_of

from dcvlr.binning.detector.yolo import Yolo
from dcvlr.binning.detector.yolo_weights import official_name
from dcvlr.errors import ConfigError
from dcvlr.identity import identity

pytestmark = pytest.mark.slow

if find_spec("ultralytics") is None:
    pytest.skip("the yolo extra is not installed", allow_module_level=True)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("yolov8n", "yolov8n"),
        ("yolov8", "yolov8n"),
        ("YOLOv8s", "yolov8s"),
        ("yolo8m", "yolov8m"),
        ("yolov9", "yolov9t"),
        ("yolov9e", "yolov9e"),
        ("yolov10b", "yolov10b"),
        ("yolov11s", "yolo11s"),
        ("yolo11s", "yolo11s"),
        ("yolo11x.pt", "yolo11x"),
        ("yolov12m", "yolo12m"),
        ("yolo26n", "yolo26n"),
        ("yolov5s", "yolov5su"),
        ("yolov3", "yolov3u"),
        ("yolov3-tiny", "yolov3-tinyu"),
        ("yolov8q", None),
        ("yolov7", None),
        ("yolo", None),
        ("detr", None),
        ("models/yolov8n.pt", None),
    ],
)
def test_old_and_new_names_are_those_of_ultralytics(written: str, name: str | None) -> None:
    assert official_name(written) == name


def test_the_names_are_files_that_ultralytics_publishes(yolo: Yolo) -> None:
    yolo([picture_of(astronaut(), yolo.decode)])  # loads ultralytics, quietly
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES

    for family, sizes in {"yolov5": "nsmlx", "yolov8": "nsmlx", "yolov9": "tsmce", "yolov10": "nsmblx"}.items():
        assert {f"{official_name(family + size)}.pt" for size in sizes} <= GITHUB_ASSETS_NAMES
    for family in ("yolo11", "yolo12", "yolo26"):
        assert {f"{official_name(family + size)}.pt" for size in "nsmlx"} <= GITHUB_ASSETS_NAMES
    assert {f"{official_name('yolov3' + size)}.pt" for size in ("", "-tiny", "-spp")} <= GITHUB_ASSETS_NAMES


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder and no settings of ultralytics."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


def test_weights_that_are_not_there_are_not_fetched_unasked(yolo: Yolo, nowhere: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        dataclasses.replace(yolo, model="yolov11s", weights_dir="my/weights").check_ready()
    for part in ("my/weights/yolo11s.pt", "binning.detector.download=true", "github.com", "preset=embedded"):
        assert part in str(refused.value)
    assert not list(nowhere.iterdir())


def test_weights_that_cannot_be_fetched_stop_the_run_at_its_start(
    yolo: Yolo, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for scheme in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")  # nobody listens there, and no request leaves the machine
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ConfigError, match=r"weights of 'yolo11s' are not at .* cannot be fetched.*preset=embedded"):
        dataclasses.replace(yolo, model="yolo11s", download=True).check_ready()


def test_a_missing_file_is_named(yolo: Yolo, nowhere: Path) -> None:
    with pytest.raises(ConfigError, match=r"weights of 'runs/best.pt' are not at runs/best.pt: correct the path"):
        dataclasses.replace(yolo, model="runs/best.pt", download=True).check_ready()


@pytest.mark.parametrize("where", ["weights_dir", "settings", "current folder"])
def test_a_name_is_found_where_weights_lie(yolo: Yolo, yolo_weights: str, nowhere: Path, where: str) -> None:
    folder = nowhere if where == "current folder" else nowhere / "there"
    folder.mkdir(exist_ok=True)
    (folder / "yolov8n.pt").write_bytes(Path(yolo_weights).read_bytes())
    if where == "settings":
        (nowhere / "config" / "Ultralytics").mkdir(parents=True)
        settings = json.dumps({"weights_dir": str(folder)})
        (nowhere / "config" / "Ultralytics" / "settings.json").write_text(settings)
    weights_dir = str(folder) if where == "weights_dir" else None
    named = dataclasses.replace(yolo, model="yolov8n", weights_dir=weights_dir)
    named.check_ready()
    picture = picture_of(astronaut(), yolo.decode)
    assert named([picture]) == yolo([picture])


def test_other_weights_behind_the_same_path_are_another_model(yolo: Yolo, yolo_weights: str, tmp_path: Path) -> None:
    path = tmp_path / "best.pt"
    path.write_bytes(Path(yolo_weights).read_bytes())
    before = identity(dataclasses.replace(yolo, model=str(path)))
    path.write_bytes(b"trained again")
    assert identity(dataclasses.replace(yolo, model=str(path))) != before


def test_a_file_that_is_no_model_is_named(yolo: Yolo, tmp_path: Path) -> None:
    path = tmp_path / "best.pt"
    path.write_bytes(b"no pickle")
    with pytest.raises(ConfigError, match=r"binning/detector=yolo cannot load '.*best.pt': "):
        dataclasses.replace(yolo, model=str(path))([picture_of(astronaut(), yolo.decode)])


def test_a_pickle_that_runs_code_is_not_let_in(yolo: Yolo, tmp_path: Path) -> None:
    import torch

    class Harmful:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (os.mkdir, (str(tmp_path / "harmed"),))

    torch.save({"model": Harmful()}, tmp_path / "best.pt")
    with pytest.raises(ConfigError, match=r"cannot load .*safe_load=false loads it without restraint"):
        dataclasses.replace(yolo, model=str(tmp_path / "best.pt"))([picture_of(astronaut(), yolo.decode)])
    assert not (tmp_path / "harmed").exists()


def test_a_model_for_another_task_is_refused(yolo: Yolo, tmp_path: Path) -> None:
    yolo([picture_of(astronaut(), yolo.decode)])  # loads ultralytics, quietly
    from ultralytics import YOLO

    YOLO("yolov8n-cls.yaml").save(tmp_path / "classes.pt")
    with pytest.raises(ConfigError, match="is for the task 'classify', not 'detect'"):
        dataclasses.replace(yolo, model=str(tmp_path / "classes.pt"))([picture_of(astronaut(), yolo.decode)])
