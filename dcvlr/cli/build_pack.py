"""`python -m dcvlr.decontaminate build`: a small pack of a benchmark, which runs are kept clean of."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from dcvlr.cli.command_words import key_values, request
from dcvlr.config import compose, make
from dcvlr.decontamination.pack import Header, Item, Pack, write_pack
from dcvlr.decontamination.shingles import shingles, stem_of, words_of
from dcvlr.errors import ConfigError, require_package
from dcvlr.filtering.dedup.detail_hash import Detail, DetailHash
from dcvlr.identity import identity
from dcvlr.memo import Memo
from dcvlr.records import Failure, ImageStatistics
from dcvlr.rundir.ledger import Ledger
from dcvlr.settings import checked
from dcvlr.settings.typed import quoted

log = logging.getLogger(__name__)

_QUESTIONS = ("question", "problem", "query")
_IDS = ("id", "row_id", "question_id", "questionId", "pid", "qid")
_USAGE = """\
python -m dcvlr.decontaminate build name=mathvista source=data/mathvista output=packs/mathvista.jsonl

name         what the ledger calls the benchmark
source       a folder, <source>/<dataset>/train/<picture> with metadata.jsonl beside, as dcvlr.export_images writes it;
             or a .jsonl or .parquet file of questions (key question, problem or query)
output       the pack to write
words        length of the n-grams that questions are compared by, default 3
hash_decode  draft (default) or exact, the same as filtering.statistics.hash_decode of the runs
"""


@dataclass(frozen=True, kw_only=True)
@checked
class Build:
    """What a command line asks for."""

    name: str
    source: str
    output: str
    words: Annotated[int, Meta(ge=1, le=20)] = 3
    hash_decode: Literal["draft", "exact"] = "draft"


def main(arguments: Sequence[str]) -> int:
    """Build a pack and say what is in it."""
    words = key_values("python -m dcvlr.decontaminate build", _USAGE, arguments, of="as above")
    wanted = request(Build, words)
    pack = build(wanted)
    pictures = sum(item.phash is not None for item in pack.items)
    print(f"{wanted.output}: {pictures} pictures and {len(pack.items) - pictures} questions of {wanted.name}")
    return 0


def build(wanted: Build) -> Pack:
    """Read the benchmark and write its pack. Raises `ConfigError` where there is neither a picture nor a question."""
    statistics = make(compose([f"filtering.statistics.hash_decode={wanted.hash_decode}"]), "filtering.statistics")
    source = Path(wanted.source).expanduser()
    pictures = _pictures(source, statistics) if source.is_dir() else []
    rows = _rows_of_folder(source) if source.is_dir() else _rows_of_file(source)
    items = [*pictures, *_questions(rows, wanted.words)]
    if not items:
        raise ConfigError(f"source={wanted.source!r} holds neither pictures nor questions")
    hashes = identity(statistics) if source.is_dir() else ""
    pack = Pack(Header(name=wanted.name, words=wanted.words, statistics=hashes), _distinct(items))
    write_pack(Path(wanted.output).expanduser(), pack)
    return pack


def _pictures(folder: Path, statistics: Any) -> Iterator[Item]:
    """One item per picture; those that cannot be read are logged and left out."""
    source = make(compose(["source=folder", quoted("images_dir", str(folder))]), "source")
    with tempfile.TemporaryDirectory(prefix="dcvlr-") as scratch:
        memo = Memo(Path(scratch))
        images = source(memo, Ledger(io.BytesIO(), "source"))
        signals, details = memo.measure_together([statistics, DetailHash(batch_size=statistics.batch_size)], images)
        for image in images:
            signal, detail = signals[image.id], details[image.id]
            if isinstance(signal, Failure) or isinstance(detail, Failure):
                message = signal.message if isinstance(signal, Failure) else detail.message
                log.warning("%s is left out: %s", image.path, message)
            else:
                yield _item(Path(image.path).relative_to(Path(source.location)).as_posix(), signal, detail)


def _item(name: str, statistics: ImageStatistics, detail: Detail) -> Item:
    return Item(
        id=name,
        phash=statistics.phash,
        content_phash=statistics.content_phash if statistics.content_phash != statistics.phash else None,
        detail=detail.phash,
        content_detail=detail.content_phash if detail.content_phash != detail.phash else None,
    )


def _rows_of_folder(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted(folder.glob("*/train/metadata.jsonl")):
        yield from _rows_of_file(path, name=path.relative_to(folder).as_posix())


def _rows_of_file(path: Path, name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with a name: that of its file and its id, else its index from 1."""
    for index, row in enumerate(_read(path), 1):
        own = next((row[key] for key in _IDS if row.get(key) is not None), None)
        yield f"{name or path.name}#{index if own is None else own}", row


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    if not path.is_file() or path.suffix not in {".jsonl", ".json"}:
        raise ConfigError(f"source={str(path)!r}: a folder of pictures, or a .jsonl or .parquet file is needed")
    with path.open("rb") as file:
        for line_number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError as error:
                raise ConfigError(f"{path} line {line_number}: {error}; one JSON object a line is needed") from error


def _read_parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    require_package("pyarrow", extra="parquet", owner="a pack of a parquet file")
    from pyarrow import ArrowException, parquet

    try:
        file = parquet.ParquetFile(path)
        columns = [name for name in file.schema_arrow.names if name in {*_QUESTIONS, *_IDS}]
        for batch in file.iter_batches(columns=columns):
            yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise ConfigError(f"source={str(path)!r} cannot be read: {error}") from error


def _questions(rows: Iterable[tuple[str, Mapping[str, Any]]], words: int) -> Iterator[Item]:
    for name, row in rows:
        question = next((row[key] for key in _QUESTIONS if isinstance(row.get(key), str) and row[key].strip()), "")
        found = words_of(stem_of(question))
        if found:
            yield Item(id=name, shingles=shingles(found, words))


def _distinct(items: Iterable[Item]) -> list[Item]:
    """The first by id of those with the same hashes or the same n-grams: many questions share a picture."""
    kept: dict[tuple[str | bytes | None, ...], Item] = {}
    for item in sorted(items, key=lambda item: item.id):
        kept.setdefault((item.phash, item.detail, item.shingles), item)
    return list(kept.values())
