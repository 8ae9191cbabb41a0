from __future__ import annotations

import json
from dataclasses import replace as replace_origin
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.exporters import picture, qa
from msgspec.structs import replace

from dcvlr.config import build, compose, conf_dir, make
from dcvlr.export.card import Origin, dataset_card
from dcvlr.export.csv import Csv
from dcvlr.export.loading import card_of_export
from dcvlr.identity import describe
from dcvlr.records import Qa

RESULTS = {"filtered_count": 3, "bins": {"A": 2, "B": 1, "C": 0}, "validated_qa": 3}
OCR = {"name": "my_ocr", "revision": 2, "fields": {"min_score": 0.6, "weights": "/home/me/w"}}
NONE = {"name": "filtering", "revision": None, "fields": {"nsfw": None, "nsfw_threshold": 0.5}}
BINNING = {"name": "binning", "revision": None, "fields": {"ocr": OCR, "min_boxes": 2}}
PROMPTED = {"name": "synthesis", "revision": None, "fields": {"ocr": OCR, "prompt": "Ask `a|b`:\n" + "x" * 200}}
ORIGIN = Origin(parts={"filtering": NONE, "binning": BINNING, "synthesis": PROMPTED}, results=RESULTS)


@pytest.fixture
def qas(tmp_path: Path) -> list[Qa]:
    red = picture(tmp_path / "shop/train/red.png")
    blue = picture(tmp_path / "shop/train/blue.png", "blue")
    green = picture(tmp_path / "web/train/green.png", "green")
    return [
        qa(red, 1),
        qa(red, 2, options=("1", "2"), answer="1", bin="B"),
        qa(blue, 3),
        qa(green, 4, dataset="we|b", generator="openai/deepseek"),
    ]


