from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path

import pytest
from contracts.sources import SourceContract
from source.local_repos import checked_and_run, lines, picture, repo, run, source

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.protocols import Source
from dcvlr.source.huggingface.huggingface import HuggingFace

pytestmark = pytest.mark.slow

datasets = pytest.importorskip("datasets", reason="extra hf is not installed")
datasets.disable_progress_bars()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


class TestParquet(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        made = repo(tmp_path / "org", image=[picture(n) for n in (3, 1, 2, 1)], question=["a", "b", "c", "d"])
        return source(made, tmp_path / "images")


class TestStream(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        made = repo(tmp_path / "org", image=[picture(n) for n in (3, 1, 2, 1)], question=["a", "b", "c", "d"])
        return source(made, tmp_path / "images", "source.streaming=true")


def test_chartqa_gives_each_picture_once_and_every_question_a_line(tmp_path: Path) -> None:
    charts = [picture(1), picture(1), picture(2)]
    made = repo(
        tmp_path / "ChartQA",
        image=charts,
        query=["How high?", "How low?", "Which?"],
        label=[["14"], ["2.5"], ["Yes", "yes"]],
        human_or_machine=[0, 1, 1],
    )
    (made / "README.md").write_text("---\nlicense: gpl-3.0\n---\n# ChartQA\n")
    images, entries = run(source(made, tmp_path / "images"), tmp_path)
    assert entries == []
    assert {Path(image.path).read_bytes() for image in images} == {picture(1), picture(2)}
    assert {image.dataset for image in images} == {"ChartQA"}
    first, second, third = lines(tmp_path / "images/ChartQA")
    assert first == {
        "file_name": f"{digest(picture(1))}.png",
        "original": None,
        "question": "How high?",
        "choices": None,
        "answer": "14",
        "answers": ["14"],
        "row": 0,
        "row_id": None,
        "split": "train",
        "licence": "gpl-3.0",
        "dataset": "ChartQA",
        "pictures": 1,
        "columns": {"label": ["14"], "human_or_machine": 0},
    }
    assert (second["file_name"], second["question"], second["answer"]) == (first["file_name"], "How low?", "2.5")
    assert (third["answer"], third["answers"]) == ("Yes", ["Yes", "yes"])


def test_scienceqa_leaves_out_rows_without_image_and_answers_with_the_choice(tmp_path: Path) -> None:
    made = repo(
        tmp_path / "ScienceQA",
        image=[None, picture(1), picture(2), picture(3)],
        question=["q0", "q1", "q2", "q3"],
        choices=[["a", "b"], ["cat", "dog"], ["5", "7", "9"], ["x", "y"]],
        answer=[0, 1, 2, 9],
        hint=["", "look", "", ""],
        solution=["s0", "s1", "s2", "s3"],
    )
    asked = source(made, tmp_path / "images")
    images, _ = run(asked, tmp_path)
    assert len(images) == 3
    note = asked.download()
    assert (note.rows, note.pictures, note.without_image, note.questions, note.answers) == (4, 3, 1, 3, 2)
    found = lines(tmp_path / "images/ScienceQA")
    assert [line["row"] for line in found] == [1, 2, 3]
    assert [line["answer"] for line in found] == ["dog", "9", None]
    assert found[0]["choices"] == ["cat", "dog"]
    assert found[0]["columns"] == {"choices": ["cat", "dog"], "answer": 1, "hint": "look", "solution": "s1"}


def test_geo170k_has_its_own_split_and_its_pictures_in_a_zip(tmp_path: Path) -> None:
    made = tmp_path / "Geo170K"
    made.mkdir()
    talk = [{"from": "human", "value": "<image>\nFind x."}, {"from": "gpt", "value": "x is 5. Answer: B"}]
    rows = [{"image": f"geo3k/{n}.jpg", "conversations": talk} for n in range(3)]
    rows.append({"image": "../../secret.jpg", "conversations": talk})
    (made / "qa_tuning.json").write_text(json.dumps(rows))
    (made / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: qa_tuning\n    path: qa_tuning.json\n---\n"
    )
    (tmp_path / "secret.jpg").write_bytes(picture(9, "JPEG"))
    with zipfile.ZipFile(made / "images.zip", "w") as archive:
        archive.writestr("images/geo3k/0.jpg", picture(0, "JPEG"))
        archive.writestr("images/geo3k/1.jpg", picture(1, "JPEG"))
        archive.writestr("../evil.jpg", picture(7, "JPEG"))
    with pytest.raises(ConfigError, match=r"source.split='train': .*Geo170K has the splits qa_tuning"):
        source(made, tmp_path / "images").check_ready()
    recipe = build(compose(["source=geo170k", f"source.dataset={made}", f"source.folder={tmp_path / 'images'}"])).source
    assert isinstance(recipe, HuggingFace)
    images, entries = run(recipe, tmp_path)
    assert {Path(image.path).read_bytes() for image in images} == {picture(0, "JPEG"), picture(1, "JPEG")}
    assert [(line["question"], line["answer"], line["original"]) for line in lines(tmp_path / "images/Geo170K")] == [
        ("Find x.", "x is 5. Answer: B", "geo3k/0.jpg"),
        ("Find x.", "x is 5. Answer: B", "geo3k/1.jpg"),
    ]
    assert [(entry.verdict, entry.path, entry.reasons) for entry in entries] == [
        ("rejected", "geo3k/2.jpg", ("missing",)),
        ("rejected", "../../secret.jpg", ("missing",)),
    ]
    assert not list(tmp_path.rglob("evil*"))


def test_mathv360k_is_one_json_beside_a_zip(tmp_path: Path) -> None:
    made = tmp_path / "MathV360K"
    made.mkdir()
    talk = [{"from": "human", "value": "Hint: read.\n<image>\nHow many?"}, {"from": "gpt", "value": "3"}]
    rows = [{"id": f"m{n}", "image": f"a/{n}.png", "conversations": talk} for n in range(2)]
    (made / "all_tuning.json").write_text(json.dumps(rows))
    with zipfile.ZipFile(made / "data_images.zip", "w") as archive:
        for index in range(2):
            archive.writestr(f"a/{index}.png", picture(index))
    recipe = build(
        compose(["source=mathv360k", f"source.dataset={made}", f"source.folder={tmp_path / 'images'}"])
    ).source
    assert isinstance(recipe, HuggingFace)
    assert len(run(recipe, tmp_path)[0]) == 2
    first = lines(tmp_path / "images/MathV360K")[0]
    assert (first["question"], first["answer"], first["row_id"]) == ("Hint: read.\n\nHow many?", "3", "m0")


def test_walton_loses_its_image_token_and_keeps_its_solution_raw(tmp_path: Path) -> None:
    solution = "<think>2+2</think><answer>4</answer>"
    made = repo(tmp_path / "walton", image=[picture(1)], problem=["<image>What is <b>2</b>+2?"], solution=[solution])
    run(source(made, tmp_path / "images"), tmp_path)
    (line,) = lines(tmp_path / "images/walton")
    assert (line["question"], line["answer"]) == ("What is <b>2</b>+2?", solution)


def test_bytes_base64_paths_and_lists_are_pictures_as_they_are(tmp_path: Path) -> None:
    jpeg, webp, gif = picture(1, "JPEG"), picture(2, "WEBP"), picture(3, "GIF")
    made = tmp_path / "mixed"
    (made / "pics").mkdir(parents=True)
    (made / "pics/three.gif").write_bytes(gif)
    values = [base64.b64encode(jpeg).decode(), f"data:image/webp;base64,{base64.b64encode(webp).decode()}"]
    rows = [{"picture": value, "problem": "?"} for value in [*values, "pics/three.gif", "", "pics/none.gif"]]
    (made / "train.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    asked = source(made, tmp_path / "images", "source.data_files=train.jsonl")
    images, entries = run(asked, tmp_path)
    assert {Path(image.path).suffix: Path(image.path).read_bytes() for image in images} == {
        ".jpg": jpeg,
        ".webp": webp,
        ".gif": gif,
    }
    assert [entry.path for entry in entries] == ["pics/none.gif"]
    assert asked.download().without_image == 1


def test_a_question_about_several_pictures_says_so(tmp_path: Path) -> None:
    made = tmp_path / "many"
    (made / "data").mkdir(parents=True)
    features = datasets.Features({"images": datasets.List(datasets.Image()), "question": datasets.Value("string")})
    pair = [{"bytes": picture(n), "path": f"{n}.png"} for n in (1, 2)]
    table = datasets.Dataset.from_dict({"images": [pair, pair[:1], []], "question": ["both?", "one?", "none?"]})
    table.cast(features).to_parquet(str(made / "data/train-00000-of-00001.parquet"))
    run(source(made, tmp_path / "images"), tmp_path)
    assert [(line["row"], line["pictures"], line["original"]) for line in lines(tmp_path / "images/many")] == [
        (0, 2, "1.png"),
        (0, 2, "2.png"),
        (1, 1, "1.png"),
    ]


def test_a_broken_picture_is_kept_as_a_file_for_the_filters(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1), b"no picture at all"])
    asked = source(made, tmp_path / "images")
    images, _ = run(asked, tmp_path)
    assert b"no picture at all" in {Path(image.path).read_bytes() for image in images}
    assert asked.download().broken == 1


def test_nothing_outside_the_dataset_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture(5))
    made = tmp_path / "evil"
    made.mkdir()
    names = ["ok.png", str(tmp_path / "secret.png"), "../secret.png", "file:///etc/passwd"]
    (made / "ok.png").write_bytes(picture(1))
    (made / "train.jsonl").write_text("\n".join(json.dumps({"image": name}) for name in names))
    images, entries = run(source(made, tmp_path / "images", "source.data_files=train.jsonl"), tmp_path)
    assert [Path(image.path).read_bytes() for image in images] == [picture(1)]
    assert [entry.path for entry in entries] == names[1:]


