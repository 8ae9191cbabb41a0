from __future__ import annotations

import json
from pathlib import Path

import pytest

from dcvlr.cli.audit import main
from dcvlr.config import compose, keep_config
from dcvlr.errors import ConfigError
from dcvlr.identity import file_digest
from dcvlr.records import Finding, Flagged, LedgerEntry, Qa
from dcvlr.report.audit import AuditLine, auc, audit, kappa, read_judgements, wilson
from dcvlr.rundir.files import write_json, write_lines


def qa(name: str, kind: str, bin_name: str = "A") -> Qa:
    return Qa(
        id=name,
        image="a.png",
        image_id="0" * 32,
        dataset="made",
        bin=bin_name,
        question="How much is the tea?",
        options=None,
        answer="1.80",
        reasoning="1. The tea is 1.80.",
        evidence=(),
        generator=kind,
        created_from="full features",
        seed=0,
    )


def judged(*verdicts: tuple[str, str], auditor: str = "ann") -> list[AuditLine]:
    return [AuditLine(id=name, verdict=verdict, auditor=auditor) for name, verdict in verdicts]


def test_wilsons_interval_is_that_of_his_formula() -> None:
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(0, 5) == pytest.approx((0.0, 0.4345), abs=1e-4)
    assert wilson(5, 5)[1] == 1.0


def test_kappa_is_agreement_beyond_chance() -> None:
    # Cohen's own kind of example: 20 and 15 agreed, 5 and 10 not, of 50.
    pairs = [("right", "right")] * 20 + [("right", "wrong")] * 5 + [("wrong", "right")] * 10 + [("wrong", "wrong")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("right", "right")] * 3) is None


def test_precision_leaves_out_what_is_unclear_and_is_told_per_bin_and_kind() -> None:
    dataset = [qa("q1", "sum"), qa("q2", "sum"), qa("q3", "read", "B")]
    result = audit(judged(("q1", "right"), ("q2", "wrong"), ("q3", "unclear")), dataset, [])
    assert (result.overall.right, result.overall.wrong, result.overall.unclear) == (1, 1, 1)
    assert result.overall.share == 0.5
    assert [(row.name, row.share) for row in result.bins] == [("A", 0.5), ("B", None)]
    assert [(row.name, row.right, row.wrong) for row in result.kinds] == [("read", 0, 0), ("sum", 1, 1)]


def test_of_one_auditors_verdicts_on_a_question_the_last_counts() -> None:
    lines = judged(("q1", "wrong"), ("q2", "right"), ("q1", "right"), ("q2", "right"))
    lines += judged(("q1", "wrong"), auditor="bob")
    result = audit(lines, [qa("q1", "sum"), qa("q2", "sum")], [])
    assert (result.overall.right, result.overall.wrong) == (2, 1)
    assert [(pair.both, pair.same) for pair in result.agreements] == [(1, 0)]


def test_a_check_that_flagged_is_held_to_what_people_said() -> None:
    finding = Finding(name="blind", passed=True, reason="solved without the picture in 3 of 4 replies")
    entry = Flagged(id="q2", image="a.png", findings=(finding,))
    result = audit(judged(("q1", "right"), ("q2", "wrong")), [qa("q1", "sum"), qa("q2", "sum")], [entry])
    assert [(row.name, row.right, row.wrong) for row in result.flagged] == [("blind", 0, 1)]


def test_what_a_check_refused_and_people_call_right_is_told() -> None:
    entry = LedgerEntry(
        stage="validation",
        verdict="rejected",
        kind="qa",
        id="q3",
        path="a.png",
        dataset="made",
        reasons=("grounding",),
        findings=(),
        record=qa("q3", "sum"),
    )
    result = audit(judged(("q1", "right"), ("q3", "right")), [qa("q1", "sum")], [], [entry])
    assert (result.overall.right, result.overall.share) == (1, 1.0)
    assert [(row.name, row.right, row.wrong) for row in result.refused] == [("grounding", 1, 0)]


