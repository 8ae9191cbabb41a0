"""The glossary in code: what each kind of part must offer, as mypy and tests/contracts check it; none inherits it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from dcvlr.execution.slices import Slices
from dcvlr.records import (
    Caption,
    Decode,
    Detections,
    Failure,
    Finding,
    ImageRecord,
    ImageStatistics,
    OcrResult,
    Picture,
    PixelFacts,
    PrintedLine,
    Qa,
    Questions,
    Readings,
    Scene,
    SceneField,
    Score,
)
from dcvlr.records.requests import Reply, Request
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")
ItemT_contra = TypeVar("ItemT_contra", contravariant=True)


class HasId(Protocol):
    @property
    def id(self) -> str: ...


class Model(Protocol[ItemT_contra, R_co]):
    """Anything slow worth remembering: a frozen dataclass that maps a list of items to a list of signals, in order.

    `name` is the folder of its signals, `revision` is raised when the same fields would give another result,
    `signal` is the record type it returns. A failure of one item is returned in its place, not raised.
    Construction is free; weights are loaded by the first call.
    """

    name: ClassVar[str]
    revision: ClassVar[int]
    signal: ClassVar[type]

    @property
    def batch_size(self) -> int: ...
    def check_ready(self) -> None:
        """Raise `ConfigError` if a package, weight or key is missing; must not load anything heavy."""

    def __call__(self, items: Sequence[ItemT_contra], /) -> Sequence[R_co | Failure]: ...


class ImageModel(Model[Picture, R_co], Protocol[R_co]):
    """A model that looks at decoded pictures; `decode` says how large and whether grey."""

    @property
    def decode(self) -> Decode: ...


class LanguageModel(Protocol):
    """Answers requests. Its identity is all that changes a reply; how fast or at which address it is asked is not."""

    name: ClassVar[str]
    revision: ClassVar[int]
    signal: ClassVar[type]  # Reply

    @property
    def family(self) -> str:
        """Whose model it is, as in `qwen`: a judge should not be of the family it judges."""

    @property
    def sees_images(self) -> bool: ...
    def check_ready(self) -> None: ...
    def answers(self, requests: Iterable[Request], /) -> Generator[tuple[Request, Reply | Failure]]:
        """Each request with its reply, in any order; a request is pulled only when the model can take another.

        Closing it ends what is under way, threads and connections included.
        Raises `DcvlrError` where no request will work: a wrong key, a budget that is spent.
        """


class Derived(Protocol[R_co]):
    """A free, pure reading of other models' signals: never stored, so its settings cost nothing to change.

    Faces and an NSFW score are two readings of one detector pass. A failure of any source is its failure.
    """

    @property
    def sources(self) -> tuple[Measurable[Any], ...]: ...
    def derive(self, *signals: Any) -> R_co: ...


Measurable = ImageModel[R] | Derived[R]

StatisticsReader = Measurable[ImageStatistics]
Scorer = Measurable[Score]
OcrModel = Measurable[OcrResult]
Detector = Measurable[Detections]
Captioner = Measurable[Caption]
PixelReader = Measurable[PixelFacts]


@runtime_checkable
class ReadsAgain(Protocol):
    """An OCR model that comes with another one, which reads single lines of a picture once more."""

    @property
    def again(self) -> Model[PrintedLine, Readings]: ...


class Signals(Protocol[R_co]):
    """Signals by image id, read and decoded when asked for: quickest `many` in the order they were measured in."""

    def __getitem__(self, item_id: str, /) -> R_co | Failure: ...
    def many(self, item_ids: Sequence[str], /) -> Sequence[R_co | Failure]: ...


class Remembering(Protocol):
    """What a stage may ask of the memo."""

    def measure(self, model: Measurable[R], images: Sequence[ImageRecord]) -> Signals[R]: ...
    def measure_together(
        self, models: Sequence[Measurable[Any]], images: Sequence[ImageRecord]
    ) -> Sequence[Signals[Any]]: ...
    def compute(self, model: Model[Any, R], items: Sequence[HasId]) -> Signals[R]: ...
    def generate(self, model: LanguageModel, requests: Sequence[Request]) -> Mapping[str, Reply | Failure]: ...
    def slices(self) -> Slices:
        """How many processes may share what is decided now, and how."""


class Stage(Protocol[ItemT_contra, R_co]):
    """A step of the pipeline. `name` is its key in the config, `folder` where its files go.

    `takes` and `gives` are the record types, so that a wrong order of stages is found before work starts; `result` is
    the key of its count in pipeline_results.json.
    """

    name: ClassVar[str]
    folder: ClassVar[str]
    takes: ClassVar[type]
    gives: ClassVar[type]
    result: ClassVar[str]

    def __call__(
        self, records: Sequence[ItemT_contra], memo: Remembering, ledger: Ledger, files: Folder
    ) -> Sequence[R_co]:
        """What goes on to the next stage. Rejects go to the ledger, the stage's own files into `files`."""


