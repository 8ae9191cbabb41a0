"""Gold questions: what a dataset's own metadata beside its pictures asks and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dcvlr.metadata.rows import MetadataRow, metadata_rows, rows_of_lines
from dcvlr.metadata.texts import answer_texts, choice_texts, plain_text, question_text
from dcvlr.records import ImageRecord, Record, row_files
from dcvlr.remote import is_url

_QUESTION = ("question", "query", "problem", "conversations")
_ANSWER = ("answer", "label", "solution", "gold", "answers", "conversations")
_OPTIONS = ("choices", "options")
_LICENCE = ("licence", "license")


class Gold(Record, frozen=True):
    """One question about one picture with the answer its dataset gives.

    `answer` is the text as it stands, a whole solution with `<answer>` tags or `\\boxed{}` included; where there are
    `options` an index or a letter became the option. `also` are other answers the dataset accepts. `row` is the row's
    own name for itself, else its line number.
    """

    image_id: str
    question: str
    options: tuple[str, ...] | None
    answer: str
    also: tuple[str, ...]
    row: str
    split: str | None
    licence: str | None
    dataset: str


def gold_questions(images: Sequence[ImageRecord]) -> Mapping[str, tuple[Gold, ...]]:
    """The gold questions of each picture that has any, by image id, in the order of `images`.

    Looks beside every path of a picture, and one folder up, where names have a folder before them, and in the rows that
    its sources have written. Rows without a question or an answer, and those about several pictures, are passed over;
    keys that mean nothing here are ignored.
    Of a `.jsonl` only where lines stand is held in memory. Raises `ConfigError` for a row that names no picture.
    """
    return _GoldQuestions(images)


def check_rows(images: Iterable[ImageRecord]) -> None:
    """Raise `ConfigError` for a row, where `gold_questions` of `images` would look, that cannot be read."""
    for _ in _rows(images):
        pass


def _rows(images: Iterable[ImageRecord]) -> Iterator[tuple[str, MetadataRow]]:
    """Every row about pictures in the folders of `images`, and of their sources, with the path of its picture."""
    paths = (path for image in images for path in (image.path, *image.copies) if not is_url(path))
    folders = {Path(folder) for folder in {path[: path.rfind("/") + 1] for path in paths}}
    for folder in sorted(folders | {folder.parent for folder in folders}):
        for name, row in metadata_rows(folder):
            yield str(folder / name), row
    for file in row_files(images):
        yield from rows_of_lines(Path(file))


class _GoldQuestions(Mapping[str, tuple[Gold, ...]]):
    def __init__(self, images: Sequence[ImageRecord]) -> None:
        self._images: dict[str, ImageRecord] = {}
        self._lines: defaultdict[str, list[MetadataRow]] = defaultdict(list)
        image_of = {path: image for image in images for path in (image.path, *image.copies)}
        for path, row in _rows(images):
            if path in image_of:
                self._lines[image_of[path].id].append(row)
        for image in images:
            if any(_gold(image, row) for row in self._lines.get(image.id, ())):
                self._images[image.id] = image

    def __getitem__(self, image_id: str) -> tuple[Gold, ...]:
        image = self._images[image_id]
        golds = [gold for row in self._lines[image_id] if (gold := _gold(image, row))]
        return tuple({(gold.question, gold.options, gold.answer): gold for gold in reversed(golds)}.values())[::-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)


def _gold(image: ImageRecord, stored: MetadataRow) -> Gold | None:
    line = stored.content()
    several = line.get("pictures")
    question = question_text(_first(line, _QUESTION))
    options = choice_texts(_first(line, _OPTIONS))
    answers = answer_texts(_first(line, _ANSWER), options)
    if question is None or not answers or (isinstance(several, int) and several > 1):
        return None
    more = answer_texts(line.get("answers"), options)
    row = _first(line, ("row_id", "id", "row"))
    return Gold(
        image_id=image.id,
        question=question,
        options=options,
        answer=answers[0],
        also=tuple(dict.fromkeys(text for text in (*answers[1:], *more) if text != answers[0])),
        row=plain_text(row) or str(stored.row_number),
        split=plain_text(line.get("split")),
        licence=plain_text(_first(line, _LICENCE)),
        dataset=plain_text(line.get("dataset")) or image.dataset,
    )


def _first(line: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """The value of the first key that has one."""
    return next((line[key] for key in keys if line.get(key) is not None), None)
