from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import ended_process

from dcvlr.records import Evidence, Qa, to_json
from dcvlr.rundir.files import Folder, atomic_write, scratch_folder
from dcvlr.rundir.processes import this_process

TEXT = st.text(max_size=20)
BOX = st.tuples(*[st.floats(0, 9999, width=32)] * 4)
EVIDENCE = st.builds(
    Evidence, kind=st.sampled_from(["text", "object", "pixels", "caption"]), ref=TEXT, box=st.none() | BOX, text=TEXT
)
QAS = st.builds(
    Qa,
    id=TEXT,
    image=TEXT,
    image_id=TEXT,
    dataset=TEXT,
    bin=st.sampled_from(["A", "B", "C"]),
    question=TEXT,
    options=st.none() | st.lists(TEXT, max_size=4).map(tuple),
    answer=TEXT,
    reasoning=TEXT,
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    generator=TEXT,
    created_from=st.sampled_from(["full features", "caption only", "image"]),
    seed=st.integers(-(2**31), 2**31),
)


@given(st.lists(QAS, max_size=5))
def test_records_come_back_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, qas: list[Qa]) -> None:
    folder = Folder(tmp_path_factory.mktemp("lines"))
    assert folder.write_lines("qa.jsonl", qas) == len(qas)
    lines = folder.read_lines("qa.jsonl", Qa)
    assert list(lines) == qas
    assert len(lines) == len(qas)
    assert [lines[i] for i in range(len(qas))] == qas
    assert lines[1:] == qas[1:]


def test_negative_indices_and_the_end_of_lines(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write_lines("n.jsonl", [1, 2, 3])
    lines = folder.read_lines("n.jsonl", int)
    assert lines[-1] == 3
    with pytest.raises(IndexError):
        lines[3]


def test_an_atomic_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(b"old")

    def half_written() -> None:
        with atomic_write(path) as file:
            file.write(b"new")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        half_written()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.json"]


@pytest.mark.usefixtures("small_files_only")
@pytest.mark.parametrize("blocks", [[b"." * 200_000], [b"." * 1_000] * 101])
def test_the_error_of_a_full_disk_names_the_file(tmp_path: Path, blocks: list[bytes]) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(OSError, match=rf"File too large: '{path}'"), atomic_write(path) as file:
        file.writelines(blocks)
    assert not list(tmp_path.iterdir())


def test_a_large_file_that_the_disk_writes_while_more_comes_is_whole(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a.jsonl") as file:
        for digit in b"0123":
            file.write(bytes([digit]) * 10_000_000)
    assert (tmp_path / "a.jsonl").read_bytes() == b"".join(bytes([digit]) * 10_000_000 for digit in b"0123")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_the_error_of_another_full_disk_does_not_name_the_file(tmp_path: Path) -> None:
    full = Path("/dev/full")
    with pytest.raises(OSError, match=r"No space left on device$"), atomic_write(tmp_path / "a.json"):
        full.write_bytes(b"{}")
    assert not list(tmp_path.iterdir())


def test_lines_can_be_read_while_the_file_is_replaced(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write_lines("n.jsonl", range(5))
    reading = iter(folder.read_lines("n.jsonl", int))
    assert next(reading) == 0
    folder.write_lines("n.jsonl", [])
    assert list(reading) == [1, 2, 3, 4]


def test_a_record_is_json_with_its_field_names() -> None:
    evidence = Evidence(kind="text", ref="T1", box=(0.0, 1.5, 2.0, 3.0), text="é")
    expected = '{"kind":"text","ref":"T1","box":[0.0,1.5,2.0,3.0],"text":"é"}'
    assert to_json(evidence) == expected.encode()


class User:
    """Who needs a scratch folder."""


def test_scratch_folders_of_killed_processes_go_with_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = {f"dcvlr.{this_process()}.b", "dcvlr.other.c", "dcvlr.x"}
    for name in (f"dcvlr.{ended_process()}.a", *kept):
        (tmp_path / name / "intermediate").mkdir(parents=True)
    user = User()
    folder = scratch_folder(user)
    assert {path.name for path in tmp_path.iterdir()} == kept | {folder.name}
    del user
    gc.collect()
    assert {path.name for path in tmp_path.iterdir()} == kept
