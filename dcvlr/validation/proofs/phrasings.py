"""The questions that the phrasings of a language can become, as regular expressions, and the numbers that words are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dcvlr.text.question_words import QuestionWords

_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_SLOT = re.compile(r"\\{([^{}]*?)\\}")


@dataclass(frozen=True)
class Phrasings:
    """Those of one language; the expressions of a kind are made when it is first asked for, and kept."""

    language: QuestionWords
    _made: dict[tuple[str, str, str | None], list[re.Pattern[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def patterns(self, kind: str, fields: str, layout: str | None) -> Sequence[re.Pattern[str]]:
        """One for each phrasing of the kind, or of those for a `layout` of parts, where it has some.

        `fields` are the letters of single values with a printed label.
        """
        key = kind, fields, layout
        if key not in self._made:
            asked = self.language.questions.get(kind, {})
            is_of_layout = layout is not None and not asked.keys().isdisjoint(("across", "down"))
            phrasings = [asked.get(layout or "", asked["any"])] if is_of_layout else asked.values()
            templates = [one for some in phrasings for one in some]
            self._made[key] = [re.compile(self._pattern(one, fields), re.DOTALL) for one in templates]
        return self._made[key]

    def number(self, text: str) -> float | None:
        """What a word is, in digits, or in words as one counts or ranks; None for any other."""
        counted = self._counted.get(text.casefold(), self._ranked.get(text))
        if counted is not None or text.isalpha():
            return counted
        digits = re.sub(r"[^\d.]", "", text).strip(".")
        return float(digits) if _DIGITS.fullmatch(digits) else None

    @cached_property
    def _counted(self) -> dict[str, int]:
        return {word: n for n, word in reversed(list(enumerate(self.language.numbers)))}

    @cached_property
    def _ranked(self) -> dict[str, int]:
        return {word: n for n, word in reversed(list(enumerate(self.language.ordinals, start=1)))}

    def _pattern(self, template: str, fields: str) -> str:
        """A regular expression for all questions that a phrasing can become; rows and values stand in it as letters.

        So do the single values `fields`, unless one is called by words of the language ("the total"), not by its label.
        So does a number of its own, in words, where the program has the same: "the two sums".
        """
        called = "|".join(map(re.escape, self.language.fields.values()))

        def slot(found: re.Match[str]) -> str:
            name = "n" if found[1] == "nth" else found[1].lower()
            if name in ("things", "kinds"):
                return "(?P<listed>.*?)"
            if name in tuple(fields):
                return f"(?:⟦{name}⟧|(?i:{called}))"
            return f"⟦{name}⟧" if name in ("x", "y", "z", "n", "m", "p", "q", "g", "h", "colour") else ".*?"

        escaped = re.escape(template).replace(r"\[", "(?:").replace(r"\]", ")").replace(r"\|", "|")
        pattern = _SLOT.sub(slot, escaped.replace(r"\ ", " "))
        own = "|".join(map(re.escape, (*self.language.numbers, *self.language.ordinals)))
        pattern = re.sub(rf"\b(?:{own})\b", lambda found: f"(?:{found[0]}|⟦[nm]⟧)", pattern)
        return f"(?i:{pattern[0]}){pattern[1:]}" if pattern[0].isalpha() else pattern
