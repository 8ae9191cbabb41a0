from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fakes import Brightness, Darkness, Halves, Item, Raising, grey_picture, greys
from forked import run_python

from dcvlr.errors import DcvlrError
from dcvlr.memo import Memo
from dcvlr.memo.chunks import closed
from dcvlr.memo.store import ChunkStore
from dcvlr.records import Failure, ImageRecord, Score
from dcvlr.rundir.progress import NoProgress


def calls(log: Path) -> list[str]:
    return [line.split()[1] for line in log.read_text().splitlines()] if log.exists() else []


def test_every_image_gets_its_signal(tmp_path: Path) -> None:
    images = [grey_picture(tmp_path / "a.png", 0), grey_picture(tmp_path / "b.png", 51)]
    signals = Memo(tmp_path / "checkpoints").measure(Brightness(), images)
    assert signals[images[0].id] == Score(value=0.0)
    assert signals[images[1].id] == Score(value=0.2)
    assert list(signals) == [images[0].id, images[1].id]


def test_nothing_is_measured_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images, log = greys(tmp_path, 10), tmp_path / "calls"
    first = dict(Memo(tmp_path / "m", chunk_size=4).measure(Brightness(log=str(log)), images))
    with caplog.at_level(logging.INFO, "dcvlr"):
        again = dict(Memo(tmp_path / "m", chunk_size=3).measure(Brightness(log=str(log), batch_size=1), images))
    assert again == first
    assert len(calls(log)) == 10
    assert "brightness: 0 model calls needed, 10 remembered" in caplog.text


def test_another_selection_reuses_every_signal(tmp_path: Path) -> None:
    images, log = greys(tmp_path, 10), tmp_path / "calls"
    model = Brightness(log=str(log))
    Memo(tmp_path / "m", chunk_size=4).measure(model, images[:6])
    Memo(tmp_path / "m", chunk_size=4).measure(model, images[3:])
    assert sorted(calls(log)) == sorted(image.id for image in images)


def test_a_changed_setting_is_measured_anew(tmp_path: Path) -> None:
    images = greys(tmp_path, 2)
    memo = Memo(tmp_path / "m")
    assert memo.measure(Brightness(gain=1.0), images)[images[0].id] == Score(value=0.2353)
    assert memo.measure(Brightness(gain=2.0), images)[images[0].id] == Score(value=0.4706)


def test_a_derived_model_measures_only_its_source(tmp_path: Path) -> None:
    images, log = greys(tmp_path, 3), tmp_path / "calls"
    model = Brightness(log=str(log))
    bright, dark = Memo(tmp_path / "m").measure_together([model, Darkness(brightness=model)], images)
    assert [(bright[i.id].value, dark[i.id].value) for i in images] == [
        (0.2353, 0.7647),
        (0.2392, 0.7608),
        (0.2431, 0.7569),
    ]
    assert len(calls(log)) == 3


def test_models_measured_together_equal_models_measured_alone(tmp_path: Path) -> None:
    images = greys(tmp_path, 7)
    models = [Brightness(gain=1.0), Brightness(gain=2.0), Brightness(max_side=16)]
    together = Memo(tmp_path / "m", chunk_size=3).measure_together(models, images)
    for model, signals in zip(models, together, strict=True):
        assert dict(Memo(tmp_path / "other").measure(model, images)) == dict(signals)


def test_a_broken_picture_is_a_remembered_failure(tmp_path: Path) -> None:
    image = grey_picture(tmp_path / "a.png", 9)
    broken = tmp_path / "b.png"
    broken.write_bytes((tmp_path / "a.png").read_bytes()[:60])
    from dcvlr.identity import digest

    records = [image, ImageRecord(id=digest(broken.read_bytes()), path=str(broken), dataset="greys")]
    Memo(tmp_path / "m").measure(Brightness(), records)
    broken.unlink()  # so only memory can answer
    signals = Memo(tmp_path / "m").measure(Brightness(), records)
    assert isinstance(signals[image.id], Score)
    failure = signals[records[1].id]
    assert isinstance(failure, Failure)
    assert failure.kind == "decode"


def test_a_vanished_picture_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    images = greys(tmp_path, 3)
    content = Path(images[1].path).read_bytes()
    Path(images[1].path).unlink()
    first = Memo(tmp_path / "m").measure(Brightness(), images)
    failure = first[images[1].id]
    assert isinstance(failure, Failure)
    assert failure.kind == "missing"
    Path(images[1].path).write_bytes(content)
    assert Memo(tmp_path / "m").measure(Brightness(), images)[images[1].id] == Score(value=0.2392)


