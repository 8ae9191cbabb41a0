from __future__ import annotations

import csv
import dataclasses
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts.exporters import ExporterContract, Row, picture, qa
from PIL import Image

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.export.csv import Csv, defused
from dcvlr.export.encoded_pictures import encoded_picture
from dcvlr.export.jsonl import Jsonl
from dcvlr.export.parquet import Parquet
from dcvlr.identity import digest
from dcvlr.records import Qa

PARQUET = Parquet(
    pictures="one", solution="steps", rows_per_group=2, max_group_mb=256, max_shard_size=None, compression="snappy"
)


def shown(record: dict[str, Any]) -> list[str]:
    return [image["path"] for image in record["images"]] or [record["image"]]


class TestJsonl(ExporterContract):
    boxes = 0

    @pytest.fixture
    def exporter(self) -> Jsonl:
        return Jsonl()

    def rows(self, folder: Path) -> list[Row]:
        lines = (folder / "dataset.jsonl").read_bytes().splitlines()
        records = [json.loads(line) for line in lines]
        return [Row(" ".join(map(str, r.values())), [(folder / p).read_bytes() for p in shown(r)]) for r in records]

    def test_records_come_back_whole_with_pictures_beside_them(
        self, exporter: Jsonl, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(qas, tmp_path / "out")
        lines = (tmp_path / "out/dataset.jsonl").read_bytes().splitlines()
        records = [json.loads(line) for line in lines]
        for_datasets = [(record.pop("file_name"), record.pop("file_names")) for record in records]
        assert for_datasets == [(record["image"], [record["image"]]) for record in records]
        back = [msgspec.convert(record, Qa) for record in records]
        red, blue = qas[0].image_id, qas[2].image_id
        assert [record.image for record in back] == [f"images/{red}.png"] * 2 + [f"images/{blue}.jpg"] * 2
        assert [msgspec.structs.replace(b, image=q.image) for b, q in zip(back, qas, strict=True)][::2] == qas[::2]
        assert back[1].question == 'Which line, "a\nb", is "é 漢字, &lt;image&gt;"?'
        assert (back[3].answer, back[3].evidence) == ("&lt;image&gt;", qas[3].evidence)
        files = sorted(path.name for path in (tmp_path / "out/images").iterdir())
        assert files == sorted([f"{red}.png", f"{blue}.jpg"])
        assert digest((tmp_path / f"out/images/{red}.png").read_bytes()) == red


class TestCsv(ExporterContract):
    boxes = 0

    @pytest.fixture
    def exporter(self) -> Csv:
        return Csv(byte_order_mark=False)

    def rows(self, folder: Path) -> list[Row]:
        with (folder / "dataset.csv").open(encoding="utf-8", newline="") as file:
            rows = [row | {"images": json.loads(row["images"])} for row in csv.DictReader(file)]
        return [Row(" ".join(map(str, row.values())), [(folder / p).read_bytes() for p in shown(row)]) for row in rows]

    def test_unicode_line_breaks_and_lists_survive(self, exporter: Csv, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        text = (tmp_path / "out/dataset.csv").read_bytes().decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [row["id"] for row in rows] == ["q1", "q2", "q3", "q4"]
        assert rows[1]["question"] == 'Which line, "a\nb", is "é 漢字, &lt;image&gt;"?'
        assert [row["options"] for row in rows] == ["", "", '["12.50","9,00"]', ""]
        assert rows[0]["image"] == f"images/{qas[0].image_id}.png"
        assert json.loads(rows[0]["evidence"]) == [
            {"kind": "text", "ref": "T2", "box": [1.0, 2.0, 3.5, 4.0], "text": "12.50"}
        ]

    def test_a_byte_order_mark_can_be_asked_for(self, qas: list[Qa], tmp_path: Path) -> None:
        Csv(byte_order_mark=True)(qas, tmp_path / "out")
        assert (tmp_path / "out/dataset.csv").read_bytes().startswith(b"\xef\xbb\xbfid,image,")


@pytest.mark.parametrize("text", ["=1+1", "+sum(A1)", "-2+3", "@now", "\t=1", "\r=1", "-"])
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "12.50", "-3", "+1,200.5", "-7%", "a=1", "1+1", "'=1"])
def test_numbers_and_plain_texts_of_a_table_stay(text: str) -> None:
    assert defused(text) == text


