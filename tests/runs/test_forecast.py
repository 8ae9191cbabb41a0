"""From a sample to all: intervals against values worked out by other means, and against outcomes of drawn files."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest
from pictures import make_pictures
from servers import Loopback, Response

from dcvlr.cli.plan import main
from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.runs.forecast import Interval, exactly, lost_to_pairs, share_of_all, sum_over_all
from dcvlr.runs.forecast_lines import forecast_lines
from dcvlr.runs.outlook import ModelOutlook, Outlook
from dcvlr.runs.sample import SampleOutcome, StageYield, forecast, sample_of


@pytest.mark.slow
def test_what_was_looked_at_wholly_is_known() -> None:
    assert share_of_all(7, 10, 10) == exactly(7)
    assert sum_over_all([1, 0, 4], 3) == exactly(5)
    assert lost_to_pairs(3, 10, 10) == exactly(0)


def test_a_share_has_the_interval_of_the_beta_binomial_distribution() -> None:
    # choose(20, k) * beta(k + 5.5, 25.5 - k) / beta(5.5, 5.5) sums to 0.065 up to 4 (0.033 up to 3), 0.967 up to 16.
    assert share_of_all(5, 10, 30) == Interval(low=5 + 4, middle=15, high=5 + 16)


def test_a_sum_has_students_interval() -> None:
    # mean 2, variance 2.5, t(0.95, 4) = 2.1318, 15 others of 20: 40 +- 2.1318 * sqrt(2.5 * 15 * 20 / 5)
    found = sum_over_all([0, 1, 2, 3, 4], 20)
    assert found.middle == 40
    assert found.low == pytest.approx(40 - 2.1318 * 150**0.5, abs=0.01)
    assert found.high == pytest.approx(40 + 2.1318 * 150**0.5, abs=0.01)


def test_pairs_grow_as_the_square_and_a_small_part_tells_nothing_of_them() -> None:
    found = lost_to_pairs(2, 20, 40)
    assert found is not None
    assert found.middle == pytest.approx(2 * (40 * 39 / (20 * 19) - 2))
    assert found.low < found.middle < found.high
    assert lost_to_pairs(2, 20, 1000) is None


def test_a_dataset_grows_no_larger_than_it_may() -> None:
    cut = StageYield(amounts={"1": 5, "2": 5}, bins={}, is_of_questions=True, most=25)
    (row,) = forecast(SampleOutcome(files=2, of=100, stages={"selection": cut}))
    assert (row.total.low, row.total.high) == (25, 25)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [["source=webdataset"], ["source=parquet"], ["source=several", "+source@source.sources.web=webdataset"]],
    ids=["webdataset", "parquet", "one of several"],
)
def test_a_source_that_does_not_know_its_pictures_cannot_be_forecast(words: list[str], tmp_path: Path) -> None:
    plan = build(compose([*words, f"images_dir={tmp_path}"]))
    with pytest.raises(ConfigError, match=r"sample=8: \w+ does not tell how many pictures it has"):
        sample_of(plan, 8, with_paid=False)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_nine_of_ten_outcomes_are_within(share: float) -> None:
    drawn, share_of = random.Random(7), cache(share_of_all)  # of 120 files many draws have as many that are kept
    held = 0
    for _ in range(200):
        files = [int(drawn.random() < share) for _ in range(120)]
        found = share_of(sum(files[:32]), 32, 120)
        held += found.low <= sum(files) <= found.high
    assert held >= 170


def test_a_forecast_is_read_as_a_number_with_its_range() -> None:
    assert str(Interval(low=900, middle=1234.4, high=1500)) == "1,234 (900 to 1,500)"
    assert str(exactly(7)) == "7"
    assert exactly(7).less(Interval(low=1, middle=2, high=9), 1) == Interval(low=1, middle=5, high=6)


@pytest.mark.slow
def test_a_sample_is_measured_for_good_and_says_what_will_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"images_dir={make_pictures(tmp_path / 'images')}", f"output_dir={tmp_path / 'out'}"]
    assert main([*words, "sample=4"]) == 0
    first = capsys.readouterr().out
    before, _, after = first.partition("forecast from 4 of 9 files")
    assert "sample: 4 of 9 files; measuring it costs:\n" in before
    assert re.search(r"rapidocr 0 to [1-4] missing", before)
    assert re.search(r"  filtering: \d \(\d to \d\) pictures\n", after)
    assert re.search(r"  validation: \d+ \(\d+ to \d+\) questions\n", after)
    assert re.search(r"; bins A \d+.*, B 0 \(0 to \d\), C \d+", after)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["checkpoints"]
    assert main([*words, "sample=4"]) == 0
    again = capsys.readouterr().out
    assert "  nothing, all is stored\n" in again
    assert re.search(r"seconds of .*: not known, since of the sample nothing was left", again)
    assert re.search(r"  filtering: .*", again)[0] == re.search(r"  filtering: .*", after)[0]  # type: ignore[index]


def test_two_settings_of_one_model_are_two_models() -> None:
    def model(key: str, stored: int, missing: int) -> ModelOutlook:
        name = key.partition("-")[0]
        return ModelOutlook(stage="s", name=name, key=key, stored=stored, missing=missing, most=missing, weights="")

    part = Outlook(files=10, models=[model("ocr-a", 10, 0), model("ocr-b", 10, 0), model("nsfw-c", 10, 0)])
    whole = Outlook(files=20, models=[model("ocr-a", 10, 10), model("ocr-b", 10, 10), model("nsfw-c", 20, 0)])
    sample = SampleOutcome(files=10, of=20, rates={"ocr-a": 1.0, "ocr-b": 5.0, "nsfw-c": 1.0})
    (line,) = (line for line in forecast_lines(sample, part, whole) if "seconds" in line)
    assert line.endswith("(ocr-a 10, ocr-b 50)")
    assert ": 60 (" in line


@pytest.mark.slow
def test_what_costs_money_is_asked_only_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "k")
    words = [f"images_dir={make_pictures(tmp_path / 'images')}", f"output_dir={tmp_path / 'out'}"]
    llm = "synthesis.generator.llm"
    words += ["synthesis/generator=openai", f"{llm}.model=m", f"{llm}.base_url=http://127.0.0.1:9/v1"]
    assert main([*words, f"{llm}.api_key_env=SOME_KEY", "sample=3"]) == 0
    text = capsys.readouterr().out
    assert (
        "  synthesis and what follows it are left out, since a server asks for a key or money: sample_paid=true" in text
    )
    forecast = text.partition("forecast from")[2]
    assert "  binning: " in forecast
    assert "questions" not in forecast


@pytest.mark.slow
def test_tokens_and_money_of_the_sample_tell_those_of_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("aiohttp", reason="servers are asked through the extra api")
    message = {"role": "assistant", "content": '{"questions": []}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020}
    with Loopback(lambda _: Response(json={"choices": [choice], "usage": usage})) as server:
        llm = "synthesis.generator.llm"
        words = [f"images_dir={make_pictures(tmp_path / 'images')}", f"output_dir={tmp_path / 'out'}"]
        words += ["synthesis/generator=openai", f"{llm}.model=m", f"{llm}.base_url={server.url}/v1"]
        words += [f"{llm}.api_key_env=null", f"{llm}.input_price=2", f"{llm}.output_price=5", "sample=9"]
        assert main([*words, "sample_paid=false"]) == 0
        assert (server.requests, "tokens in" in capsys.readouterr().out) == ([], False)
        assert main([*words, "sample_paid=true"]) == 0
        asked = len(server.requests)
    assert asked >= 5
    text = capsys.readouterr().out
    assert "  synthesis: 0 questions\n" in text
    thousands, money = f"{1000 * asked:,}", f"{asked * (1000 * 2 + 20 * 5) / 1e6:.4g}"
    assert f"  tokens in: {thousands} ({thousands} to {thousands}); the sample's {thousands} is paid\n" in text
    assert f"  money: {money} ({money} to {money}); the sample's {money} is paid\n" in text
