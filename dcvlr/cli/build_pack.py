"""`python -m dcvlr.decontaminate build`: a small pack of a benchmark, which runs are kept clean of.

Exit codes: 0 written, 1 something could not be read, 2 a wrong setting, 130 interrupted.
"""

from __future__ import annotations

import io
import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.config import compose, make
from dcvlr.decontamination.pack import Header, Item, Pack, write_pack
from dcvlr.decontamination.shingles import shingles, words_of
from dcvlr.errors import ConfigError, DcvlrError, require_package
from dcvlr.identity import identity
from dcvlr.memo import Memo
from dcvlr.records import Failure
from dcvlr.rundir.ledger import Ledger

log = logging.getLogger(__name__)

_QUESTIONS = ("question", "problem", "query")
_IDS = ("id", "row_id", "question_id", "questionId", "pid", "qid")
_KNOWN = {"name": "", "source": "", "output": "", "words": "3", "hash_decode": "draft"}
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
class Build:
    """What a command line asks for."""

    name: str
    source: Path
    output: Path
    words: int
    hash_decode: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Build a pack and say what is in it; returns the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if {"-h", "--help"} & set(words):
        print(_USAGE)
        return 0
    try:
        request = parse(words)
        pack = build(request)
    except ConfigError as error:
        print(f"dcvlr: {error}", file=sys.stderr)
        return 2
    except (DcvlrError, OSError) as error:
        print(f"dcvlr: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dcvlr: interrupted; nothing was written", file=sys.stderr)
        return 130
    pictures = sum(item.phash is not None for item in pack.items)
    print(f"{request.output}: {pictures} pictures and {len(pack.items) - pictures} questions of {request.name}")
    return 0


def parse(words: Sequence[str]) -> Build:
    """Raises `ConfigError` for another command, an unknown key or a missing value."""
    if not words or words[0] != "build":
        raise ConfigError(f"{words[0] if words else ''!r}: the command build is known, see --help")
    given = dict(_KNOWN)
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals or key not in _KNOWN:
            raise ConfigError(f"{word!r}: <key>=<value> is allowed, with a key of {', '.join(_KNOWN)}")
        given[key] = value
    missing = [key for key, value in given.items() if not value]
    if missing:
        raise ConfigError(f"{', '.join(missing)} missing: give {' '.join(f'{key}=<value>' for key in missing)}")
    if not given["words"].isdecimal() or not 1 <= int(given["words"]) <= 20:
        raise ConfigError(f"words={given['words']!r}: a whole number from 1 to 20 is allowed")
    return Build(
        name=given["name"],
        source=Path(given["source"]).expanduser(),
        output=Path(given["output"]).expanduser(),
        words=int(given["words"]),
        hash_decode=given["hash_decode"],
    )


def build(request: Build) -> Pack:
    """Read the benchmark and write its pack. Raises `ConfigError` where there is neither a picture nor a question."""
    statistics = make(
        compose([f"filtering.statistics.hash_decode={_quoted(request.hash_decode)}"]), "filtering.statistics"
    )
    is_folder = request.source.is_dir()
    pictures = _pictures(request.source, statistics) if is_folder else []
    rows = _rows_of_folder(request.source) if is_folder else _rows_of_file(request.source)
    items = [*pictures, *_questions(rows, request.words)]
    if not items:
        raise ConfigError(f"source={str(request.source)!r} holds neither pictures nor questions")
    header = Header(name=request.name, words=request.words, statistics=identity(statistics) if is_folder else "")
    pack = Pack(header, _distinct(items))
    write_pack(request.output, pack)
    return pack


def _pictures(folder: Path, statistics: Any) -> Iterator[Item]:
    """One item per picture; those that cannot be read are logged and left out."""
    source = make(compose(["source=folder", f"images_dir={_quoted(str(folder))}"]), "source")
    with tempfile.TemporaryDirectory(prefix="dcvlr-") as scratch:
        memo = Memo(Path(scratch))
        images = source(memo, Ledger(io.BytesIO(), "source"))
        signals = memo.measure(statistics, images)
        for image in images:
            signal = signals[image.id]
            if isinstance(signal, Failure):
                log.warning("%s is left out: %s", image.path, signal.message)
            else:
                yield Item(id=Path(image.path).relative_to(Path(source.location)).as_posix(), phash=signal.phash)


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
        found = words_of(question)
        if found:
            yield Item(id=name, shingles=shingles(found, words))


def _distinct(items: Iterable[Item]) -> list[Item]:
    """The first by id of those with one hash or the same n-grams: many questions share a picture."""
    kept: dict[tuple[str | None, bytes | None], Item] = {}
    for item in sorted(items, key=lambda item: item.id):
        kept.setdefault((item.phash, item.shingles), item)
    return list(kept.values())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


if __name__ == "__main__":
    sys.exit(main())
