"""Lists of records that are in a temporary file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from dcvlr.errors import DcvlrError
from dcvlr.records import ImageRecord
from dcvlr.rundir.record_list import InStep, RecordList, Subsequence, encoded, in_order, within


def image(number: int) -> ImageRecord:
    return ImageRecord(id=f"{number:032x}", path=f"/p/é{number}.png", dataset="d", copies=("/x",) * (number % 2))


MANY = [image(number) for number in range(1000)]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 1000])
def test_a_record_list_is_what_was_put_into_it(count: int) -> None:
    records = RecordList(ImageRecord, MANY[:count])
    assert list(records) == MANY[:count]
    assert records == MANY[:count]
    assert len(records) == count
    assert [records[row] for row in range(-count, 0)] == MANY[:count]
    assert records[3:900:97] == MANY[:count][3:900:97]
    with pytest.raises(IndexError):
        records[count]
    records.append(MANY[7])
    records.extend(MANY[9:80])
    assert list(records) == [*MANY[:count], MANY[7], *MANY[9:80]]


def test_records_that_another_process_encoded_stand_between_those_that_were_put_in_here() -> None:
    records = RecordList(ImageRecord, MANY[:3])
    records.add(encoded([]))
    records.add(encoded(MANY[3:73]))
    records.extend(MANY[73:200])
    records.add(encoded(MANY[200:201]))
    records.append(MANY[201])
    assert list(records) == MANY[:202]
    assert len(records) == 202
    assert [records[row] for row in range(202)] == MANY[:202]
    assert list(records.at([2, 3, 66, 67, 72, 73, 199, 200, 201, 0])) == [
        MANY[row] for row in (2, 3, 66, 67, 72, 73, 199, 200, 201, 0)
    ]
    with pytest.raises(IndexError):
        records[202]


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (0, 1), (1, 3), (2, 70), (64, 67), (60, 260), (199, 260), (260, 260)]
)
def test_a_slice_of_a_list_is_that_of_a_list_in_memory(start: int, end: int) -> None:
    records = RecordList(ImageRecord, MANY[:3])
    records.add(encoded(MANY[3:73]))
    records.extend(MANY[73:260])
    assert records[start:end] == MANY[:260][start:end]
    assert Subsequence(records, range(260))[start:end] == MANY[:260][start:end]
    assert Subsequence(records, range(259, -1, -1))[start:end] == MANY[259::-1][start:end]


def test_records_about_some_rows_are_found_among_those_about_a_few_of_all() -> None:
    rows = [0, 3, 4, 100, 101, 4095, 4096, 9999]
    for records in (rows, RecordList(int, rows)):
        found = [list(within(records, some, int)) for some in (range(4), range(4, 5), range(5, 99), range(100, 4096))]
        assert found == [[0, 3], [4], [], [100, 101, 4095]]
        assert list(within(records, range(9999, 12000), int)) == [9999]
    assert list(within(RecordList(int), range(10), int)) == []


def test_two_lists_that_differ_in_one_record_are_not_equal() -> None:
    assert RecordList(ImageRecord, MANY) == RecordList(ImageRecord, MANY)
    assert RecordList(ImageRecord, MANY) != [*MANY[:70], MANY[71], *MANY[71:]]
    assert RecordList(ImageRecord, MANY) != MANY[:-1]


def test_chosen_records_of_chosen_records_are_those_of_the_list() -> None:
    chosen = Subsequence(Subsequence(RecordList(ImageRecord, MANY), range(0, 1000, 3)), [1, 2, 5, 300])
    assert list(chosen) == [MANY[3], MANY[6], MANY[15], MANY[900]]
    assert chosen[1:3] == [MANY[6], MANY[15]]
    assert chosen[-1] == MANY[900]
    assert chosen == [MANY[3], MANY[6], MANY[15], MANY[900]]
    assert chosen != [MANY[3], MANY[6], MANY[15], MANY[901]]


def test_rows_in_any_order_and_more_than_are_looked_for_at_a_time() -> None:
    rows = [row * 37 % 1000 for row in range(2500)]
    records = RecordList(ImageRecord, MANY)
    assert list(records.at(rows)) == [MANY[row] for row in rows]
    assert list(Subsequence(records, rows)) == [MANY[row] for row in rows]
    assert list(records.at([])) == []


def test_a_list_without_room_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    monkeypatch.setattr("dcvlr.rundir.record_list.TemporaryFile", lambda: Path("/dev/full").open("wb"))  # noqa: SIM115
    with pytest.raises(DcvlrError, match="set TMPDIR to a larger disk"):
        RecordList(ImageRecord, MANY)


def test_a_list_that_found_no_room_goes_on_with_all_it_holds_once_there_is_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = RecordList(ImageRecord)
    with monkeypatch.context() as no_room:
        no_room.setattr(tempfile, "tempdir", None)
        no_room.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/none"])
        for some in (MANY, MANY[64:65], []):
            with pytest.raises(DcvlrError):
                records.extend(some)
        with pytest.raises(DcvlrError):
            records.append(MANY[64])
    records.extend(MANY[64:])
    assert list(records) == MANY


def test_a_machine_without_a_temporary_folder_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/none"])
    with pytest.raises(DcvlrError, match=r"No usable temporary directory .*: set TMPDIR to a larger disk"):
        RecordList(ImageRecord, MANY)


def test_records_are_sorted_as_a_list_is_however_many_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dcvlr.rundir.record_list._SORTED_AT_ONCE", 7)
    mixed = [MANY[row * 37 % 1000] for row in range(1000)]
    by_kind = in_order(ImageRecord, mixed, key=lambda one: one.copies)
    assert list(by_kind) == [*(one for one in mixed if not one.copies), *(one for one in mixed if one.copies)]
    assert in_order(ImageRecord, mixed, key=lambda one: one.id) == MANY
    assert list(in_order(str, [], key=str)) == []


def test_records_of_several_sources_are_found_as_their_items_go_by() -> None:
    in_step = InStep([MANY[1::5], [], MANY[2::5]], lambda one: one.id)
    found = [in_step.of(one.id) for one in MANY]
    assert found == [one if row % 5 in (1, 2) else None for row, one in enumerate(MANY)]


def test_sorting_opens_two_files_however_many_parts_it_sorts(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def counted() -> Any:
        opened.append(tempfile.TemporaryFile())  # noqa: SIM115
        return opened[-1]

    monkeypatch.setattr("dcvlr.rundir.record_list.TemporaryFile", counted)
    monkeypatch.setattr("dcvlr.rundir.record_list._SORTED_AT_ONCE", 64)
    assert in_order(ImageRecord, MANY[::-1], key=lambda one: one.id) == MANY
    assert len(opened) == 2