def states(folder: Path, **licences: str | None) -> None:
    lines = [{"file_name": f"{name}.png", "licence": licence} for name, licence in licences.items()]
    (folder / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def front_matter(card: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return loaded


def test_a_card_counts_by_bin_family_and_dataset(qas: list[Qa]) -> None:
    card = dataset_card(qas, ORIGIN)
    assert "4 questions (1 multiple choice, 3 open) about 3 pictures" in card
    assert "filtered_count 3, bins A 2, B 1, C 0, validated_qa 3." in card
    assert "| `A` | 3 |\n| `B` | 1 |" in card
    assert "| `computed/sum_pair` | 3 |\n| `openai/deepseek` | 1 |" in card
    assert "| `shop/receipts` | 3 | 2 | `unknown` (2) |\n| `we\\|b` | 1 | 1 | `unknown` (1) |" in card
    assert front_matter(card) == {
        "license": "unknown",
        "task_categories": ["visual-question-answering"],
        "size_categories": ["n<1K"],
        "tags": ["synthetic", "dcvlr"],
    }


def test_licences_are_those_that_the_metadata_of_the_exported_pictures_states(qas: list[Qa], tmp_path: Path) -> None:
    states(tmp_path / "shop/train", red="cc-by-4.0", blue=None, other="gpl-3.0")
    states(tmp_path / "web/train", green="MIT")
    card = dataset_card(qas, ORIGIN)
    assert "| `shop/receipts` | 3 | 2 | `cc-by-4.0` (1), `unknown` (1) |" in card
    assert "| `we\\|b` | 1 | 1 | `MIT` (1) |" in card
    assert "gpl" not in card
    assert front_matter(card)["license"] == "unknown"


def test_licences_are_also_those_of_the_rows_of_pictures_here_and_at_urls(qas: list[Qa], tmp_path: Path) -> None:
    url = "https://host/set/red.png?version=2"
    rows = [{"file_name": qas[0].image, "licence": "MIT"}, {"file_name": url, "license": "cc0-1.0"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    states(tmp_path / "shop/train", red="gpl-3.0")  # what the source wrote comes first
    records = [qas[0], replace(qas[3], image=url)]
    card = dataset_card(records, replace_origin(ORIGIN, row_files=[str(tmp_path / "rows.jsonl")]))
    assert "| `shop/receipts` | 1 | 1 | `MIT` (1) |" in card
    assert "| `we\\|b` | 1 | 1 | `cc0-1.0` (1) |" in card
    assert front_matter(card)["license"] == ["cc0-1.0", "mit"]


def test_a_url_is_no_folder_of_this_machine(qas: list[Qa], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "https:/host/set").mkdir(parents=True)
    states(tmp_path / "https:/host/set", red="MIT")
    monkeypatch.chdir(tmp_path)
    assert "`unknown` (1)" in dataset_card([replace(qas[0], image="https://host/set/red.png")], ORIGIN)


@pytest.mark.parametrize(
    ("red", "green", "stated"),
    [
        ("cc-by-4.0", "cc-by-4.0", "cc-by-4.0"),
        ("MIT", "cc0-1.0", ["cc0-1.0", "mit"]),
        ("ask the museum", "cc0-1.0", "other"),
    ],
)
def test_the_hub_is_told_a_licence_only_where_all_are_known(
    qas: list[Qa], tmp_path: Path, red: str, green: str, stated: object
) -> None:
    states(tmp_path / "shop/train", red=red, blue=red)
    states(tmp_path / "web/train", green=green)
    assert front_matter(dataset_card(qas, ORIGIN))["license"] == stated


def test_broken_metadata_makes_licences_unknown_and_is_named(
    qas: list[Qa], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "shop/train/metadata.jsonl").write_bytes(
        b'{"file_name": "red.png", "license": "mit"}\n\n{"file_na\n[1]\n{"file_name": ["x"], "licence": 3}\n'
    )
    assert "`mit` (1), `unknown` (1)" in dataset_card(qas, ORIGIN)
    assert [record.args[1] for record in caplog.records if isinstance(record.args, tuple)] == [3, 4]


def test_back_ends_and_thresholds_are_shown_by_key_and_folders_are_not(qas: list[Qa], tmp_path: Path) -> None:
    card = dataset_card(qas, ORIGIN)
    model = "code revision 2, `min_score` `0.6`, `weights` `…/w`"
    assert f"| `binning.ocr`, `synthesis.ocr` | `my_ocr` | {model} |" in card
    assert "| `filtering.nsfw_threshold` | `0.5` |" in card
    assert "| `binning.min_boxes` | `2` |" in card
    assert "| `synthesis.prompt` | ``Ask `a\\|b`: xxx" in card
    assert "x… (211 characters)`` |" in card
    assert "/home/me" not in card
    assert str(tmp_path) not in card


def test_limits_say_what_was_not_done(qas: list[Qa]) -> None:
    card = dataset_card(qas, ORIGIN)
    assert "No filter for unsafe pictures was on." in card
    assert "Language models wrote questions" in card
    filtered = {**NONE, "fields": {"nsfw": OCR}}
    computed = dataset_card(qas[:3], Origin(parts={"filtering": filtered}, results=RESULTS))
    assert "unsafe" not in computed
    assert "Language models wrote" not in computed


def test_an_empty_dataset_has_a_card() -> None:
    card = dataset_card([], ORIGIN)
    assert "0 questions about 0 pictures" in card
    assert front_matter(card)["license"] == "unknown"


def test_the_order_of_questions_does_not_matter(qas: list[Qa]) -> None:
    assert dataset_card(qas, ORIGIN) == dataset_card(qas[::-1], ORIGIN)


def test_a_name_cannot_break_out_of_its_cell(qas: list[Qa]) -> None:
    card = dataset_card([replace(qas[0], dataset="a` | b\n# Free")], ORIGIN)
    assert "| ``a` \\| b # Free`` | 1 | 1 | `unknown` (1) |" in card


def test_a_name_steers_no_terminal_that_shows_the_card(qas: list[Qa]) -> None:
    card = dataset_card([replace(qas[0], dataset="ev\x1b[31mil\u202e")], ORIGIN)
    assert r"`ev\x1b[31mil\u202e`" in card
    assert card.replace("\n", "").isprintable()


@pytest.mark.slow
def test_a_whole_run_can_be_described(qas: list[Qa]) -> None:
    plan = build(compose(["source=samples", "output_dir=/srv/secret/place"]))
    parts = {"source": plan.source, **plan.stages}
    card = dataset_card(qas, Origin(parts={key: describe(part) for key, part in parts.items()}, results=RESULTS))
    assert "| `filtering.nsfw_threshold` | `0.5` |" in card
    assert "| `validation.checks.lengths.min_question_words` | `4` |" in card
    assert "`synthesis.ocr`" in card
    assert "/srv/secret" not in card


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in (Path(conf_dir()) / "export").glob("*.yaml")))
def test_a_folder_loads_as_its_questions(name: str, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
    shown = [picture(tmp_path / "p.png"), picture(tmp_path / "q.png", "blue")]
    records = [qa(shown[0], 1, question="How many are there?"), qa(shown[1], 2, options=("12.50", "9"))]
    (exporter,) = make(compose([f"export=[{name}]"]), "export").values()
    exporter(records, tmp_path / "out")
    card = card_of_export(dataset_card(records, ORIGIN), exporter, tmp_path / "out")
    (tmp_path / "out" / "README.md").write_text(card)
    assert front_matter(card)["configs"][0]["config_name"] == "default"
    rows = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(rows) == 2
    assert "How many are there?" in str(rows[0])
    if name in PICTURES_LOADED:
        value = rows[1][PICTURES_LOADED[name]]
        assert (value[0] if isinstance(value, list) else value).size == (12, 8)


PICTURES_LOADED = {
    "hf_datasets": "image",
    "jsonl": "image",
    "parquet": "image",
    "rl": "images",
    "trl": "images",
    "webdataset": "png",
}


@pytest.mark.slow
def test_json_lines_load_with_all_pictures_and_with_columns_that_the_first_lines_leave_empty(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
    red, blue = picture(tmp_path / "red.png"), picture(tmp_path / "blue.png", "blue")
    one = tmp_path / "one"
    exporter = make(compose(["export=[jsonl]"]), "export")["jsonl"]
    exporter([qa(red, 1)], one)
    assert "metadata_filenames" not in card_of_export("---\nx: 1\n---\n", exporter, one)  # JSON to `datasets`
    two = qa(red).pictures + qa(blue).pictures
    empty = [qa(red, index, reasoning="1. " + "x" * 100_000) for index in range(110)]  # more than 10 MB
    records = [*empty, qa(red, 110, images=two, options=("1", "2"), answer="1", passes=3)]
    exporter(records, tmp_path / "out")
    (tmp_path / "out" / "README.md").write_text(card_of_export("---\nx: 1\n---\n", exporter, tmp_path / "out"))
    rows = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    first, last = rows[0], rows[110]
    assert (first["passes"], first["options"], len(first["images"])) == (None, None, 1)
    assert (last["passes"], last["options"]) == (3, ["1", "2"])
    assert [shown.getpixel((0, 0)) for shown in last["images"]] == [(255, 0, 0), (0, 0, 255)]
    assert set(rows.column_names) == set(Qa.__struct_fields__)


def test_a_folder_without_rows_has_the_card_as_it_is(tmp_path: Path) -> None:
    assert card_of_export("---\nx: 1\n---\n", Csv(byte_order_mark=False), tmp_path) == "---\nx: 1\n---\n"


def test_a_card_shows_one_record_of_each_bin_and_names_the_language(qas: list[Qa]) -> None:
    language = {"name": "language", "revision": None, "fields": {"language": "de"}}
    parts = {"validation": {"name": "validation", "revision": None, "fields": {"checks": {"language": language}}}}
    card = dataset_card(
        [*qas, qa(Path(qas[0].image), 0, question="Why ```?\n# Free\u202e")], Origin(parts=parts, results={})
    )
    assert front_matter(card)["language"] == ["de"]
    assert "````text\nbin A, id q0\n\nWhy ```?\n# Free\\u202e\n\n1. " in card
    assert 'bin B, id q2\n\nWhat is printed beside "Total"?\nA. 1\nB. 2\n\n1. ' in card
    assert "Answer: 12.50\n````\n" in card
    assert "id q3" not in card