def test_a_dry_run_counts_rows_and_writes_nothing(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1)] * 3)
    for settings, count in (([], 3), (["source.max_rows=2"], 2), (["num_images=1"], 1), (["source.max_rows=9"], 3)):
        asked = source(made, tmp_path / "images", *settings)
        asked.check_ready()
        assert asked.count() == count
    assert not (tmp_path / "images").exists()


WRONG = {
    "source.split=val": r"source.split='val': .*org has the splits train",
    "source.config_name=hard": r"source.config_name='hard': .*org has the configurations default",
    "source.image_column=photo": r"source.image_column='photo': .*org has the columns image, question",
    "source.answer_column=gold": r"source.answer_column='gold': .*org has the columns image, question",
    "source.archive=pics.zip": r"source.archive='pics.zip': no such file in .*org; it has no zip archive",
    "source.dataset=./nowhere": r"source.dataset='./nowhere': there is no such folder",
    "source.dataset=null": r"source.dataset=null: give source.dataset=<org/name",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_name_is_refused_with_what_there_is(wrong: str, tmp_path: Path) -> None:
    made = tmp_path / "org"
    made.mkdir()
    (made / "train.jsonl").write_text(json.dumps({"image": "pics/a.png", "question": "?"}))
    asked = source(made, tmp_path / "images", wrong)
    with pytest.raises(ConfigError, match=WRONG[wrong]):
        checked_and_run(asked, tmp_path)


def test_a_dataset_without_pictures_is_refused_with_its_columns(tmp_path: Path) -> None:
    made = tmp_path / "org"
    made.mkdir()
    (made / "train.jsonl").write_text(json.dumps({"text": "a", "n": 1}))
    with pytest.raises(ConfigError, match=r"columns text, n: name one with source.image_column=<column>"):
        run(source(made, tmp_path / "images"), tmp_path)


@pytest.mark.parametrize(
    ("setting", "message"),
    [("max_rows=0", "max_rows=0"), ("url_timeout_s=0.0", "source.url_timeout_s=0.0: a number above 0 is allowed")],
)
def test_a_number_out_of_range_is_refused(setting: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        source("a/b", tmp_path, f"source.{setting}")


def test_offline_names_the_dataset_the_cache_and_the_way_without_network(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"'org/name' at revision 'main' is not in the cache .*HF_HUB_OFFLINE.*source=f"
    ):
        source("org/name", tmp_path / "images").check_ready()
