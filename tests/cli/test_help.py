"""What the command line says to somebody who asks or mistypes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from forked import run_python

from dcvlr.cli.help import full_help
from dcvlr.cli.schema import config_schema
from dcvlr.config import build, compose, conf_dir
from dcvlr.errors import ConfigError
from dcvlr.settings.mistyped import flag_for_key, mistyped, without_noise

MISTYPED = {
    "filtering.nsfw_treshold=1": "there is no key 'filtering.nsfw_treshold'; did you mean 'filtering.nsfw_threshold'?",
    "bining/ocr=rapidocr": "'bining/ocr' is no config group; did you mean 'binning/ocr'?",
    "preset=embeded": "; did you mean 'embedded'?",
    "validation/checks=[proof,sovle]": "; did you mean 'solve'?",
    "binning.ocr.min_scor=2": "; did you mean 'binning.ocr.min_score'?",
    "binning.ocr.rapidocr.min_score=0.5": "there is no key 'binning.ocr.rapidocr.min_score'",
    "synthesis.qa_per_image=2": "did you mean 'synthesis.generator.qa_per_image'?",
    "qqqqq=1": "there is no key 'qqqqq'",
    "binning/ocr=null": "binning/ocr=null: one of deepseek_ocr, paddleocr, paddleocr_server, rapidocr is allowed",
    "filtering/dedup=null": "is allowed; did you mean 'none'?",
    "binning/ocr=[rapidocr,paddleocr]": "binning/ocr=[rapidocr,paddleocr]: one of them is allowed",
    "bins_ratio={A: 0.5}": "bins_ratio={'A': 0.5}: a list is needed, such as [0.4, 0.4, 0.2]",
    "synthesis.generator.shares=[number]": "a mapping is needed, with keys such as operations, yes_no",
    "validation.checks=[lengths]": "options are chosen with a slash, validation/checks=[lengths]",
    "validation=null": "validation=null: a stage is left out by naming the others, as stages=[filtering,binning]",
    "binning": "'binning' is no override: <key>=<value> is needed",
    "=3": "'=3' is no override: <key>=<value> is needed",
}

PARTS = {
    "binning.ocr=paddleocr": "binning.ocr='paddleocr': it is chosen as binning/ocr=paddleocr; there are deepseek_ocr, ",
    "binning.ocr=null": "binning.ocr=null: it is chosen as binning/ocr=deepseek_ocr; there are deepseek_ocr, paddleocr",
    "synthesis.generator.llm=vllm": "it is chosen as llm@synthesis.generator.llm=vllm; there are deepseek, openai",
}


@pytest.mark.parametrize("word", MISTYPED)
def test_a_mistyped_key_group_or_option_is_named_with_what_may_be_meant(word: str) -> None:
    with pytest.raises(ConfigError) as raised:
        compose([word])
    assert MISTYPED[word] in str(raised.value)
    assert "+" not in str(raised.value)


@pytest.mark.parametrize("word", PARTS)
def test_a_part_that_is_given_as_a_value_says_how_it_is_chosen(word: str) -> None:
    with pytest.raises(ConfigError) as raised:
        build(compose(["synthesis/generator=openai", word]))
    assert PARTS[word] in str(raised.value)


def test_a_flag_that_is_a_key_says_how_it_is_typed() -> None:
    conf = Path(conf_dir())
    assert flag_for_key(["--images-dir", "data"], conf) == (
        "'--images-dir' is no flag: settings are typed as images_dir=data"
    )
    assert flag_for_key(["seed=1", "--verbose"], conf) == (
        "'--verbose' is no flag: settings are typed as verbose=<value>"
    )
    assert flag_for_key(["-m", "seed=1,2", "--cfg", "job", "--multirun"], conf) is None


def test_a_key_of_an_option_that_is_not_chosen_says_how_to_choose_it() -> None:
    with pytest.raises(
        ConfigError, match=r"validation/checks does not have 'solve'; \+validation/checks=\[solve\] adds it"
    ):
        compose(["validation.checks.solve.solver.samples=2"])


def test_a_key_of_a_chosen_option_is_known() -> None:
    words = ["binning/detector=yolo", "binning.detector.model=yolov8n", "+hydra.verbose=true"]
    assert mistyped(words, Path(conf_dir())) is None
    assert mistyped(["images_dir=[broken"], Path(conf_dir())) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["hydra/launcher=slurm", "hydra.launcher.partitionn=x"],
            "there is no key 'hydra.launcher.partitionn'; did you mean 'hydra.launcher.partition'?",
        ),
        (
            ["hydra/launcher=slurm", "hydra.launcher.sbatch.qos=x"],
            "there is no key 'hydra.launcher.sbatch.qos' yet: +hydra.launcher.sbatch.qos=… adds it",
        ),
        (
            ["hydra.launcher.partition=x"],
            "there is no key 'hydra.launcher.partition': hydra/launcher=… chooses one that has it",
        ),
        (["hydra.run.dirr=x"], "there is no key 'hydra.run.dirr'; did you mean 'hydra.run.dir'?"),
        (["hydra/launcher=slurm", "hydra.launcher.partition=x", "hydra.run.dir=y"], None),
        (
            ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
            "hydra/launcher has no 'joblib' without a plug-in of Hydra: pip install hydra-joblib-launcher",
        ),
    ],
)
def test_a_mistyped_key_of_hydra_or_of_a_launcher_is_named(words: list[str], message: str | None) -> None:
    assert mistyped(words, Path(conf_dir())) == message


def test_what_hydra_says_beside_it_leads_nobody_to_a_key_that_nothing_reads() -> None:
    message = "Could not override 'x'.\nTo append to your config use +x=1"
    assert without_noise(message) == "Could not override 'x'."


@pytest.mark.slow
def test_help_is_one_screen_with_every_command_and_head_may_close_it() -> None:
    command = f"{sys.executable} -m dcvlr --help"
    whole = subprocess.run(command.split(), capture_output=True, text=True, check=True).stdout
    assert whole.count("\n") <= 50
    assert max(map(len, whole.splitlines())) <= 120
    for name in ("plan", "status", "explain", "diff", "doctor", "report", "submit", "sweep"):
        assert f"\n  {name} " in whole
    cut = subprocess.run(["bash", "-c", f"{command}-all | head -1"], capture_output=True, text=True, check=True)
    assert (cut.stdout, cut.stderr) == ("# ---- keys of every run\n", "")


@pytest.mark.slow
def test_the_shell_completes_keys_and_options(tmp_path: Path) -> None:
    program = tmp_path / "dcvlr"  # as pip installs it
    program.write_text(f"#!{sys.executable}\nfrom dcvlr.cli.main import main\nmain()\n")
    program.chmod(0o755)
    script = '''eval "$(dcvlr -sc install=bash)"
COMP_LINE="dcvlr $1" COMP_POINT=$((6 + ${#1})) COMP_WORDS=(dcvlr "$1") COMP_CWORD=1
hydra_bash_completion; echo "${COMPREPLY[@]}"'''
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for words, found in (("filtering/nsfw=n", "nudenet"), ("filtering.nsfw_th", "filtering.nsfw_threshold=")):
        command = ["bash", "-c", script, "bash", words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert found in done.stdout, done.stderr


def test_help_for_all_has_every_file_of_conf_with_its_comments() -> None:
    text = full_help()
    assert "# ---- binning/ocr=rapidocr\n" in text
    assert "min_resolution: 224           # pixels of the shorter side" in text


@pytest.mark.slow
def test_a_mistyped_command_is_named() -> None:
    done = run_python("-m", "dcvlr", "explian", "x")
    assert done.returncode == 2
    assert "did you mean 'explain'?" in done.stderr


def test_the_schema_takes_every_option_and_refuses_what_its_class_does_not_have() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra schema")
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    conf = Path(conf_dir())
    checked = 0
    for path in sorted(conf.rglob("*.yaml")):
        node = yaml.safe_load(path.read_text()) or {}
        name = str(node.get("_target_", "")).removeprefix("dcvlr.")
        if name in schema["$defs"]:
            plain = {key: value for key, value in node.items() if key != "defaults"}
            definition = schema["$defs"][name] | {"$defs": schema["$defs"], "required": []}
            validator = jsonschema.Draft202012Validator(definition)  # the schema itself was checked above
            validator.validate(plain)
            assert not validator.is_valid(plain | {"colour": "red"})
            checked += 1
    assert checked >= 5


def test_the_schema_knows_the_keys_of_every_run_and_their_types() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra schema")
    config = yaml.safe_load((Path(conf_dir()) / "config.yaml").read_text())
    run_level = {key: value for key, value in config.items() if key not in ("defaults", "hydra")}
    validator = jsonschema.Draft202012Validator(config_schema())
    validator.validate(run_level)
    assert not set(run_level) - set(config_schema()["properties"])
    for wrong in (
        {"num_images": 0},
        {"seed": "x"},
        {"report": "ful"},
        {"device": "gpu"},
        {"bins_ratio": [2]},
        {"export_to": 1},
    ):
        assert not validator.is_valid(wrong), wrong
