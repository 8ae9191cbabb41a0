"""Pictures that the lines of a JSON-lines file name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts.sources import SourceContract
from image_files import png
from ledgers import run_source
from s3 import S3

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.metadata.gold import gold_questions
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.remote import RemoteAccess
from dcvlr.rundir.processes import this_process
from dcvlr.source.digest import FileDigest
from dcvlr.source.jsonl import JsonlRows

REMOTE = RemoteAccess(attempts=2, timeout_s=20.0, threads=4, private_hosts=[], cache_folder=None, cache_mb=0)


def rows(images_dir: Path | str | None, tmp_path: Path, *, key: str | None = None) -> JsonlRows:
    return JsonlRows(
        images_dir=None if images_dir is None else str(images_dir),
        image_key=key,
        image_folder=None,
        folder=str(tmp_path / "rows"),
        num_images=None,
        seed=0,
        digest=FileDigest(batch_size=8, threads=2),
    )


def lines(*content: Any) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in content)


def run(source: JsonlRows, tmp_path: Path) -> tuple[Sequence[ImageRecord], list[LedgerEntry]]:
    return run_source(source, Memo(tmp_path / "checkpoints", remote=REMOTE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in/p").mkdir(parents=True)
    for colour in ("red", "green", "blue"):
        (tmp_path / f"in/p/{colour}.png").write_bytes(png(colour))
    return tmp_path / "in"


class TestJsonlRows(SourceContract):
    @pytest.fixture
    def source(self, folder: Path, tmp_path: Path) -> JsonlRows:
        (folder / "data.jsonl").write_bytes(lines({"image": "p/red.png"}, {"image": "p/blue.png"}))
        return rows(folder / "data.jsonl", tmp_path)


def test_pictures_keep_the_questions_of_their_rows(folder: Path, tmp_path: Path) -> None:
    talk = [{"from": "human", "value": "<image>\nWhich one?"}, {"from": "gpt", "value": "the blue one"}]
    (folder / "data.jsonl").write_bytes(
        lines(
            {"image": "p/red.png", "question": "Line\u2028break?", "answer": "red", "licence": "CC0"},
            {"image": {"path": "p/blue.png"}, "conversations": talk},
            {"image": ["p/red.png", "p/green.png"], "question": "Which is greener?", "answer": "the second"},
            {"image": "p/red.png", "question": "Again?", "answer": "yes"},
        )
    )
    images, entries = run(rows(folder / "data.jsonl", tmp_path), tmp_path)
    assert entries == []
    assert [(Path(image.path).name, image.dataset) for image in images] == [
        ("blue.png", "data"),
        ("green.png", "data"),
        ("red.png", "data"),
    ]
    golds = gold_questions(images)
    assert [[(gold.question, gold.answer, gold.licence) for gold in golds.get(image.id, ())] for image in images] == [
        [("Which one?", "the blue one", None)],
        [],
        [("Line\u2028break?", "red", "CC0"), ("Again?", "yes", None)],
    ]


def test_rows_that_a_killed_process_left_half_written_go(folder: Path, tmp_path: Path) -> None:
    (folder / "data.jsonl").write_bytes(lines({"image": "p/red.png"}))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "rows").mkdir()
    host = this_process().partition("-")[0]
    stale = tmp_path / f"rows/.a.jsonl.{host}-{ended.pid}.0a1b2c3d.tmp"
    alive = tmp_path / f"rows/.a.jsonl.{this_process()}.0a1b2c3d.tmp"
    stale.write_text("{")
    alive.write_text("{")
    run(rows(folder / "data.jsonl", tmp_path), tmp_path)
    assert (stale.exists(), alive.exists()) == (False, True)


def test_a_line_without_a_picture_is_a_ledger_line(folder: Path, tmp_path: Path) -> None:
    content = lines({"image": "p/red.png"}, {"picture_of": "a cat"}, {"image": "data:image/png;base64,AAAA"})
    (folder / "data.jsonl").write_bytes(content + b"{broken\n\n[]\n")
    images, entries = run(rows(folder / "data.jsonl", tmp_path), tmp_path)
    assert len(images) == 1
    assert [(entry.path.rpartition("#")[2], entry.findings[0].reason) for entry in entries] == [
        ("line=2", "source.image_key names no path or URL in it; its keys: picture_of"),
        ("line=3", "source.image_key names no path or URL in it; its keys: image"),
        ("line=4", "no JSON object"),
        ("line=6", "no JSON object"),
    ]


def test_a_file_that_begins_with_a_byte_order_mark_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "data.jsonl").write_bytes(b"\xef\xbb\xbf" + lines({"image": "p/red.png"}, {"image": "p/blue.png"}))
    images, entries = run(rows(folder / "data.jsonl", tmp_path), tmp_path)
    assert ([Path(image.path).name for image in images], entries) == (["blue.png", "red.png"], [])


def test_the_key_may_be_named(folder: Path, tmp_path: Path) -> None:
    (folder / "data.jsonl").write_bytes(lines({"image": "p/red.png", "thumb": "p/blue.png"}))
    images, _ = run(rows(folder / "data.jsonl", tmp_path, key="thumb"), tmp_path)
    assert [Path(image.path).name for image in images] == ["blue.png"]


def test_a_file_in_a_store_names_objects_beside_it(s3: S3, tmp_path: Path) -> None:
    s3.put(
        "bucket", "set/data.jsonl", lines({"image": "p/a.png", "question": "Q?", "answer": "A"}, {"image": "gone.png"})
    )
    s3.put("bucket", "set/p/a.png", png("red"))
    images, entries = run(rows("s3://bucket/set/data.jsonl", tmp_path), tmp_path)
    assert [image.path for image in images] == ["s3://bucket/set/p/a.png"]
    assert [(entry.path, entry.verdict, entry.reasons) for entry in entries] == [
        ("s3://bucket/set/gone.png", "unmeasured", ("missing",))
    ]
    assert [gold.answer for own in gold_questions(images).values() for gold in own] == ["A"]


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no file: source=jsonl needs a file of JSON lines"):
        rows(tmp_path, tmp_path).count()


def test_a_question_about_several_pictures_is_none_about_each_whatever_the_key_is_called(
    folder: Path, tmp_path: Path
) -> None:
    two = {"pictures": ["p/red.png", "p/green.png"], "question": "Which is greener?", "answer": "the second"}
    (folder / "data.jsonl").write_bytes(lines(two))
    images, _ = run(rows(folder / "data.jsonl", tmp_path), tmp_path)
    assert (len(images), dict(gold_questions(images))) == (2, {})


def test_a_row_leads_to_no_file_outside_the_folder_that_it_may_name(folder: Path, tmp_path: Path) -> None:
    private = tmp_path / "private/me.png"
    private.parent.mkdir()
    private.write_bytes(png("white"))
    names = ("p/red.png", str(folder / "p/blue.png"), str(private), "../private/me.png", "/etc/passwd")
    (folder / "data.jsonl").write_bytes(lines(*({"image": name, "question": "Q?", "answer": "A"} for name in names)))
    source = rows(folder / "data.jsonl", tmp_path)
    images, entries = run(source, tmp_path)
    assert ([Path(image.path).name for image in images], source.count()) == (["blue.png", "red.png"], 2)
    assert {(entry.path, entry.verdict, entry.reasons) for entry in entries} == {
        (str(private), "rejected", ("passed_over",)),
        ("/etc/passwd", "rejected", ("passed_over",)),
    }
    assert f"is not in {folder}; source.image_folder says which" in (entries[0].findings[0].reason or "")
    assert str(private) not in next((tmp_path / "rows").glob("*.jsonl")).read_text()


def test_the_folder_of_pictures_may_be_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(lines({"image": "red.png"}, {"image": "../../rows.jsonl"}))
    source = replace(rows(tmp_path / "rows.jsonl", tmp_path), image_folder=str(folder / "p"))
    images, (entry,) = run(source, tmp_path)
    assert ([image.path for image in images], source.root) == ([str(folder / "p/red.png")], str(folder / "p"))
    assert entry.path == str(tmp_path / "rows.jsonl")
    (tmp_path / "rows.jsonl").write_bytes(lines({"image": str(folder / "p/red.png")}))
    assert len(run(replace(source, image_folder="/"), tmp_path)[0]) == 1
    with pytest.raises(ConfigError, match=r"source\.image_folder='/p' with images_dir='s3://bucket/x\.jsonl': it is a"):
        replace(source, image_folder="/p", images_dir="s3://bucket/x.jsonl").check_ready()


def test_a_file_url_is_the_file_on_this_machine_within_the_folder_of_the_rows(folder: Path, tmp_path: Path) -> None:
    (folder / "a b.png").write_bytes(png("white"))
    (tmp_path / "outside.png").write_bytes(png("black"))
    named = [f"file://{folder}/a%20b.png", f"file://{tmp_path}/outside.png"]
    (folder / "x.jsonl").write_bytes(lines(*({"image": url} for url in named)))
    images, entries = run(rows(folder / "x.jsonl", tmp_path), tmp_path)
    assert [image.path for image in images] == [str(folder / "a b.png")]
    assert [(entry.path, entry.findings[0].value) for entry in entries] == [(f"{tmp_path}/outside.png", "outside")]


def test_an_array_of_objects_says_how_lines_are_made_of_it(folder: Path, tmp_path: Path) -> None:
    (folder / "x.json").write_text('\ufeff[{"image": "p/red.png"}]')
    with pytest.raises(ConfigError, match=r"x\.json' is a JSON array: an object a line is needed, as jq -c"):
        rows(folder / "x.json", tmp_path).count()


def test_a_row_with_an_address_that_nobody_reads_is_a_ledger_line(folder: Path, tmp_path: Path) -> None:
    content = [{"image": "p/red.png"}, {"image": "weird://host/a.jpg?key=secret"}, {"image": "a\0b.png"}]
    (folder / "x.jsonl").write_bytes(lines(*content, {"image": "https://me:secret@host/a.jpg"}))
    images, entries = run(rows(folder / "x.jsonl", tmp_path), tmp_path)
    assert [Path(image.path).name for image in images] == ["red.png"]
    assert [(entry.path, entry.findings[0].value) for entry in entries] == [
        ("weird://host/a.jpg", "address"),
        ("a\0b.png", "address"),
        ("https://…@host/a.jpg", "address"),
    ]
    assert "begins with s3://, gs://, hf://, http://, https:// is needed" in (entries[0].findings[0].reason or "")
    assert not any("secret" in (entry.findings[0].reason or "") for entry in entries)


def test_a_scheme_in_capitals_is_the_same_scheme(s3: S3, tmp_path: Path) -> None:
    s3.put("bucket", "p/a.png", png("red"))
    s3.put("bucket", "x.jsonl", lines({"image": "S3://bucket/p/a.png"}))
    images, _ = run(rows("S3://bucket/x.jsonl", tmp_path), tmp_path)
    assert [image.path for image in images] == ["s3://bucket/p/a.png"]


def test_not_a_number_as_pandas_writes_it_loses_no_row(folder: Path, tmp_path: Path) -> None:
    (folder / "x.jsonl").write_bytes(b'{"image": "p/red.png", "question": "Which?", "answer": "red", "score": NaN}\n')
    images, entries = run(rows(folder / "x.jsonl", tmp_path), tmp_path)
    assert entries == []
    assert [one.answer for one in gold_questions(images)[images[0].id]] == ["red"]


@pytest.mark.parametrize(
    "line",
    [b"[" * 200_000, b"[NaN," + b"[" * 200_000, b'{"image": "p/blue.png", "question": "Half a smile: \\ud83d"}'],
    ids=["deep", "deep behind NaN", "half a character"],
)
def test_a_line_that_cannot_be_read_or_written_again_is_a_ledger_line(
    folder: Path, tmp_path: Path, line: bytes
) -> None:
    (folder / "x.jsonl").write_bytes(b'{"image": "p/red.png"}\n' + line + b"\n")
    images, entries = run(rows(folder / "x.jsonl", tmp_path), tmp_path)
    assert len(images) == 1
    assert [entry.findings[0].reason for entry in entries] == ["no JSON object"]
