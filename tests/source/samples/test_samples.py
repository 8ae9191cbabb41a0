from __future__ import annotations

import io
import json
from pathlib import Path
from random import Random

import pytest
from contracts.sources import SourceContract
from PIL import Image
from processes import ended_process

from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.metadata.licences import stated_licences
from dcvlr.records import ImageRecord
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileDigest
from dcvlr.source.samples.charts import draw_chart
from dcvlr.source.samples.paper_forms import draw_form
from dcvlr.source.samples.receipts import draw_receipt
from dcvlr.source.samples.samples import Samples
from dcvlr.source.samples.sheet import money
from dcvlr.source.samples.tables import draw_table

pytestmark = pytest.mark.slow


def samples(folder: Path, photographs: bool = False, num_images: int | None = None) -> Samples:
    reader = FileDigest(batch_size=64, threads=2)
    return Samples(folder=str(folder), photographs=photographs, num_images=num_images, seed=0, digest=reader)


def run(source: Samples, tmp_path: Path) -> list[ImageRecord]:
    return source(Memo(tmp_path / "checkpoints"), Ledger(io.BytesIO(), "source"))


def content(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): digest(path.read_bytes()) for path in files}


def size(image: ImageRecord) -> tuple[int, int]:
    with Image.open(image.path) as picture:
        return picture.size


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the tests that only read, since writing 60 pictures takes a second or two."""
    return tmp_path_factory.mktemp("samples")


class TestDrawnSamples(SourceContract):
    @pytest.fixture
    def source(self, folder: Path) -> Samples:
        return samples(folder / "drawn")


class TestSamplesWithPhotographs(SourceContract):
    @pytest.fixture
    def source(self, folder: Path) -> Samples:
        pytest.importorskip("skimage", reason="the photographs are those inside scikit-image")
        return samples(folder / "all", photographs=True)

    def test_the_filters_have_something_to_do(self, images: list[ImageRecord]) -> None:
        by_name = {Path(image.path).name: image for image in images}
        assert [Path(copy).name for copy in by_name["rocket.jpg"].copies] == ["rocket_copy.jpg"]
        assert size(by_name["microaneurysms.png"]) == (102, 102)
        assert size(by_name["wall_too_wide.jpg"]) == (4608, 512)
        with Image.open(by_name["rocket_cut_off.jpg"].path) as cut, pytest.raises(OSError, match="truncated"):
            cut.load()

    def test_every_photograph_has_a_licence_line(self, images: list[ImageRecord], folder: Path) -> None:
        licences = (folder / "all" / "LICENSES.txt").read_text()
        for image in images:
            if image.dataset == "samples/photos":
                assert Path(image.path).stem.replace("_cut_off", "").replace("_copy", "") in licences

    def test_every_picture_has_a_licence_as_cards_read_it(self, images: list[ImageRecord]) -> None:
        stated: dict[str, str] = {}
        for folder in {Path(image.path).parent for image in images}:
            stated |= stated_licences(folder, {path.name for path in folder.iterdir()})
        assert {Path(path).name for image in images for path in (image.path, *image.copies)} <= stated.keys()
        assert (stated["receipts_04_again.jpg"], stated["charts_00.png"]) == ("cc0-1.0", "cc0-1.0")
        assert stated["wall_too_wide.jpg"] == stated["brick.png"] == "CC0 (CC0Textures)"
        assert stated["microaneurysms.png"] == "CC0 (Andreas Maier)"

    def test_there_are_about_sixty_in_five_datasets(self, images: list[ImageRecord]) -> None:
        assert len(images) == 63
        assert {image.dataset for image in images} == {
            "samples/charts",
            "samples/forms",
            "samples/photos",
            "samples/receipts",
            "samples/tables",
        }


def test_the_same_bytes_and_times_are_written_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(samples(tmp_path / name), tmp_path)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert {path.stat().st_mtime for path in tmp_path.rglob("*.png")} == {1704067200.0}


def test_only_missing_files_are_written_again(tmp_path: Path) -> None:
    run(samples(tmp_path / "s"), tmp_path)
    before = content(tmp_path / "s")
    kept, lost = (tmp_path / "s/samples__charts/train" / f"charts_0{index}.png" for index in (1, 2))
    kept.write_bytes(b"kept")
    lost.unlink()
    run(samples(tmp_path / "s"), tmp_path)
    assert kept.read_bytes() == b"kept"
    assert (
        content(tmp_path / "s")["samples__charts/train/charts_02.png"] == before["samples__charts/train/charts_02.png"]
    )


def test_the_known_text_lies_beside_the_drawings(folder: Path, tmp_path: Path) -> None:
    run(samples(folder / "drawn"), tmp_path)
    lines = (folder / "drawn/samples__receipts/ground_truth.jsonl").read_text().splitlines()
    truth = [json.loads(line) for line in lines]
    assert [row["file"] for row in truth] == [f"receipts_{index:02d}.jpg" for index in range(12)]
    assert all("TOTAL" in row["lines"] for row in truth)


def test_a_number_of_samples_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    source = samples(folder / "drawn", num_images=5)
    assert source.count() == 5
    assert len(run(source, tmp_path)) == 5
    assert source.location == "samples"


@pytest.mark.parametrize("index", range(12))
def test_the_amounts_of_a_receipt_add_up(index: int) -> None:
    texts = draw_receipt(Random(index), index).texts
    value = {label: float(texts[texts.index(label) + 1]) for label in ("Subtotal", "TOTAL")}
    tax = float(texts[next(i for i, text in enumerate(texts) if text.startswith("Tax ")) + 1])
    assert value["Subtotal"] + tax == pytest.approx(value["TOTAL"])
    if "Cash" in texts:
        cash, change = (float(texts[texts.index(label) + 1]) for label in ("Cash", "Change"))
        assert cash - change == pytest.approx(value["TOTAL"])


def test_the_totals_of_a_sales_table_are_right() -> None:
    texts = draw_table(Random(0), 0).texts[2:]
    rows = [texts[start : start + 6] for start in range(0, len(texts), 6)]
    header, *body, total = rows
    assert header == ["Region", "Q1", "Q2", "Q3", "Q4", "Year"]
    assert all(sum(map(int, row[1:5])) == int(row[5]) for row in [*body, total])
    assert [sum(int(row[column]) for row in body) for column in range(1, 6)] == list(map(int, total[1:]))


@pytest.mark.parametrize("draw", [draw_receipt, draw_table, draw_chart, draw_form])
def test_drawings_are_large_enough_seeded_and_plain_ascii(draw: object) -> None:
    for index in range(5):
        sheet, again, other = (draw(Random(seed), index) for seed in (3, 3, 4))  # type: ignore[operator]
        assert min(sheet.image.size) >= 224
        assert max(sheet.image.size) <= 2000
        assert sheet.image.tobytes() == again.image.tobytes() != other.image.tobytes()
        assert sheet.texts == again.texts
        assert all(text.isascii() for text in sheet.texts)


def test_money_has_two_decimals() -> None:
    assert [money(cents) for cents in (5, 120, 123456)] == ["0.05", "1.20", "1234.56"]


def test_samples_that_a_killed_process_left_half_written_go(tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    run(samples(folder), tmp_path)
    before, name = content(folder), f".a.{ended_process()}.0a1b2c3d.tmp"
    for place in (folder, folder / "samples__receipts", folder / "samples__receipts" / "train"):
        (place / name).write_bytes(b"half")
    run(samples(folder), tmp_path)
    assert content(folder) == before