class TestParquet(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Parquet:
        pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
        return PARQUET

    def rows(self, folder: Path) -> list[Row]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(folder / "train.parquet") as file:
            rows = file.read().to_pylist()
        pictures = [row["images"] if "images" in row else [row["image"]] for row in rows]
        texts = [f"{row['problem']} {row['solution']}" for row in rows]
        return [Row(text, [one["bytes"] for one in shown]) for text, shown in zip(texts, pictures, strict=True)]

    def several(self, exporter: Parquet) -> Parquet:
        return dataclasses.replace(exporter, pictures="several")

    def test_one_column_of_pictures_takes_no_question_about_two(
        self, exporter: Parquet, qas: list[Qa], tmp_path: Path
    ) -> None:
        two = msgspec.structs.replace(qas[0], images=(*qas[0].pictures, *qas[2].pictures))
        with pytest.raises(DcvlrError, match=r"q1 is about 2 pictures.*export\.parquet\.pictures=several"):
            exporter([two], tmp_path / "out")

    def test_rows_hold_bytes_problem_and_solution(self, exporter: Parquet, qas: list[Qa], tmp_path: Path) -> None:
        import pyarrow.parquet as pq

        exporter(qas, tmp_path / "out")
        with pq.ParquetFile(tmp_path / "out/train.parquet") as file:
            assert file.num_row_groups == 2
            rows = file.read().to_pylist()
        assert rows[0] == {
            "image": {"bytes": Path(qas[0].image).read_bytes(), "path": None},
            "problem": 'What is printed beside "Total"?',
            "solution": '1. "Total" is printed.\n2. Beside it stands "12.50".\n\n\\boxed{12.50}',
            "id": "q1",
            "bin": "A",
        }
        assert rows[1]["problem"] == 'Which line, "a\nb", is "é 漢字, &lt;image&gt;"?'
        assert rows[2]["problem"] == 'What is printed beside "Total"?\nA. 12.50\nB. 9,00'
        assert rows[2]["solution"].endswith("\\boxed{B}")
        assert rows[2]["image"]["bytes"] == Path(qas[2].image).read_bytes()

    def test_the_schema_tells_datasets_that_there_is_a_picture(
        self, exporter: Parquet, qas: list[Qa], tmp_path: Path
    ) -> None:
        import pyarrow.parquet as pq

        exporter(qas, tmp_path / "out")
        schema = pq.read_schema(tmp_path / "out/train.parquet")
        assert schema.names == ["image", "problem", "solution", "id", "bin"]
        assert json.loads(schema.metadata[b"huggingface"])["info"]["features"]["image"] == {"_type": "Image"}

    def test_datasets_loads_pictures_and_texts(self, exporter: Parquet, qas: list[Qa], tmp_path: Path) -> None:
        datasets = pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        exporter(qas, tmp_path / "out")
        file, cache = str(tmp_path / "out/train.parquet"), str(tmp_path / "cache")
        loaded = datasets.load_dataset("parquet", data_files=file, split="train", cache_dir=cache)
        assert loaded.column_names == ["image", "problem", "solution", "id", "bin"]
        assert (loaded[0]["image"].format, loaded[0]["image"].size) == ("PNG", (12, 8))
        assert [row["solution"].rpartition("\n")[2] for row in loaded] == [
            r"\boxed{12.50}",
            r"\boxed{12.50}",
            r"\boxed{B}",
            r"\boxed{&lt;image&gt;}",
        ]


def test_pictures_that_are_not_plain_become_upright_rgb_png(tmp_path: Path) -> None:
    turned = Image.new("RGB", (12, 8), "red")
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    for path, size in (
        (picture(tmp_path / "grey.png", "grey", "L"), (12, 8)),
        (picture(tmp_path / "alpha.png", "red", "RGBA"), (12, 8)),
        (picture(tmp_path / "cmyk.jpg", "red", "CMYK"), (12, 8)),
        (picture(tmp_path / "map.bmp", "red"), (12, 8)),
        (tmp_path / "turned.jpg", (8, 12)),
    ):
        encoded = encoded_picture(qa(path).pictures[0])
        assert encoded.suffix == "png"
        with Image.open(io.BytesIO(encoded.content)) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "RGB", size)


