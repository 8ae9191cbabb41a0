"""Gold questions: what a dataset's own `metadata.jsonl` beside its pictures asks and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.metadata.texts import answer_texts, choice_texts, plain_text, question_text
from dcvlr.records import ImageRecord, Record

METADATA = "metadata.jsonl"

_QUESTION = ("question", "query", "problem")
_ANSWER = ("answer", "label", "solution", "gold", "answers")
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

    Looks beside every path of a picture. Lines without a question or an answer, and those about several pictures, are
    passed over; keys that mean nothing here are ignored. Only where lines stand is held in memory. Raises `ConfigError`
    naming file and line for one that is no JSON object with a `file_name`.
    """
    return _GoldQuestions(images)


class _GoldQuestions(Mapping[str, tuple[Gold, ...]]):
    def __init__(self, images: Sequence[ImageRecord]) -> None:
        self._images: dict[str, ImageRecord] = {}
        self._lines: defaultdict[str, list[tuple[Path, int, int]]] = defaultdict(list)
        image_of = {path: image for image in images for path in (image.path, *image.copies)}
        for folder in sorted({Path(path).parent for path in image_of}):
            for name, line in _index(folder / METADATA):
                image = image_of.get(str(folder / name))
                if image is not None:
                    self._lines[image.id].append(line)
        for image in images:
            if any(_gold(image, *line) for line in self._lines.get(image.id, ())):
                self._images[image.id] = image

    def __getitem__(self, image_id: str) -> tuple[Gold, ...]:
        image = self._images[image_id]
        golds = [gold for line in self._lines[image_id] if (gold := _gold(image, *line))]
        return tuple({(gold.question, gold.options, gold.answer): gold for gold in reversed(golds)}.values())[::-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)


def _index(path: Path) -> Iterator[tuple[str, tuple[Path, int, int]]]:
    """Name of the picture, and file, line number and offset of each line."""
    if not path.is_file():
        return
    offset = 0
    with path.open("rb") as file:
        for line_number, line in enumerate(file, start=1):
            if line.strip():
                yield _parsed(path, line_number, line)["file_name"], (path, line_number, offset)
            offset += len(line)


def _parsed(path: Path, line_number: int, line: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}, line {line_number} is no JSON ({error}): mend or remove the line") from error
    if not isinstance(content, dict) or not isinstance(content.get("file_name"), str):
        raise ConfigError(f"{path}, line {line_number} is no object with a file_name: mend or remove the line")
    return content


def _gold(image: ImageRecord, path: Path, line_number: int, offset: int) -> Gold | None:
    with path.open("rb") as file:
        file.seek(offset)
        line = _parsed(path, line_number, file.readline())
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
        row=plain_text(row) or str(line_number),
        split=plain_text(line.get("split")),
        licence=plain_text(_first(line, _LICENCE)),
        dataset=plain_text(line.get("dataset")) or image.dataset,
    )


def _first(line: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """The value of the first key that has one."""
    return next((line[key] for key in keys if line.get(key) is not None), None)
