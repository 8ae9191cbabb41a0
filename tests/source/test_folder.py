from __future__ import annotations

import io
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from contracts.sources import SourceContract
from ledgers import run_source
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileDigest, FileState, file_state
from dcvlr.source.folder import ImageFolder, choose
from dcvlr.source.walk import FolderLayout, FoundFiles

DIGEST = FileDigest(batch_size=8, threads=2)


def draw(path: Path, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), colour).save(path)
    return path


def folder(
    images_dir: Path | str | None, num_images: int | None = None, seed: int = 0, layout: FolderLayout = "auto"
) -> ImageFolder:
    path = None if images_dir is None else str(images_dir)
    return ImageFolder(images_dir=path, layout=layout, num_images=num_images, seed=seed, digest=DIGEST)


def run(source: ImageFolder, tmp_path: Path) -> tuple[Sequence[ImageRecord], list[LedgerEntry]]:
    return run_source(source, Memo(tmp_path / "checkpoints"))


class TestImageFolder(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> ImageFolder:
        draw(tmp_path / "in/b/train/z.png", "red")
        draw(tmp_path / "in/b/train/a.jpg", "blue")
        draw(tmp_path / "in/a/train/same.png", "red")
        draw(tmp_path / "in/a b/train/x.webp", "green")
        return folder(tmp_path / "in")


def test_a_document_says_which_source_reads_it(tmp_path: Path) -> None:
    draw(tmp_path / "in/a.png")
    (tmp_path / "in/b.pdf").write_bytes(b"%PDF-1.7")
    _, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [entry.findings[0].reason for entry in entries] == ["a document, whose pages source=pdf reads"]


def test_results_of_a_run_among_the_pictures_are_one_ledger_line(tmp_path: Path) -> None:
    picture = draw(tmp_path / "in/a.png")
    draw(tmp_path / "in/out/export/jsonl/images/b.png", "blue")
    (tmp_path / "in/out/.hydra").mkdir()
    images, (entry,) = run(folder(tmp_path / "in"), tmp_path)
    assert [image.path for image in images] == [str(picture)]
    assert (Path(entry.path).name, entry.findings[0].reason) == ("out", "a folder with the results of a run")


def test_the_layout_gives_dataset_path_and_copies(tmp_path: Path) -> None:
    first = draw(tmp_path / "in/acme/train/1.png", "red")
    chart = draw(tmp_path / "in/HuggingFaceM4__ChartQA/train/1.png", "blue")
    copy = draw(tmp_path / "in/other/train/9.PNG", "red")
    draw(tmp_path / "in/other/val/2.png", "green")
    images, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [(i.path, i.dataset, i.copies) for i in images] == [
        (str(chart), "HuggingFaceM4/ChartQA", ()),
        (str(first), "acme", (str(copy),)),
    ]
    (entry,) = entries
    assert (Path(entry.path).name, entry.reasons) == ("val", ("passed_over",))
    assert (entry.findings[0].value, entry.findings[0].reason) == (
        "beside train",
        "it lies beside train/, which alone is read",
    )


def test_a_flat_folder_is_one_dataset_of_its_own_name(tmp_path: Path) -> None:
    draw(tmp_path / "my__photos/a.png", "red")
    draw(tmp_path / "my__photos/b.jpg", "blue")
    found, entries = run(folder(tmp_path / "my__photos"), tmp_path)
    assert [(Path(image.path).name, image.dataset) for image in found] == [
        ("a.png", "my/photos"),
        ("b.jpg", "my/photos"),
    ]
    assert entries == []


def test_the_first_level_of_nested_folders_is_the_dataset(tmp_path: Path) -> None:
    draw(tmp_path / "in/2024/may/trip/a.png", "red")
    draw(tmp_path / "in/2024/b.png", "blue")
    draw(tmp_path / "in/scans/train/deep/er/c.png", "green")
    draw(tmp_path / "in/d.png", "white")
    found, _ = run(folder(tmp_path / "in"), tmp_path)
    assert {Path(image.path).name: image.dataset for image in found} == {
        "a.png": "2024",
        "b.png": "2024",
        "c.png": "scans",
        "d.png": "in",
    }


def test_one_dataset_given_as_images_dir_is_read_with_its_own_name(tmp_path: Path) -> None:
    draw(tmp_path / "in/cats/train/a.png")
    draw(tmp_path / "in/cats/test/b.png", "blue")
    found, entries = run(folder(tmp_path / "in/cats"), tmp_path)
    assert [(Path(image.path).name, image.dataset) for image in found] == [("a.png", "cats")]
    assert [Path(entry.path).name for entry in entries] == ["test"]


def test_suffixes_are_case_folded(tmp_path: Path) -> None:
    for name in ("a.JPG", "b.jpeg", "c.Png", "d.bmp", "e.gif", "f.tif", "g.TIFF", "h.webp"):
        draw(tmp_path / "in/d/train" / name)
    assert folder(tmp_path / "in").count() == 8


def test_a_picture_without_a_suffix_that_says_so_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    jpeg, png = draw(tmp_path / "one.jpg").read_bytes(), draw(tmp_path / "one.png", "blue").read_bytes()
    train = tmp_path / "in/d"
    train.mkdir(parents=True)
    files = {"a": jpeg, "b.jpg_large": jpeg + b"1", "c.jfif": jpeg + b"2", "d.jpe": jpeg + b"3", "e.dat": png}
    for name, data in {**files, "notes.txt": b"BM is how this text begins", "half.tmp": b"\xff\xd8"}.items():
        (train / name).write_bytes(data)
    (train / ".hidden.png").write_bytes(png)
    found, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [Path(image.path).name for image in found] == ["a", "b.jpg_large", "c.jfif", "d.jpe", "e.dat"]
    unlike = "it does not begin like a picture of a format that is read"
    assert [(Path(e.path).name, e.reasons, e.findings[0].value, e.findings[0].reason) for e in entries] == [
        (".hidden.png", ("passed_over",), "hidden", "a hidden file"),
        ("half.tmp", ("passed_over",), ".tmp", unlike),
        ("notes.txt", ("passed_over",), ".txt", unlike),
    ]


def test_the_log_says_what_was_taken_and_counts_what_was_passed_over_by_kind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    draw(tmp_path / "in/b/a.png", "red")
    draw(tmp_path / "in/b/b.png", "blue")
    draw(tmp_path / "in/a/c.png", "green")
    for name in ("1.txt", "2.txt", "3.pdf", "metadata.csv"):
        (tmp_path / "in/a" / name).write_text("file_name\n")
    (tmp_path / "in/.cache").mkdir()
    with caplog.at_level(logging.INFO):
        run(folder(tmp_path / "in"), tmp_path)
    assert f"source: {tmp_path}/in: 3 files; datasets: b 2, a 1" in caplog.messages
    passed = "source: 4 files and folders passed over (.txt 2, hidden 1, .pdf 1); see rejected.jsonl"
    assert passed in caplog.messages


def test_no_pictures_is_an_error_that_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/notes.txt").write_text("no")
    with pytest.raises(ConfigError, match=r"in' holds no pictures \(\.avif .*\); it holds notes\.txt"):
        folder(tmp_path / "in").count()


def test_the_strict_layout_reads_train_alone_and_names_what_it_leaves(tmp_path: Path) -> None:
    draw(tmp_path / "in/good/train/a.png")
    draw(tmp_path / "in/good/train/deep/b.png")
    draw(tmp_path / "in/bad/validation/a.png")
    draw(tmp_path / "in/bad/stray.png")
    draw(tmp_path / "in/stray.png")
    found, entries = run(folder(tmp_path / "in", layout="strict"), tmp_path)
    assert [Path(image.path).name for image in found] == ["a.png"]
    assert [(Path(e.path).name, e.findings[0].reason) for e in entries] == [
        ("bad", "it has no train/ folder; it holds stray.png, validation/"),
        ("deep", "a folder; only files directly in train/ are read"),
        ("stray.png", "a file that lies in no <dataset>/train folder"),
    ]


def test_the_strict_layout_without_pictures_is_an_error_that_shows_it(tmp_path: Path) -> None:
    draw(tmp_path / "in/stray.png")
    expected = r"expected <images_dir>/<dataset>/train/<picture>.*it holds stray\.png.*source\.layout=auto"
    with pytest.raises(ConfigError, match=expected):
        folder(tmp_path / "in", layout="strict").count()


def test_a_layout_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^layout='loose': auto or strict is allowed"):
        folder("x", layout="loose")  # type: ignore[arg-type]


def test_a_missing_folder_a_file_and_no_folder_are_errors(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="nowhere' does not exist; give images_dir="):
        folder(tmp_path / "nowhere").count()
    with pytest.raises(ConfigError, match="file' is not a folder"):
        folder(tmp_path / "file").count()
    with pytest.raises(ConfigError, match=r"images_dir is not set: give images_dir=.*source=samples"):
        folder(None).count()


def chosen(urls: list[str], seed: int = 0) -> list[str]:
    found = FoundFiles()
    for url in sorted(urls):
        found.add(url, "web")
    return choose(found, 3, seed)


def test_num_images_chooses_the_same_when_signatures_are_renewed() -> None:
    first, second = ([f"https://host/set/{index}.jpg?sig={word}{index}" for index in range(20)] for word in ("a", "b"))
    assert [url.partition("?")[0] for url in chosen(first)] == [url.partition("?")[0] for url in chosen(second)]


def test_num_images_chooses_by_seed_also_where_only_queries_tell_pictures_apart() -> None:
    urls = [f"https://host/image?id={index:02}" for index in range(40)]
    assert len({tuple(chosen(urls, seed)) for seed in range(4)}) == 4


def test_num_images_must_be_positive() -> None:
    with pytest.raises(ConfigError, match=r"^num_images=0: a whole number from 1 or null is allowed"):
        folder("x", num_images=0)


def test_things_named_like_pictures_get_a_ledger_line(tmp_path: Path) -> None:
    train = draw(tmp_path / "in/d/train/good.png").parent
    (train / "dir.jpg").mkdir()
    (train / "dangling.jpg").symlink_to("nowhere.jpg")
    (train / "loop.jpg").symlink_to("loop.jpg")
    (train / "dirlink.jpg").symlink_to(tmp_path)
    os.mkfifo(train / "pipe.jpg")
    images, entries = run(folder(tmp_path / "in", layout="strict"), tmp_path)
    assert [Path(image.path).name for image in images] == ["good.png"]
    assert [(Path(e.path).name, e.verdict, e.reasons, e.findings[0].reason) for e in entries] == [
        ("dangling.jpg", "rejected", ("unreadable",), "not a picture file: a link that leads to no file"),
        ("dir.jpg", "rejected", ("unreadable",), "not a picture file: a folder"),
        ("dirlink.jpg", "rejected", ("unreadable",), "not a picture file: a link to a folder"),
        ("loop.jpg", "rejected", ("unreadable",), "not a picture file: a link that leads to no file"),
        ("pipe.jpg", "rejected", ("unreadable",), "not a picture file: neither a file nor a folder"),
    ]


def test_a_seeded_choice_does_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    for root in ("one", "two/deeper"):
        for index in range(20):
            draw(tmp_path / root / f"d/train/{index:02}.png", f"rgb({index},0,0)")
    chosen = [
        [Path(i.path).name for i in run(folder(tmp_path / p, 5, seed), tmp_path)[0]]
        for p, seed in (("one", 1), ("two/deeper", 1), ("one", 2))
    ]
    assert chosen[0] == chosen[1] == sorted(chosen[0])
    assert len(chosen[0]) == 5
    assert chosen[2] != chosen[0]


def test_a_larger_choice_holds_the_smaller_one(tmp_path: Path) -> None:
    for index in range(20):
        draw(tmp_path / f"in/d/train/{index:02}.png", f"rgb({index},0,0)")
    few, many = (run(folder(tmp_path / "in", n), tmp_path)[0] for n in (4, 9))
    assert {image.id for image in few} < {image.id for image in many}


def test_files_not_chosen_are_not_read(tmp_path: Path) -> None:
    for index in range(6):
        draw(tmp_path / f"in/d/train/{index}.png", f"rgb({index},0,0)")
    memo = Memo(tmp_path / "checkpoints")
    folder(tmp_path / "in", 2)(memo, Ledger(io.BytesIO(), "source"))
    assert list(memo.computed.values()) == [2]


def test_an_empty_batch_gives_an_empty_list() -> None:
    assert DIGEST([]) == []


def test_a_place_changes_with_its_path_size_and_time(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.png")
    status = path.stat()
    same = file_state(str(path), status)
    os.utime(path, ns=(0, 1))
    ids = {same.id, file_state(str(path), path.stat()).id, file_state("other", status).id}
    assert isinstance(same, FileState)
    assert len(ids) == 3
