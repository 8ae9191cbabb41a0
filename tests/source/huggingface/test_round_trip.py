"""What `export=hf_datasets` wrote is a source of pictures, questions and answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.exporters import picture, qa
from source.local_repos import lines, run, source

from dcvlr.config import compose, make
from dcvlr.export.hf_datasets import HfDatasets

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("settings", [[], ["source.streaming=true"]], ids=["by_number", "stream"])
def test_an_export_is_read_back_with_its_questions(settings: list[str], tmp_path: Path) -> None:
    red, blue = picture(tmp_path / "red.png"), picture(tmp_path / "blue.jpg", "blue")
    qas = [qa(red, 1), qa(blue, 3, options=("12.50", "9,00"), answer="9,00")]
    exporter: HfDatasets = make(compose(["export=[hf_datasets]", "images_dir=x"]), "export").get("hf_datasets")
    exporter(qas, tmp_path / "export")
    made = source(tmp_path / "export", tmp_path / "images", *settings)
    made.check_ready()
    images, entries = run(made, tmp_path)
    assert entries == []
    assert sorted(Path(image.path).read_bytes() for image in images) == sorted(
        path.read_bytes() for path in (tmp_path / "red.png", tmp_path / "blue.jpg")
    )
    first, second = lines(tmp_path / "images" / "export")
    assert (first["question"], first["choices"], first["answer"]) == (qas[0].question, None, qas[0].answer)
    assert (second["question"], second["choices"], second["answer"]) == (qas[1].question, ["12.50", "9,00"], "9,00")
