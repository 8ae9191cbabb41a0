from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from binning.marked import BlueIsSimilar, binning, marked, pictures, run
from bins_abc import above, bins_abc

from dcvlr.binning.balance import BalanceLimits
from dcvlr.binning.bins import Bin
from dcvlr.binning.rules import CaptionMatches
from dcvlr.execution.slices import Slices
from dcvlr.identity import digest
from dcvlr.memo.store import ChunkStore
from dcvlr.records import BinCriteria, ImageRecord
from dcvlr.rundir.files import JsonLines, write_lines


def test_pictures_go_where_their_text_and_objects_send_them(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(red=2, blue=5), marked(red=3, blue=6))
    assert run(tmp_path, binning(), records).bins == {"000": "A", "001": "B", "002": "C", "003": "A"}


def test_records_that_are_read_anew_each_time_are_binned_like_a_list_of_them(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(red=2, blue=5))
    write_lines(tmp_path / "records.jsonl", records)
    read = JsonLines(tmp_path / "records.jsonl", ImageRecord)
    assert run(tmp_path, binning(), read).bins == {"000": "A", "001": "B", "002": "C"}


def test_the_detector_looks_only_at_what_is_not_rich_in_text(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=4), marked(blue=6), marked())
    assert run(tmp_path, binning(), records).computed == {"red": 4, "blue": 2}


def test_changed_thresholds_shares_and_balance_need_no_model(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(blue=1), marked())
    run(tmp_path, binning(), records)
    shares = {"bins_ratio": [0.5, 0.25, 0.25], "balance": BalanceLimits(size=None, strict=True)}
    again = run(tmp_path, binning(bins=bins_abc(text_boxes=9, object_count=0), **shares), records[1:])
    assert set(again.computed.values()) <= {0}


def test_each_signal_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(red=1, blue=2), marked())
    run(tmp_path, binning(), records)
    read = Counter[str]()

    def counted(store: ChunkStore, item_ids: Sequence[str]) -> Any:
        read.update(f"{store.folder.name.split('-')[0]} {item_id}" for item_id in item_ids)
        return results(store, item_ids)

    results = ChunkStore.results
    monkeypatch.setattr(ChunkStore, "results", counted)
    run(tmp_path, binning(), records)
    of_blue = {f"blue {record.id}": 1 for record in records[1:]}
    assert read == {f"red {record.id}": 1 for record in records} | of_blue


def test_the_files_say_what_was_measured_and_null_where_nothing_was(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=1, blue=2))
    outcome = run(tmp_path, binning(), records)
    assert outcome.rows("all_binned_images.jsonl") == outcome.rows("bin_A.jsonl") + outcome.rows("bin_C.jsonl")
    assert outcome.rows("bin_B.jsonl") == []
    (rich,), (plain,) = outcome.rows("bin_A.jsonl"), outcome.rows("bin_C.jsonl")
    assert rich == {
        "id": records[0].id,
        "path": records[0].path,
        "dataset": "drawn",
        "bin": "A",
        "num_text_boxes": 3,
        "text_area_ratio": 0.03,
        "num_objects": None,
        "unique_classes": None,
        "spatial_dispersion": None,
        "clip_similarity": None,
        "caption": None,
        "ocr_text": "line at 0\nline at 10\nline at 20",
        "detected_objects": None,
    }
    assert (plain["num_objects"], plain["unique_classes"], plain["spatial_dispersion"]) == (2, None, 0.0)
    assert plain["detected_objects"] == {"region": 2}
    assert outcome.summary == {
        "stage": "binning",
        "bin_distribution": {"A": 1, "B": 0, "C": 1},
        "total_binned": 2,
        "wanted_shares": None,
        "total_with_exact_shares": 2,
        "bins": [
            {
                "name": "A",
                "rules": [
                    rule("num_text_boxes", "lines of text", 2),
                    rule("text_area_ratio", "share of the picture that text covers", 0.2),
                ],
            },
            {
                "name": "B",
                "rules": [
                    rule("unique_classes", "classes of objects", 3),
                    rule("num_objects", "objects", 5),
                    rule("spatial_dispersion", "share of the picture between the objects' centres", 0.3),
                ],
            },
            {"name": "C", "rules": []},
        ],
    }


def rule(name: str, what: str, threshold: float) -> dict[str, Any]:
    return {"name": name, "key": f"binning.{name}", "what": what, "threshold": threshold, "minimum": True}


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_forked_processes_make_the_same_of_slices(rows: int, tmp_path: Path) -> None:
    kinds = [{"red": 3}, {"red": 9}, {"blue": 6}, {"blue": 1}, {"red": 2, "blue": 2}, {"blue": 6, "broken": True}]
    records = pictures(tmp_path, *(marked(**kind, shade=shade) for shade in range(0, 12, 2) for kind in kinds))
    stage = binning(balance=BalanceLimits(size=20, strict=False), similarity=BlueIsSimilar())
    here = run(tmp_path, stage, records)
    written = {path.name: path.read_bytes() for path in here.folder.iterdir()}
    forked = run(tmp_path, stage, records, Slices(rows=rows, processes=3))
    assert {path.name: path.read_bytes() for path in forked.folder.iterdir()} == written
    assert (forked.bins, forked.ledger) == (here.bins, here.ledger)
    counts = {"A": 10, "B": 5, "C": 5, "balance": 4, "clip_similarity": 6, "timeout": 6}
    assert Counter(row["outcome"] for row in here.rows("values.jsonl")) == counts


