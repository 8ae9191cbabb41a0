"""Documents drawn by PDFium and Pillow: real files of both formats, also damaged and locked ones."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts.sources import SourceContract
from PIL import Image, ImageDraw
from processes import ended_process

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileDigest
from dcvlr.source.pdf import Pdf

pytest.importorskip("pypdfium2", reason="source=pdf needs pypdfium2")


def sheet(text: str, size: tuple[int, int] = (200, 100), mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 40), text, fill="black")
    return image.convert(mode)


def document(path: Path, *texts: str, mode: str = "RGB", **options: Any) -> Path:
    """A PDF or TIFF with a page per text; at 72 dpi a pixel of the sheet is a pixel of the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = (sheet(text, mode=mode) for text in texts)
    first.save(path, save_all=True, append_images=others, **options)
    return path


def pdf(folder: Path, **changes: Any) -> Pdf:
    usual: dict[str, Any] = {"dpi": 72, "max_pages": None, "num_images": None, "seed": 0}
    digest = FileDigest(batch_size=8, threads=2)
    return Pdf(
        **{"images_dir": str(folder / "in"), "folder": str(folder / "out"), "digest": digest, **usual, **changes}
    )


def read(source: Pdf, folder: Path) -> tuple[list[Any], list[tuple[str, str]]]:
    """The pictures, and path and reason of what is missing."""
    lines = io.BytesIO()
    images = source(Memo(folder / "checkpoints"), Ledger(lines, "source"))
    entries = [json.loads(line) for line in lines.getvalue().splitlines()]
    return images, [(entry["path"].rpartition("/in/")[2], entry["findings"][0]["reason"]) for entry in entries]


class TestPdf(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Pdf:
        document(tmp_path / "in/reports/a.pdf", "one", "two")
        document(tmp_path / "in/reports/b.pdf", "one")
        document(tmp_path / "in/scans/c.tif", "three", "four", compression="tiff_lzw")
        return pdf(tmp_path)


def test_every_page_is_a_picture_at_the_resolution_asked_for(tmp_path: Path) -> None:
    document(tmp_path / "in/2024/q1/report.pdf", "one", "two", "three")
    document(tmp_path / "in/scan.tiff", "alpha", "beta", mode="1", compression="group4")
    images, missing = read(pdf(tmp_path, dpi=144), tmp_path)
    assert missing == []
    assert [(image.dataset, Path(image.path).name) for image in images] == [
        ("2024/q1", "report.pdf-144dpi-p00001.png"),
        ("2024/q1", "report.pdf-144dpi-p00002.png"),
        ("2024/q1", "report.pdf-144dpi-p00003.png"),
        ("in", "scan.tiff-144dpi-p00001.png"),
        ("in", "scan.tiff-144dpi-p00002.png"),
    ]
    shown = [Image.open(io.BytesIO(Path(image.path).read_bytes())) for image in images]
    assert [(image.size, image.mode) for image in shown] == [((400, 200), "RGB")] * 3 + [((200, 100), "1")] * 2
    text = shown[4].convert("L").crop((20, 40, 60, 60))
    assert text.tobytes() == sheet("beta", mode="1").convert("L").crop((20, 40, 60, 60)).tobytes()
    dark = shown[1].convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert dark is not None
    assert 35 <= dark[0] <= 45
    assert 80 <= dark[1] <= 95


def test_an_unchanged_document_is_not_drawn_again_and_a_changed_one_is(tmp_path: Path) -> None:
    path = document(tmp_path / "in/a.pdf", "one", "two")
    before, _ = read(pdf(tmp_path), tmp_path)
    times = [Path(image.path).stat().st_ino for image in before]
    assert read(pdf(tmp_path), tmp_path)[0] == before
    assert [Path(image.path).stat().st_ino for image in before] == times
    document(path, "another")
    os.utime(path, ns=(1, 1))
    after, _ = read(pdf(tmp_path), tmp_path)
    assert len(after) == 1
    assert after[0].id not in {image.id for image in before}


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b'{"size": 1}', b"[1", None])
def test_a_damaged_record_of_what_was_drawn_is_set_aside_and_the_document_drawn_anew(
    tmp_path: Path, damage: bytes | None
) -> None:
    document(tmp_path / "in" / "a.pdf", "one", "two")
    images, _ = read(pdf(tmp_path), tmp_path)
    (record,) = (tmp_path / "out" / ".documents").iterdir()
    record.unlink()
    if damage is None:
        os.mkfifo(record)
    else:
        record.write_bytes(damage)
    assert read(pdf(tmp_path), tmp_path)[0] == images
    assert json.loads(record.read_bytes())["size"] == (tmp_path / "in" / "a.pdf").stat().st_size
    assert [path.name.endswith(".damaged") for path in sorted(record.parent.iterdir())] == [False, True]


def test_the_first_pages_of_each_document_are_enough_if_asked_for(tmp_path: Path) -> None:
    document(tmp_path / "in/a.pdf", "one", "two", "three")
    document(tmp_path / "in/b.tif", "four", "five", "six")
    source = pdf(tmp_path, max_pages=2)
    assert source.count() == 4
    assert len(read(source, tmp_path)[0]) == 4


