from __future__ import annotations

from pathlib import Path

import pytest
from contracts.checks import CheckContract, qa

from dcvlr.cli.build_pack import main
from dcvlr.decontamination.pack import Header, Pack, write_pack
from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Qa
from dcvlr.validation.checks.benchmarks import Benchmarks

ASKED = "How many red cars are left of the big tree?"


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("benchmark")
    (folder / "test.jsonl").write_text(f'{{"id": 4, "question": "{ASKED}"}}\n{{"id": 5, "question": "What is it?"}}\n')
    output = folder / "pack.jsonl"
    assert main(["name=bench", f"source={folder / 'test.jsonl'}", f"output={output}"]) == 0
    return str(output)


class TestBenchmarks(CheckContract):
    @pytest.fixture
    def check(self, pack: str) -> Check:
        return Benchmarks(packs=[pack], threshold=0.7, containment=0.9, min_words=8)

    def test_a_bad_question_gets_a_no(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        (finding,) = check([qa(question=ASKED)], memo)
        assert (finding.passed, finding.value, finding.threshold) == (False, 1.0, 0.9)
        assert finding.reason == "holds test.jsonl#4 of the benchmark bench"

    def test_nearly_the_same_question_is_the_same(self, check: Check, memo: Memo) -> None:
        near = qa(question="How many red cars are left of the big house?")
        assert [finding.value for finding in check([near], memo)] == [0.7778]
        assert not check([near], memo)[0].passed

    def test_another_one_and_what_everybody_asks_is_not(self, check: Check, memo: Memo) -> None:
        others = [qa(question="How many blue buses are right of the small house?"), qa(question="What is it?")]
        assert [finding.passed for finding in check(others, memo)] == [True, True]

    def test_the_threshold_is_the_callers(self, pack: str, memo: Memo) -> None:
        near = qa(question="How many red cars are left of the big house?")
        assert Benchmarks(packs=[pack], threshold=0.8, containment=0.9, min_words=8)([near], memo)[0].passed
        assert Benchmarks(packs=[pack], threshold=0.7, containment=0.9, min_words=12)([near], memo)[0].passed

    def test_a_question_of_as_many_words_as_are_needed_is_compared(self, pack: str, memo: Memo) -> None:
        for words, passed in ((10, False), (11, True)):
            check = Benchmarks(packs=[pack], threshold=0.7, containment=0.9, min_words=words)
            assert check([qa(question=ASKED)], memo)[0].passed is passed

    def test_what_holds_all_of_a_benchmark_question_is_it(self, pack: str, memo: Memo) -> None:
        check = Benchmarks(packs=[pack], threshold=0.7, containment=1.0, min_words=8)
        hinted = f"Hint: Please answer the question and provide the final value at the end. Question: {ASKED}"
        assert check([qa(question=hinted)], memo)[0].reason == "holds test.jsonl#4 of the benchmark bench"

    def test_missing_packs_are_found_before_work_starts(self, pack: str, tmp_path: Path) -> None:
        Benchmarks(packs=[pack], threshold=0.7, containment=0.9, min_words=8).check_ready()
        with pytest.raises(ConfigError, match=r"packs=\[\]"):
            Benchmarks(packs=[], threshold=0.7, containment=0.9, min_words=8).check_ready()
        with pytest.raises(ConfigError, match="cannot be read"):
            Benchmarks(packs=[str(tmp_path / "none")], threshold=0.7, containment=0.9, min_words=8).check_ready()
        with pytest.raises(ConfigError, match=r"threshold=0.0: a number from 0.1 to 1"):
            Benchmarks(packs=[pack], threshold=0.0, containment=0.9, min_words=8)

    def test_a_pack_without_questions_rejects_nothing(self, memo: Memo, tmp_path: Path) -> None:
        write_pack(tmp_path / "p", Pack(Header(name="b", words=3, statistics=""), []))
        check = Benchmarks(packs=[str(tmp_path / "p")], threshold=0.7, containment=0.9, min_words=1)
        assert check([qa(question=ASKED)], memo)[0].passed

    @pytest.mark.parametrize(
        "question",
        [
            f"Hint: Please answer the question and provide the final value at the end. Question: {ASKED}",
            f"{ASKED} Choices: (A) one (B) two (C) three (D) four (E) none of these answers is right",
        ],
    )
    def test_what_stands_around_a_benchmark_question_hides_it_not(
        self, check: Check, memo: Memo, question: str
    ) -> None:
        (finding,) = check([qa(question=question)], memo)
        assert (finding.passed, finding.value, finding.threshold) == (False, 1.0, 0.9)
        assert finding.reason == "holds test.jsonl#4 of the benchmark bench"