def test_a_value_of_a_check_is_held_to_what_people_said() -> None:
    # 3 right with 0.9, 0.8, 0.4; 2 wrong with 0.4, 0.1: of 6 pairs 5 in order and one tie
    names, verdicts = ["q1", "q2", "q3", "q4", "q5"], ["right", "right", "right", "wrong", "wrong"]
    values = {name: {"judge": value, "same": 1.0} for name, value in zip(names, [0.9, 0.8, 0.4, 0.4, 0.1], strict=True)}
    values["q6"] = {"judge": 0.9, "same": 0.0}  # nobody can tell: it is held to nothing
    dataset = [qa(name, "sum") for name in values]
    said = judged(*zip(names, verdicts, strict=True), ("q6", "unclear"))
    (found,) = audit(said, dataset, [], values=values).calibration
    assert (found.name, found.auc) == ("judge", pytest.approx(5.5 / 6))
    assert [(row.name, row.right, row.wrong) for row in found.groups] == [("0.1 to 0.4", 1, 2), ("0.8 to 0.9", 2, 0)]
    assert auc([1.0], []) is None


def test_two_auditors_are_compared_where_both_judged() -> None:
    dataset = [qa("q1", "sum"), qa("q2", "sum"), qa("q3", "sum")]
    others = judged(("q1", "right"), ("q2", "right"), auditor="bob")
    result = audit([*judged(("q1", "right"), ("q2", "wrong"), ("q3", "right")), *others], dataset, [])
    (pair,) = result.agreements
    assert (pair.auditors, pair.both, pair.same, pair.kappa) == (("ann", "bob"), 2, 1, 0.0)


def test_a_file_of_another_run_and_a_broken_line_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none of 1 judged questions is in this run's dataset"):
        audit(judged(("q9", "right")), [qa("q1", "sum")], [])
    (tmp_path / "bad.jsonl").write_text(
        '{"id":"q1","verdict":"right","auditor":"ann"}\n{"id":"q1","verdict":"maybe"}\n'
    )
    with pytest.raises(ConfigError, match=r"bad\.jsonl:2 is no line of an audit"):
        read_judgements([tmp_path / "bad.jsonl"])


@pytest.mark.parametrize(
    ("detail", "linked", "words"),
    [
        pytest.param("light", [True], "report.html", marks=pytest.mark.slow),
        ("none", [], "none, as the run had report=none"),
    ],
)
def test_the_command_writes_the_report_that_the_run_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], detail: str, linked: list[bool], words: str
) -> None:
    write_lines(tmp_path / "synthetic_qa_dataset.jsonl", [qa("q1", "sum")])
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made", "python": "3.11"})
    keep_config(compose([f"report={detail}"]), [], tmp_path)
    write_lines(tmp_path / "ann.jsonl", judged(("q1", "right")))
    assert main([str(tmp_path), str(tmp_path / "ann.jsonl")]) == 0
    assert f"audit.json; report: {words}" in capsys.readouterr().out.replace(f"{tmp_path}/", "")
    assert ['"linked":true' in page.read_text() for page in tmp_path.glob("report.html")] == linked


def test_the_command_keeps_its_result_and_shows_it_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(tmp_path / "synthetic_qa_dataset.jsonl", [qa("q1", "sum"), qa("q2", "sum")])
    files = {"export/jsonl/README.md": "of before", "rejected.jsonl": "as it was"}
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made", "python": "3.11", "files": files})
    write_lines(tmp_path / "ann.jsonl", judged(("q1", "right"), ("q2", "right")))
    card = tmp_path / "export" / "jsonl" / "README.md"
    card.parent.mkdir(parents=True)
    card.write_text("# A card\n\n## Limits\n\nSome.\n")
    for _ in range(2):  # the second takes the place of the first
        assert main([str(tmp_path), str(tmp_path / "ann.jsonl")]) == 0
        assert "100.0 %" in capsys.readouterr().out
    assert card.read_text().startswith("# A card\n\n## Limits\n\nSome.\n\n## Audit\n\nPeople judged")
    assert card.read_text().count("## Audit") == card.read_text().count("| `all` | 2 | 0 | 0 | 100.0 % |") == 1
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["files"] == {"export/jsonl/README.md": file_digest(card), "rejected.jsonl": "as it was"}
    assert manifest["status"] == "complete"
    assert '"audit":{"overall":{"name":"all","right":2' in (tmp_path / "report.html").read_text()
