"""`python -m dcvlr.export_images`, against a small hub on loopback and without any network."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from forked import run_python
from PIL import Image
from source.loopback import hub

from dcvlr.cli.export_images import NAMED, main, parse
from dcvlr.cli.main import run_command
from dcvlr.errors import ConfigError

pytestmark = pytest.mark.slow

pytest.importorskip("datasets", reason="extra hf is not installed")

CARD = """---
license: cc-by-nc-4.0
configs:
- config_name: default
  data_files:
  - split: qa_tuning
    path: qa_tuning.json
  - split: alignment
    path: alignment.json
---
"""


def picture(index: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (12, 10), (index * 40, 0, 99)).save(file, "PNG")
    return file.getvalue()


def geo170k(folder: Path) -> Path:
    """Laid out like the repository: two JSON splits, none named train, and a zip of the pictures."""
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    talk = [{"from": "human", "value": "<image>\nFind x."}, {"from": "gpt", "value": "Answer: 5"}]
    for name in ("qa_tuning", "alignment"):
        rows = [{"image": f"geo3k/{index}.png", "conversations": talk} for index in range(4)]
        (folder / f"{name}.json").write_text(json.dumps(rows))
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for index in range(3):
            archive.writestr(f"geo3k/{index}.png", picture(index))
    return folder


def export(home: Path, *words: str, **environment: str) -> CompletedProcess[str]:
    env = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "1", **environment}
    return run_python("-m", "dcvlr.export_images", *words, env=env, timeout_s=120.0)


def test_a_dataset_of_the_hub_is_fetched_exported_and_read_offline_later(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with hub("Luckyjhg/Geo170K", geo170k(tmp_path / "repo")) as server:
        done = export(home, "datasets=[geo170k,chartqa]", f"output_dir={tmp_path / 'data'}", HF_ENDPOINT=server.url)
        again = export(home, "datasets=[geo170k]", f"output_dir={tmp_path / 'data'}", HF_ENDPOINT=server.url)
    assert done.returncode == 2, done.stderr  # this hub has no ChartQA; the other went on
    assert "dcvlr: chartqa: source.dataset='HuggingFaceM4/ChartQA': the hub has no such dataset" in done.stderr
    row = next(line for line in done.stdout.splitlines() if "geo170k" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        *("geo170k", "qa_tuning", "4", "3", "0", "1", "0", "3", "3", "cc-by-nc-4.0")
    ]
    assert "the first that could not be had is 'geo3k/3.png'" in done.stderr
    train = tmp_path / "data/Luckyjhg__Geo170K/train"
    assert {path.read_bytes() for path in train.glob("*.png")} == {picture(index) for index in range(3)}
    assert again.returncode == 1  # one picture is lost for good
    assert "reading" not in again.stderr
    offline = export(home, "datasets=geo170k", f"output_dir={tmp_path / 'other'}", HF_HUB_OFFLINE="1")
    assert offline.returncode == 1, offline.stderr
    lines = [(folder / "Luckyjhg__Geo170K/train/metadata.jsonl").read_text() for folder in tmp_path.glob("[do][at]*")]
    assert len(lines) == 2
    assert lines[0] == lines[1]


def test_a_stream_from_the_hub_fetches_what_it_reads(tmp_path: Path) -> None:
    with hub("Luckyjhg/Geo170K", geo170k(tmp_path / "repo")) as server:
        words = ["datasets=geo170k", f"output_dir={tmp_path / 'data'}", "streaming=true", "max_rows=2"]
        done = export(tmp_path / "home", *words, HF_ENDPOINT=server.url)
        assert done.returncode == 0, done.stderr
        assert not [path for path in server.asked if path.endswith("/alignment.json")]
    assert len(list((tmp_path / "data/Luckyjhg__Geo170K/train").glob("*.png"))) == 2


def test_a_missing_network_is_one_line_per_dataset(tmp_path: Path) -> None:
    words = ["datasets=[chartqa,walton]", f"output_dir={tmp_path / 'data'}"]
    done = export(tmp_path / "home", *words, HF_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("dcvlr: chartqa: source.dataset='HuggingFaceM4/ChartQA' cannot be fetched")
    assert second.startswith("dcvlr: walton: source.dataset='oumi-ai/walton-multimodal-cold-start-r1-format' cannot be")
    assert "source=folder" in first
    assert not (tmp_path / "data").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "train.jsonl").write_text('{"image": "a.png"}\n')
    words = ["datasets=huggingface", f"dataset={tmp_path / 'org'}", f"output_dir={tmp_path / 'data'}"]
    assert main([*words, "dry_run=true", "max_rows=7"]) == 0
    assert " 7 " in capsys.readouterr().out
    assert not (tmp_path / "data").exists()


def test_all_names_all_seven_and_settings_hold_for_each() -> None:
    wanted, overrides = parse(["datasets=all", "max_rows=5", "output_dir=my data"])
    assert wanted.names == list(NAMED)
    assert overrides == ["source.max_rows=5", "source.folder='my data'"]
    assert parse(["datasets=walton chartqa,walton"])[0].names == ["walton", "chartqa"]


def test_nothing_is_fetched_unless_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"datasets is not set: names of chartqa, .*, or all"):
        parse(["max_rows=5"])
    (geo170k(tmp_path / "repo") / "more.bin").write_bytes(bytes(3_000_000))
    with hub("Luckyjhg/Geo170K", tmp_path / "repo") as server:
        done = export(tmp_path / "home", HF_ENDPOINT=server.url)
    assert done.returncode == 0, done.stderr
    rows = {line.split("│")[1].strip(): line for line in done.stdout.splitlines() if line.startswith("│")}
    assert list(rows) == list(NAMED)
    assert [cell.strip() for cell in rows["geo170k"].split("│")[2:5]] == ["Luckyjhg/Geo170K", "qa_tuning", "3 MB"]
    assert "the hub does not say" in rows["walton"]
    assert not list(tmp_path.glob("home/hub/datasets--*"))
    assert not (tmp_path / "outputs").exists()


def test_a_lost_picture_ends_with_1_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "there.png").write_bytes(picture(1))
    rows = [{"image": name, "question": "Q?", "answer": "A"} for name in ("there.png", "gone.png")]
    (tmp_path / "org" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["datasets=huggingface", f"dataset={tmp_path / 'org'}", f"output_dir={tmp_path / 'data'}"]
    assert main(words) == 1
    assert "huggingface: 1 pictures are lost, first 'gone.png'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nonsense=3", r"'nonsense=3': <key>=<value> is allowed, with a key of .*datasets.*output_dir"),
        ("chartqa", r"'chartqa': <key>=<value> is allowed"),
        ("datasets=[chartqa,docvqa]", r"datasets=\['chartqa', 'docvqa'\]: names of chartqa, scienceqa"),
        ("datasets=[]", r"datasets=\[\]: names of"),
        ("dry_run=maybe", r"dry_run='maybe': true or false"),
    ],
)
def test_a_wrong_word_is_refused(word: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse([word] if word.startswith("datasets=") else ["datasets=all", word])


def test_wrong_settings_end_with_2_and_help_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("export-images", ["datasets=[chartqa]", "max_rows=many"]) == 2
    assert "max_rows='many'" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "datasets=[chartqa,scienceqa]" in capsys.readouterr().out