def test_plain_pictures_keep_their_bytes_and_get_the_suffix_of_their_content(tmp_path: Path) -> None:
    path = picture(tmp_path / "really.png").rename(tmp_path / "named.jpg")
    encoded = encoded_picture(qa(path).pictures[0])
    assert (encoded.content, encoded.suffix) == (path.read_bytes(), "png")


def test_a_picture_with_broken_exif_is_exported_without_it(tmp_path: Path) -> None:
    sound = picture(tmp_path / "sound.png").read_bytes()
    content = b"eXIfgarbage"
    chunk = struct.pack(">I", 7) + content + struct.pack(">I", zlib.crc32(content))
    start = sound.index(b"IDAT") - 4
    broken = tmp_path / "broken.png"
    broken.write_bytes(sound[:start] + chunk + sound[start:])
    encoded = encoded_picture(qa(broken).pictures[0])
    assert b"eXIf" not in encoded.content
    with Image.open(io.BytesIO(encoded.content)) as image:
        assert (image.format, image.size, image.getpixel((0, 0))) == ("PNG", (12, 8), (255, 0, 0))


def test_a_picture_that_cannot_be_decoded_is_a_clear_error(tmp_path: Path) -> None:
    path = picture(tmp_path / "cut.png")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DcvlrError, match=r"cut\.png cannot be exported: .*; put the file back, or run again"):
        encoded_picture(qa(path).pictures[0])


def test_a_picture_that_vanished_or_changed_is_a_clear_error(tmp_path: Path) -> None:
    gone, changed = picture(tmp_path / "gone.png"), picture(tmp_path / "changed.png")
    about_gone, about_changed = qa(gone), qa(changed)
    gone.unlink()
    picture(changed, "blue")
    with pytest.raises(DcvlrError, match=r"gone\.png cannot be exported: .*No such file"):
        Jsonl()([about_gone], tmp_path / "one")
    with pytest.raises(DcvlrError, match="no longer holds the bytes"):
        Jsonl()([about_changed], tmp_path / "two")


def test_wrong_settings_are_refused_with_what_is_allowed() -> None:
    for wrong, shown in ((0, "0"), (1.5, "1.5"), (True, "true"), ("2", "'2'")):
        with pytest.raises(ConfigError, match=rf"^rows_per_group={shown}: a whole number from 1"):
            Parquet(
                pictures="one",
                solution="steps",
                rows_per_group=wrong,
                max_group_mb=1,
                max_shard_size=None,
                compression="snappy",
            )  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"compression='zip': snappy, zstd, gzip or none"):
        Parquet(
            pictures="one", solution="steps", rows_per_group=1, max_group_mb=1, max_shard_size=None, compression="zip"
        )  # type: ignore[arg-type]


def test_every_line_has_every_key_whatever_the_first_ones_leave_out(tmp_path: Path) -> None:
    red = picture(tmp_path / "red.png")
    two = qa(red, 2, passes=3)
    two = msgspec.structs.replace(two, images=(*two.pictures, *qa(picture(tmp_path / "blue.jpg"), 3).pictures))
    Jsonl()([qa(red, 1), two], tmp_path / "out")
    first, second = ((json.loads(line)) for line in (tmp_path / "out/dataset.jsonl").read_bytes().splitlines())
    assert list(first) == list(second) == [*Qa.__struct_fields__, "file_name", "file_names"]
    assert (first["passes"], second["passes"]) == (None, 3)
    assert [len(set(line["file_names"])) for line in (first, second)] == [1, 2]
    assert second["file_names"] == [image["path"] for image in second["images"]]
