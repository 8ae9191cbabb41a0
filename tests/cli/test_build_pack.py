from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from forked import run_python
from pictures import make_pictures
from pyarrow import parquet

from dcvlr.cli.build_pack import main
from dcvlr.cli.main import run_command
from dcvlr.decontamination.pack import read_pack

pytestmark = pytest.mark.slow


def built(tmp_path: Path, source: Path, *more: str) -> Path:
    output = tmp_path / "pack.jsonl"
    assert main(["name=bench", f"source={source}", f"output={output}", *more]) == 0
    return output


def test_a_folder_gives_its_pictures_and_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_pictures(tmp_path / "it's a folder")
    rows = [
        {"file_name": "red.png", "question": "How many red discs are there?", "row_id": "r7"},
        {"file_name": "blue.png", "problem": "How many blue discs are there?"},
        {"file_name": "blue.png", "query": "how many BLUE discs are there"},
        {"file_name": "green.png", "question": None},
    ]
    metadata = folder / "drawn__by" / "train" / "metadata.jsonl"
    metadata.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pack = read_pack(built(tmp_path, folder))
    questions = [item.id for item in pack.items if item.shingles]
    assert questions == ["drawn__by/train/metadata.jsonl#2", "drawn__by/train/metadata.jsonl#r7"]
    pictures = {item.id for item in pack.items if item.phash}
    assert {"drawn__by/train/red.png", "drawn__by/train/blue.png"} <= pictures
    assert "drawn__by/train/red_copy.png" not in pictures
    assert capsys.readouterr().out.endswith(f"{len(pictures)} pictures and 2 questions of bench\n")


def test_the_same_benchmark_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "pictures")
    first = built(tmp_path, folder).read_bytes()
    assert built(tmp_path, folder).read_bytes() == first


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_questions_alone_make_a_pack(kind: str, tmp_path: Path) -> None:
    rows = [
        {"pid": "12", "question": "What is the area of the triangle ABC?"},
        {"pid": "13", "question": "总计是多少?"},
    ]
    source = tmp_path / f"test.{kind}"
    if kind == "jsonl":
        source.write_text("\n".join(map(json.dumps, rows)))
    else:
        parquet.write_table(pa.Table.from_pylist(rows), source)
    pack = read_pack(built(tmp_path, source, "words=2"))
    assert [item.id for item in pack.items] == [f"test.{kind}#12", f"test.{kind}#13"]
    assert (pack.header.words, pack.header.statistics) == (2, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name=null: it is missing: text is needed"),
        (["check"], "'check': <key>=<value> is allowed"),
        (["nam=x"], "nam='x': there is no such setting; there are name, source, output, words, hash_decode"),
        (["name=x"], "source=null: it is missing"),
        (["name=x", "source=s", "output=o", "words=0"], "words=0: a whole number from 1 to 20"),
        (["name=x", "source=s", "output=o"], "a folder of pictures, or a .jsonl or .parquet file"),
        (["name=x", "source=.", "output=o", "hash_decode=exakt"], "hash_decode='exakt': draft or exact is allowed"),
        (["name=[x", "source=.", "output=o"], "'name=[x': a value as in YAML is needed"),
    ],
)
def test_a_wrong_command_is_refused_with_what_is_allowed(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command("build-pack", words) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_broken_sources_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "What?"}\nnonsense\n')
    (tmp_path / "b.parquet").write_bytes(b"nonsense")
    (tmp_path / "c.jsonl").write_text("{}\n")
    for name, message in {
        "a.jsonl": "line 2",
        "b.parquet": "cannot be read",
        "c.jsonl": "neither pictures nor questions",
    }.items():
        assert run_command("build-pack", ["name=x", f"source={tmp_path / name}", f"output={tmp_path / 'o'}"]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_help_is_a_command_away(tmp_path: Path) -> None:
    done = run_python("-m", "dcvlr.decontaminate", "build", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "python -m dcvlr.decontaminate build name=mathvista" in done.stdout
