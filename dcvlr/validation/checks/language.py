"""Questions and reasoning in the language that is wanted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from dcvlr.errors import require_package
from dcvlr.records import Finding, Qa
from dcvlr.settings import Fraction, SettingError, checked
from dcvlr.validation.each import each

_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')


@dataclass(frozen=True, kw_only=True)
@checked
class Language:
    """What a model wrote is in `language` (ISO 639-1), as py3langid reads it.

    Judged are question and reasoning without what they quote or repeat of cited texts; fewer than `min_letters` letters
    are too few to tell. Another language fails from the probability `min_probability` on. A question with fewer than
    `min_script_share` of its letters of `script` (the first word of their Unicode names: LATIN, CJK, …) fails.
    Computed questions are not checked: their words are the program's own.
    """

    name: ClassVar[str] = "language"

    language: Annotated[str, Meta(pattern="^[a-z]{2}$")]
    script: str
    min_script_share: Fraction
    min_letters: Annotated[int, Meta(ge=1, le=1000)]
    min_probability: Fraction

    @each
    def __call__(self, qa: Qa) -> Finding:
        if qa.is_computed:
            return Finding(name=self.name, passed=True, reason="not checked: computed")
        text = _own_words(qa)
        letters = [letter for letter in text if letter.isalpha()]
        share = sum(self._is_of_script(letter) for letter in letters) / len(letters) if letters else 1.0
        if share < self.min_script_share:
            reason = f"{share:.0%} of the letters are {self.script.lower()}"
            return Finding(
                name=self.name, passed=False, value=self.script, threshold=self.min_script_share, reason=reason
            )
        if len(letters) < self.min_letters:
            return Finding(name=self.name, passed=True, reason=f"not checked: {len(letters)} letters are too few")
        ranked = dict(self._detector.rank(text))
        language, probability = next(iter(ranked)), 1 - ranked[self.language]
        passed = language == self.language or probability < self.min_probability
        reason = "" if passed else f"{language!r}, not {self.language!r} with the probability {probability:.2f}"
        return Finding(name=self.name, passed=passed, value=language, threshold=self.min_probability, reason=reason)

    def _is_of_script(self, letter: str) -> bool:
        return unicodedata.name(letter, "").startswith(self.script.upper())

    @cached_property
    def _detector(self) -> Any:
        require_package("py3langid", extra="llm", owner=f"validation/checks={self.name}")
        from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

        detector = LanguageIdentifier.from_modelpath(Path(MODEL_DIR) / MODEL_FILE, norm_probs=True)
        if self.language not in detector.nb_classes:
            key = f"validation.checks.{self.name}.language"
            raise SettingError(key, self.language, f"py3langid knows {', '.join(detector.nb_classes)}")
        return detector


def _own_words(qa: Qa) -> str:
    text = _QUOTED.sub(" ", f"{qa.question}\n{qa.reasoning}")
    for item in sorted(qa.evidence, key=lambda item: -len(item.text)):
        if item.kind == "text" and len(item.text) > 2:
            text = text.replace(item.text, " ")
    return text