def test_the_values_of_every_picture_are_written_with_where_it_went(tmp_path: Path) -> None:
    records = pictures(
        tmp_path,
        marked(red=3),
        marked(red=9),
        marked(blue=6),
        marked(blue=1),
        marked(red=2, blue=2),
        marked(broken=True),
    )
    limits = BalanceLimits(size=3, strict=False)
    stage = binning(bins_ratio=[0.4, 0.4, 0.2], balance=limits, similarity=BlueIsSimilar())
    rows = run(tmp_path, stage, records).rows("values.jsonl")
    assert [row["id"] for row in rows] == [record.id for record in records]
    assert [row["outcome"] for row in rows] == ["balance", "A", "B", "clip_similarity", "C", "timeout"]
    boxes = ("num_text_boxes", "num_objects", "clip_similarity")
    assert [tuple(row["values"][name] for name in boxes) for row in rows] == [
        (3, None, None),
        (9, None, None),
        (0, 6, None),
        (0, 1, 0.2),
        (2, 2, 0.4),
        (0, None, None),  # the detector was busy
    ]


def test_another_bin_takes_its_pictures_in_its_turn_and_measures_only_what_it_needs(tmp_path: Path) -> None:
    few = Bin(
        title="a few objects",
        any_of={"count": above("num_objects", 0)},
        requires={"lines": above("num_text_boxes", 0)},
        strongest_by="num_objects",
    )
    a, b, c = bins_abc().items()
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(red=1, blue=1), marked(blue=2), marked())
    outcome = run(tmp_path, binning(bins=dict([a, b, ("D", few), c])), records)
    assert outcome.bins == {"000": "A", "001": "B", "002": "D", "004": "C"}
    (entry,) = outcome.ledger
    assert (Path(entry["path"]).stem, entry["reasons"]) == ("003", ["num_text_boxes"])
    assert outcome.summary["bin_distribution"] == {"A": 1, "B": 1, "D": 1, "C": 1}
    assert [row["id"] for row in outcome.rows("bin_D.jsonl")] == [records[2].id]


@dataclass(frozen=True, kw_only=True)
class HasSimilarity(CaptionMatches):
    """A rule of one's own, which does not hold where there is no similarity."""

    def holds(self, criteria: BinCriteria) -> bool:
        return criteria.clip_similarity is not None


def test_without_a_similarity_model_a_rule_that_needs_a_value_leaves_out_what_has_none(tmp_path: Path) -> None:
    a, (c, rest) = (item for item in bins_abc().items() if item[0] in "AC")
    strict = replace(rest, requires={"similarity": HasSimilarity(threshold=0.5, key="binning.x")})
    records = pictures(tmp_path, marked(red=3), marked(red=1))
    outcome = run(tmp_path, binning(bins=dict([a, (c, strict)])), records)
    assert outcome.bins == {"000": "A"}
    assert [entry["reasons"] for entry in outcome.ledger] == [["clip_similarity"]]


def test_a_full_bin_keeps_its_strongest_and_the_ledger_says_why_the_rest_went(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=9), marked(red=5), marked())
    limits = BalanceLimits(size=3, strict=False)
    outcome = run(tmp_path, binning(bins_ratio=[0.5, 0.25, 0.25], balance=limits), records)
    assert outcome.bins == {"001": "A", "002": "A", "003": "C"}
    (entry,) = outcome.ledger
    assert (entry["stage"], entry["verdict"], entry["reasons"]) == ("binning", "rejected", ["balance"])
    assert [(f["name"], f["value"], f["threshold"]) for f in entry["findings"]] == [
        ("num_text_boxes", 3, 2),
        ("text_area_ratio", 0.03, 0.2),
        ("balance", 0.03, 2),
    ]
    assert outcome.summary["wanted_shares"] == {"A": 0.5, "B": 0.25, "C": 0.25}
    assert outcome.summary["total_with_exact_shares"] == 1


def test_shares_leave_out_no_picture(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=9), marked(red=5), marked())
    outcome = run(tmp_path, binning(bins_ratio=[0.0, 0.5, 0.5]), records)
    assert outcome.bins == {"000": "A", "001": "A", "002": "A", "003": "C"}
    assert outcome.ledger == []


def test_a_caption_that_does_not_fit_sends_a_picture_to_the_ledger(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(blue=1), marked(blue=2), marked(red=3), marked(blue=6))
    outcome = run(tmp_path, binning(similarity=BlueIsSimilar()), records)
    assert outcome.bins == {"001": "C", "002": "A", "003": "B"}
    (plain,) = outcome.rows("bin_C.jsonl")
    assert (plain["caption"], plain["clip_similarity"]) == ("0 red, 2 blue", 0.4)
    (entry,) = outcome.ledger
    assert (entry["reasons"], entry["findings"][-1]["value"]) == (["clip_similarity"], 0.2)


def test_a_broken_file_is_rejected_and_a_busy_model_is_not_held_against_the_picture(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(broken=True), marked(red=3))
    (tmp_path / "junk.png").write_bytes(b"no picture")
    junk = ImageRecord(id=digest(b"no picture"), path=str(tmp_path / "junk.png"), dataset="drawn")
    outcome = run(tmp_path, binning(), [*records, junk])
    assert outcome.bins == {"001": "A"}
    assert {entry["path"]: (entry["verdict"], entry["reasons"]) for entry in outcome.ledger} == {
        junk.path: ("rejected", ["unreadable"]),
        records[0].path: ("unmeasured", ["timeout"]),
    }