class Source(Protocol):
    """Where pictures come from."""

    @property
    def location(self) -> str:
        """What a run directory is bound to: two different locations are never mixed in one."""

    @property
    def root(self) -> str: ...  # the absolute folder that paths in results are relative to

    def count(self) -> int:
        """How many files would be looked at; reads none of them."""

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        """Every picture once, sorted by path. Raises `ConfigError` if there is none, with the expected layout."""


class Similarity(Protocol):
    """Cosine of image and caption embeddings, by image id."""

    def __call__(
        self, images: Sequence[ImageRecord], captions: Signals[Caption], memo: Remembering
    ) -> Mapping[str, float | Failure]: ...


class QuestionWriter(Protocol):
    """Writes questions about scenes, of which it is handed `batch` at a time, in order."""

    name: ClassVar[str]  # what a QA's `generator` field starts with
    asks: ClassVar[bool]  # whether a model is asked for them

    @property
    def batch(self) -> int: ...
    @property
    def sees_images(self) -> bool: ...  # a scene without any signal will do
    def needs(self, scene: Scene, asked: Set[SceneField]) -> Set[SceneField]:
        """What must be measured of a scene, as far as it can be told from what was `asked` for so far."""

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> Sequence[Questions]: ...


class Refinement(Protocol):
    """What is made of each question of a scene, in order: it, a better one, or why it goes or could not be asked."""

    name: ClassVar[str]

    def __call__(self, made: Sequence[tuple[Scene, Qa]], memo: Remembering) -> Sequence[Qa | Finding | Failure]: ...


class Check(Protocol):
    """A verdict on each QA of a batch, in order; a batch holds all QAs of each of its images.

    A check that asks a model of any kind says `asks: ClassVar[bool] = True` and sees only what the others let through,
    so that nothing is paid for a QA that is lost anyway; others may run in a forked process, and remember nothing. One
    that weighs QAs against each other says `compares` and sees only those that passed all the rest, so that a rejected
    QA never costs a good one. A failure in a finding's place leaves the QA unmeasured, or rejected where asking again
    would give the same.
    """

    name: ClassVar[str]

    def __call__(self, qas: Sequence[Qa], memo: Remembering, /) -> Sequence[Finding | Failure]: ...


@runtime_checkable
class Surveys(Protocol):
    """A check that has to know all QAs of a run, not only a batch: the stage asks it once for the check among them."""

    def among(self, qas: Iterable[Qa], /) -> Check: ...


class Exporter(Protocol):
    """Writes the dataset for one kind of reader into `folder`, which does not exist yet, README.md left to the run."""

    name: ClassVar[str]

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None: ...


@runtime_checkable
class SortsIntoBins(Protocol):
    """A stage whose result is counted by bin."""

    @property
    def bin_names(self) -> Sequence[str]: ...


@runtime_checkable
class Publishes(Protocol):
    """An exporter that also sends what it wrote elsewhere, once every export of the run is in its place."""

    def publish(self, folder: Path) -> None: ...