def test_out_of_memory_halves_the_batch_and_goes_on(tmp_path: Path) -> None:
    images, log = greys(tmp_path, 8), tmp_path / "calls"
    signals = Memo(tmp_path / "m").measure(Raising(error=MemoryError, fits=2, batch_size=8, log=str(log)), images)
    assert all(isinstance(signal, Score) for signal in signals.values())
    assert len(calls(log)) == 8 + 4 + 4 + 2 + 2 + 2 + 2  # the batch of 8, of 4, of 2 twice, of 4, …


def test_one_picture_that_breaks_a_model_does_not_cost_the_others(tmp_path: Path) -> None:
    images = [grey_picture(tmp_path / "dark.png", 10), *greys(tmp_path, 5)]
    signals = Memo(tmp_path / "m").measure(Raising(), images)
    failure = signals[images[0].id]
    assert isinstance(failure, Failure)
    assert failure.kind == "model"
    assert all(isinstance(signals[image.id], Score) for image in images[1:])


def test_weather_is_not_remembered(tmp_path: Path) -> None:
    items = [Item(id=f"{i:032d}", value=i) for i in range(5)]
    memo = Memo(tmp_path / "m", chunk_size=2)
    signals = memo.compute(Halves(), items)
    assert signals[items[2].id] == Score(value=1.0)
    assert signals[items[3].id] == Failure(kind="timeout", message="odd")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "m").rglob("*.jsonl"))
    assert b"timeout" not in kept
    assert items[2].id.encode() in kept


def test_a_model_that_fails_on_every_picture_ends_the_run_and_keeps_what_others_found(tmp_path: Path) -> None:
    images = [grey_picture(tmp_path / f"{level}.png", level) for level in range(5)]
    memo = Memo(tmp_path / "m")
    memo.measure(Brightness(), images)
    with pytest.raises(DcvlrError, match=r"raising failed on all of 5 items: RuntimeError: no room"):
        memo.measure(Raising(), images)
    assert not list((tmp_path / "m").rglob("*.lock"))
    assert len(memo.measure(Brightness(), images)) == 5


def dark_and_light(folder: Path, dark: int, light: int) -> list[ImageRecord]:
    """Pictures that `Raising` fails on, and pictures that it does not fail on."""
    levels = [*range(dark), *range(100, 100 + light)]
    return [grey_picture(folder / f"{level}.png", level) for level in levels]


@pytest.mark.parametrize(
    ("dark", "light", "chunk_size"),
    [
        pytest.param(2, 0, 8, id="two failures are too few to tell"),
        pytest.param(7, 1, 8, id="one success among eight shows that it works"),
    ],
)
def test_pictures_that_fail_are_remembered_while_the_model_may_be_sound(
    tmp_path: Path, dark: int, light: int, chunk_size: int
) -> None:
    images = dark_and_light(tmp_path, dark, light)
    signals = Memo(tmp_path / "m", chunk_size=chunk_size).measure(Raising(), images)
    failed = [signal for signal in signals.values() if isinstance(signal, Failure)]
    assert [(failure.kind, failure.message) for failure in failed] == [("model", "RuntimeError: no room")] * dark
    assert len(signals) == dark + light


@pytest.mark.parametrize("count", [3, 8])
def test_a_model_that_fails_on_a_whole_chunk_of_three_or_more_and_never_worked_is_broken(
    tmp_path: Path, count: int
) -> None:
    images = dark_and_light(tmp_path, count, 0)
    with pytest.raises(DcvlrError, match=rf"^raising failed on all of {count} items: RuntimeError: no room$"):
        Memo(tmp_path / "m", chunk_size=32).measure(Raising(), images)
    assert not list((tmp_path / "m").rglob("*.jsonl"))