def test_what_cannot_be_drawn_is_in_the_ledger_and_the_rest_is_read(tmp_path: Path) -> None:
    document(tmp_path / "in/good.pdf", "one")
    (tmp_path / "in/broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (tmp_path / "in/no.tif").write_bytes(b"not a picture")
    Image.new("F", (20, 10)).save(tmp_path / "in/heights.tif")
    content = document(tmp_path / "in/cut.tif", "one", "two", compression="raw").read_bytes()
    (tmp_path / "in/cut.tif").write_bytes(content[: len(content) // 2])
    images, missing = read(pdf(tmp_path), tmp_path)
    assert "good.pdf-72dpi-p00001.png" in {Path(image.path).name for image in images}
    reasons = dict(missing)
    assert reasons["broken.pdf"] == "no PDF that can be read"
    assert reasons["no.tif"].startswith("no TIFF that can be read")
    assert reasons["heights.tif#page=1"] == "measurements (F, 32 bits a pixel), no page"
    assert any(page.startswith("cut.tif") for page in reasons)


def test_whole_pages_of_a_cut_tiff_are_read_and_the_cut_one_is_a_ledger_line(tmp_path: Path) -> None:
    content = document(tmp_path / "in/cut.tif", "one", "two", "three", compression="raw").read_bytes()
    (tmp_path / "in/cut.tif").write_bytes(content[: len(content) // 2])
    source = pdf(tmp_path)
    images, missing = read(source, tmp_path)
    assert [Path(image.path).name for image in images] == ["cut.tif-72dpi-p00001.png"]
    assert [page for page, _ in missing] == ["cut.tif#page=2", "cut.tif#page=3"]
    assert source.count() == 2, "of the third nothing is left"
    assert read(pdf(tmp_path, max_pages=1), tmp_path) == (images, [])


def test_results_of_a_run_inside_of_the_documents_are_one_ledger_line(tmp_path: Path) -> None:
    document(tmp_path / "in/a.pdf", "one")
    (tmp_path / "in/out/.hydra").mkdir(parents=True)
    (tmp_path / "in/out/pipeline.log").write_text("start")
    images, missing = read(replace(pdf(tmp_path), folder=str(tmp_path / "in/out/pages")), tmp_path)
    assert len(images) == 1
    assert missing == [("out", "a folder with the results of a run")]


def test_a_page_larger_than_any_picture_may_be_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    sheet("wide", (14_000, 100)).save(tmp_path / "in/a.pdf", resolution=1.0)
    sheet("small").save(tmp_path / "in/b.pdf")
    images, missing = read(pdf(tmp_path, dpi=1200), tmp_path)
    assert [Path(image.path).name for image in images] == ["b.pdf-1200dpi-p00001.png"]
    ((page, reason),) = missing
    assert page == "a.pdf#page=1"
    assert reason.endswith("at 1200 dpi: over 89478485")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = document(tmp_path / "elsewhere/secret.pdf", "secret")
    inside = document(tmp_path / "in/real/a.pdf", "one")
    (tmp_path / "in/secret.pdf").symlink_to(secret)
    (tmp_path / "in/again.pdf").symlink_to(inside)
    images, _ = read(pdf(tmp_path), tmp_path)
    names = sorted(Path(path).name for image in images for path in (image.path, *image.copies))
    assert names == ["a.pdf-72dpi-p00001.png", "again.pdf-72dpi-p00001.png"]


def test_one_document_may_be_all_that_is_read(tmp_path: Path) -> None:
    document(tmp_path / "in/reports/a.pdf", "one", "two")
    document(tmp_path / "in/reports/b.pdf", "three")
    images, missing = read(pdf(tmp_path, images_dir=str(tmp_path / "in/reports/a.pdf")), tmp_path)
    assert [(image.dataset, Path(image.path).name) for image in images] == [
        ("reports", "a.pdf-72dpi-p00001.png"),
        ("reports", "a.pdf-72dpi-p00002.png"),
    ]
    assert missing == []


def test_a_folder_without_documents_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ConfigError, match=r"holds no documents \(\.pdf, \.tif, \.tiff\)"):
        read(pdf(tmp_path), tmp_path)
    with pytest.raises(ConfigError, match=r"is neither a folder nor one of \.pdf, \.tif, \.tiff"):
        pdf(tmp_path, images_dir=str(tmp_path / "gone")).count()
    with pytest.raises(ConfigError, match=r"^dpi=10: a whole number from 36 to 1200"):
        pdf(tmp_path, dpi=10)


def test_pages_that_a_killed_process_left_half_written_go(tmp_path: Path) -> None:
    document(tmp_path / "in" / "a.pdf", "one")
    images, _ = read(pdf(tmp_path), tmp_path)
    pages, gone = Path(images[0].path).parent, ended_process()
    stale = [pages / f".a.png.{gone}.0a1b2c3d.tmp", tmp_path / "out" / ".documents" / f".a.json.{gone}.0a1b2c3d.tmp"]
    for path in stale:
        path.write_bytes(b"half")
    assert read(pdf(tmp_path), tmp_path)[0] == images
    assert not any(path.exists() for path in stale)


def test_files_that_are_no_documents_are_ledger_lines(tmp_path: Path) -> None:
    document(tmp_path / "in/a.pdf", "one")
    (tmp_path / "in/note.txt").write_text("hello")
    (tmp_path / "in/b.pdf").symlink_to(document(tmp_path / "elsewhere/b.pdf", "two"))
    (tmp_path / "in/gone.pdf").symlink_to(tmp_path / "nowhere.pdf")
    images, entries = read(pdf(tmp_path), tmp_path)
    assert len(images) == 1
    assert entries == [
        ("b.pdf", f"a link that leads out of {tmp_path}/in"),
        ("gone.pdf", "a link to nothing, or no file of a disk"),
        ("note.txt", "no document: .pdf, .tif, .tiff are read"),
    ]


def test_a_suffix_that_is_not_utf8_gets_a_ledger_line(tmp_path: Path) -> None:
    document(tmp_path / "in/a.pdf", "one")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/old.\xff")).write_text("hello")
    except OSError:
        pytest.skip("file names here are UTF-8")
    assert read(pdf(tmp_path), tmp_path)[1] == [("old.\\xff", "no document: .pdf, .tif, .tiff are read")]
