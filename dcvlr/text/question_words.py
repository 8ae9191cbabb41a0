"""The words of computed questions in one language, as a file of `conf/synthesis/wording` gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from dcvlr.identity import digest
from dcvlr.settings import SettingError


@dataclass(frozen=True, kw_only=True)
class QuestionWords:
    """Data only; the keys are explained in `conf/synthesis/wording/en.yaml`.

    Raises `ConfigError` for a kind of question without a phrasing.
    """

    rows: Mapping[str, Sequence[str]]
    columns: Mapping[str, str]
    fields: Mapping[str, str]
    kinds: Mapping[str, Sequence[str]]
    ordinals: Sequence[str]
    numbers: Sequence[str]
    places: Sequence[str]
    weekdays: Sequence[str]
    phrases: Mapping[str, str]
    questions: Mapping[str, Mapping[str, Sequence[str]]]
    steps: Mapping[str, str]
    yes: str
    no: str

    @property
    def content_digest(self) -> str:
        """What stands for all these words where settings are listed."""
        return digest(msgspec.json.encode(self, order="sorted"))

    def __post_init__(self) -> None:
        for kind, phrasings in self.questions.items():
            if not phrasings.get("any"):
                raise SettingError(f"questions.{kind}.any", None, "at least one phrasing is needed")