def test_a_model_that_worked_in_an_earlier_run_is_not_held_to_be_broken(tmp_path: Path) -> None:
    images = dark_and_light(tmp_path, 3, 1)
    Memo(tmp_path / "m", chunk_size=8).measure(Raising(), images[3:])
    signals = Memo(tmp_path / "m", chunk_size=8).measure(Raising(), images)
    assert sum(isinstance(signal, Failure) for signal in signals.values()) == 3


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "footer"])
def test_a_damaged_chunk_is_set_aside_and_computed_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    images = greys(tmp_path, 8)
    first = dict(Memo(tmp_path / "m", chunk_size=4).measure(Brightness(), images))
    chunk = sorted((tmp_path / "m").rglob("*.jsonl"))[1]
    content = chunk.read_bytes()
    damaged = {
        "cut": content[: len(content) // 2],
        "flip": content[:100] + bytes([content[100] ^ 1]) + content[101:],
        "empty": b"",
        "footer": content.rsplit(b"\n", 2)[0] + b"\n",
    }[harm]
    chunk.write_bytes(damaged)
    log = tmp_path / "calls"
    again = dict(Memo(tmp_path / "m", chunk_size=4).measure(Brightness(log=str(log)), images))
    assert again == first
    assert calls(log) == [image.id for image in images[4:]]
    (aside,) = chunk.parent.glob(f"{chunk.name}.*.damaged")
    assert aside.read_bytes() == damaged
    assert f"{chunk} is set aside as {aside.name}: it is damaged" in caplog.text


def test_signals_of_another_type_under_a_good_digest_are_computed_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images = greys(tmp_path, 8)
    first = dict(Memo(tmp_path / "m", chunk_size=4).measure(Brightness(), images))
    chunk = sorted((tmp_path / "m").rglob("*.jsonl"))[1]
    lines = chunk.read_bytes().splitlines(keepends=True)[:-1]
    lines[2] = b'{"id":"%s","signal":{"text":"no score"}}\n' % images[6].id.encode()
    chunk.write_bytes(closed(b"".join(lines), model=chunk.parent.name, name=chunk.name))
    log = tmp_path / "calls"
    assert dict(Memo(tmp_path / "m", chunk_size=4).measure(Brightness(log=str(log)), images)) == first
    assert calls(log) == [images[6].id]
    assert "1 of its 4 lines hold no record of this model; these items are computed again" in caplog.text


def test_a_few_bad_pictures_do_not_break_a_rerun(tmp_path: Path) -> None:
    images = [*greys(tmp_path, 5), *(grey_picture(tmp_path / f"dark{level}.png", level) for level in range(3))]
    for _ in range(2):
        signals = Memo(tmp_path / "m").measure(Raising(), images)
        assert sum(isinstance(signal, Failure) for signal in signals.values()) == 3


def test_what_another_worker_could_measure_is_no_failure(tmp_path: Path) -> None:
    items = [Item(id=f"{i:032d}", value=i) for i in range(4)]
    signals = Memo(tmp_path / "m").compute(Halves(), items)
    assert isinstance(signals[items[1].id], Failure)
    (folder,) = (tmp_path / "m").iterdir()
    ChunkStore(folder, Score).publish(
        "000000-late.jsonl", [b'{"id":"%s","signal":{"value":7.0}}' % items[1].id.encode()]
    )
    assert Memo(tmp_path / "m").compute(Halves(), items)[items[1].id] == Score(value=7.0)


def test_a_chunk_that_is_damaged_while_it_is_read_is_said_by_name(tmp_path: Path) -> None:
    images = greys(tmp_path, 3)
    signals = Memo(tmp_path / "m").measure(Brightness(), images)
    (chunk,) = (tmp_path / "m").rglob("*.jsonl")
    chunk.write_bytes(b"")
    with pytest.raises(DcvlrError, match=r"\.jsonl was lost while the run went on"):
        signals[images[0].id]


@pytest.mark.parametrize(("count", "chunks"), [(3, 1), (20, 3), (100, 13)])
def test_small_runs_are_cut_small_enough_to_be_shared(tmp_path: Path, count: int, chunks: int) -> None:
    items = [Item(id=f"{i:032d}", value=2 * i) for i in range(count)]
    Memo(tmp_path / "m").compute(Halves(), items)
    assert len(list((tmp_path / "m").rglob("*.jsonl"))) == chunks


class Heard(NoProgress):
    """What a terminal would be told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def begin(self, key: str, total: int, done: int) -> None:
        self.calls.append((f"of {total}", done))

    def advance(self, key: str, done: int) -> None:
        self.calls.append((key.partition("-")[0], done))

    def end(self, key: str) -> None:
        self.calls.append(("end", 0))


def test_progress_is_told_batch_by_batch(tmp_path: Path) -> None:
    heard = Heard()
    Memo(tmp_path / "m", reporter=heard).measure(Brightness(batch_size=4), greys(tmp_path, 10))
    steps = [done for word, done in heard.calls if word == "brightness"]
    assert heard.calls[0] == ("of 10", 0)
    assert steps == sorted(steps)
    assert set(steps) == {4, 8, 10}
    assert heard.calls[-1] == ("end", 0)


def test_no_images_is_no_work(tmp_path: Path) -> None:
    assert dict(Memo(tmp_path / "m").measure(Brightness(), [])) == {}
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_the_claim_of_a_worker_that_was_killed_after_publishing_is_cleared(tmp_path: Path) -> None:
    images = greys(tmp_path, 3)
    memo = Memo(tmp_path / "checkpoints")
    memo.measure(Brightness(), images)
    (chunk,) = (tmp_path / "checkpoints").rglob("*.jsonl")
    lock = str(chunk) + ".lock"
    code = f"import pathlib\nfrom dcvlr.rundir.locks import Locks\nLocks(60).take(pathlib.Path({lock!r}))"
    assert run_python("-c", code).returncode == 0
    Memo(tmp_path / "checkpoints").measure(Brightness(), images)
    assert not list((tmp_path / "checkpoints").rglob("*.lock"))
