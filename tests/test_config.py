"""Every wrong value is refused with its key, its value and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from dcvlr.config import build, compose, keep_config, reach_as_in, saved_plan
from dcvlr.errors import ConfigError

WRONG = {
    "bins_ratio=[0.5,0.4,0.2]": r"bins_ratio=\[0.5, 0.4, 0.2\].*sum to 1 are allowed, or null, they sum to 1.1",
    "bins_ratio=[0.5,0.5]": r"bins_ratio=.*3 shares for bins A, B, C",
    "bins_ratio=[1.5,-0.5,0]": r"bins_ratio=.*not negative",
    "num_images=0": r"num_images=0: a whole number from 1 or null is allowed",
    "num_images=many": r"num_images='many': a whole number from 1 or null is allowed",
    "dataset_size=-3": r"dataset_size=-3: a whole number from 1 or null is allowed",
    "seed=x": r"seed='x': a whole number",
    "seed=99999999999999999999": r"seed=99999999999999999999: a whole number of at most 64 bits",
    "stages=[filtering,colouring]": r"'colouring'; known stages: \['filtering', 'decontamination', 'binning'",
    "stages=[filtering,source]": r"stages names 'source'; known stages",
    "stages=[]": r"stages=\[\]: a list is needed",
    "filtering.nsfw_threshold=1.5": r"filtering.nsfw_threshold=1.5: a number from 0 to 1 or null is allowed",
    "filtering.nsfw_threshold=high": r"filtering.nsfw_threshold='high': a number from 0 to 1 or null is allowed",
    "filtering.nsfw_threshold=nan": r"filtering.nsfw_threshold=nan: a number from 0 to 1 or null is allowed",
    "binning.text_area_threshold=null": r"binning.text_area_threshold=null: a number from 0 to 1 is allowed",
    "binning.similarity=abc": r"binning.similarity='abc': it is chosen as binning/similarity=clip; there are clip, ",
    "binning.ocr=null": r"binning.ocr=null: it is chosen as binning/ocr=deepseek_ocr; there are deepseek_ocr, ",
    "binning.ocr.min_score=null": r"binning.ocr.min_score=null: a number from 0 to 1 is allowed",
    "binning.detector.max_regions=nan": r"binning.detector.max_regions=nan: a whole number from 1 is allowed",
    "binning.display_details=abc": r"binning.display_details='abc': true or false is allowed",
    "synthesis.use_full_features=abc": r"synthesis.use_full_features='abc': true or false is allowed",
    "synthesis.generator.wording.file=en_us": r"synthesis.generator.wording.file='en_us': there is en, or a file",
    "synthesis.generator.sight.max_count=null": r"sight.max_count=null: a whole number from 1 is allowed",
    "synthesis.generator.batch=1.5": r"synthesis.generator.batch=1.5: a whole number from 1 is allowed",
    "validation.checks.steps.min_steps=null": r"validation.checks.steps.min_steps=null: a whole number from 0 to 100",
    "stages=[filtering,binning,synthesis,validation] dataset_size=9": r"dataset_size=9: selection cuts to size",
    "stages=[selection] selection=student selection.quotas=[{from:0,to:9,share:1}]": (
        r"selection\.quotas=.* <= student\.samples \(8\)"
    ),
    "stages=[selection] selection.quotas=[{from:0,to:x,share:1}]": r"selection.quotas=.*a mapping to a number",
    "stages=[selection] selection=student llm@selection.student.llm=nobody": r"nobody",
    "stages=[selection] selection=student selection.student.samples=0": r"selection.student.samples=0: ",
    "stages=[selection] selection=hard selection.student.tolerance=2": r"tolerance=2: ",
    "stages=[selection] selection=hard selection.student.prompt=nonsense": r"prompt",
    "stages=[decontamination] decontamination.packs=5": r"decontamination.packs=5: ",
    "stages=[decontamination] decontamination.packs=[a] decontamination.phash_threshold=x": r"phash_threshold='x': ",
    "runtime.chunk_size=abc": r"runtime.chunk_size='abc': a whole number from 1 is allowed",
    "runtime.lease_s=nan": r"runtime.lease_s=nan: a number above 0 is allowed",
    "runtime.max_restarts=null": r"runtime.max_restarts=null: a whole number from 0 is allowed",
    "+runtime.speed=1": r"runtime.speed=1: there is no such setting; there are num_processes",
    "images_dir=5": r"images_dir=5: a folder or null is allowed; quote a name that is a number",
    "output_dir=5": r"output_dir=5: a folder is allowed",
    "output_dir=null": r"output_dir=null: a folder is allowed",
    "device=cud": r"cuda:<number> is allowed; did you mean 'cuda'",
    "report=ful": r"report='ful': full, light or none is allowed; did you mean 'full'",
    "device=potato": r"device='potato': auto, cpu, mps, cuda or cuda:<number> is allowed",
    "source=null": r"source=null: one of chartqa, folder, geo170k, ",
    "~source._target_": r"source",
    "filtering/nsfw=none filtering.nsfw_threshold=0.3": (
        r"filtering\.nsfw_threshold=0\.3: it does nothing while filtering\.nsfw is off: "
        r"choose filtering/nsfw=nudenet \(there are nudenet, opennsfw, vit\), or leave it out"
    ),
    "filtering.watermark_threshold=0.2": r"watermark_threshold=0\.2: it does nothing while filtering\.watermark is off",
    "filtering/dedup=[exact] filtering.phash_threshold=4": r"nothing without filtering\.dedup\.phash: choose filt",
    "binning.clip_similarity_threshold=0.3": r"binning\.similarity is off: choose binning/similarity=clip \(there are ",
    "selection.min_teacher_agreeing=1": r"nothing while selection\.teacher is off: choose selection/teacher=model",
    "filtering.phash_threshold=99": r"filtering.phash_threshold=99",
    "binning.text_area_threshold=2": r"binning.text_area_threshold=2: a number from 0 to 1 is allowed",
    "runtime.num_processes=0": r"runtime.num_processes=0: a whole number from 1",
    "filtering.nsfw_treshold=0.3": r"nsfw_treshold",
    "+filtering.surprise=1": r"filtering.surprise=1: there is no such setting; there are .*nsfw_threshold",
    "+surprise=1": r"unknown key 'surprise'; known keys: .*images_dir",
    "binning/ocr=tesseract": r"tesseract",
    "filtering/nsfw=nothing": r"nothing",
    "source._target_=os.system": r"source._target_='os.system': only dataclasses inside dcvlr are built from a config",
    "source._target_=dcvlr.rundir.files.write_json": r"source._target_='dcvlr.rundir.files.write_json': only",
    "output_dir=''": r"output_dir='': a folder is allowed",
    "verbose=loud": r"verbose='loud': true or false",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ConfigError, match=WRONG[wrong]):
        build(compose(["images_dir=somewhere", *wrong.split()]))


def test_stages_in_a_wrong_order_are_refused_before_work() -> None:
    plan = build(compose(["images_dir=somewhere", "stages=[binning,synthesis,filtering]"]))
    with pytest.raises(
        ConfigError, match="filtering takes ImageRecord records but is handed Qa records: put it at the beginning"
    ):
        plan.check()


def test_an_export_without_a_dataset_is_refused() -> None:
    plan = build(compose(["images_dir=somewhere", "stages=[filtering]", "export=[jsonl]"]))
    with pytest.raises(ConfigError, match=r"export=\['jsonl'\] needs a dataset"):
        plan.check()


def test_no_key_is_ever_in_the_config() -> None:
    text = OmegaConf.to_yaml(compose(["images_dir=somewhere"])).lower()
    assert "api_key:" not in text
    assert "token:" not in text


def test_null_for_what_is_off_and_a_threshold_of_what_is_on_pass() -> None:
    off = compose(["filtering/nsfw=none", "filtering.nsfw_threshold=null", "filtering.watermark_threshold=null"])
    assert off.filtering.nsfw is None
    packs = compose(["filtering/dedup=none", "filtering.phash_threshold=4", "filtering.against=[mathvista.jsonl]"])
    assert packs.filtering.phash_threshold == 4
    marked = compose(["filtering/watermark=edges", "filtering.watermark_threshold=0.2"])
    assert marked.filtering.watermark_threshold == 0.2


def test_a_whole_mapping_takes_the_place_of_the_one_that_is_there() -> None:
    words = ["images_dir=x", "synthesis/generator=openai", "synthesis.generator.answer_types={short_text: 1}"]
    composed = compose([*words, "synthesis.generator.llm={model: tiny}"])
    assert composed.synthesis.generator.answer_types == {"short_text": 1}
    assert composed.synthesis.generator.llm.model == "tiny"
    assert composed.synthesis.generator.llm.timeout_s > 0


@pytest.mark.parametrize("content", [b"a: [1", b"\xff\xfe\x00", b"- a list", b"7"])
def test_a_config_that_a_run_kept_and_that_was_damaged_is_named(content: bytes, tmp_path: Path) -> None:
    saved = tmp_path / ".hydra" / "config.yaml"
    saved.parent.mkdir()
    saved.write_bytes(content)
    for read in (reach_as_in, saved_plan):
        with pytest.raises(ConfigError, match=r"\.hydra/config\.yaml is no config: repeat the run's command"):
            read(tmp_path)


def test_a_config_that_another_version_kept_is_named(tmp_path: Path) -> None:
    cfg = compose()
    del cfg.filtering.min_entropy
    keep_config(cfg, [], tmp_path)
    with pytest.raises(ConfigError, match=r"\.hydra/config\.yaml: filtering\.min_entropy=.* another version of dcvlr"):
        saved_plan(tmp_path)
