"""Whether a computed answer follows from the evidence that it cites.

The program of each record is evaluated a second time by code that was written apart and knows nothing but the record.
It reads each value from the text of the evidence, holds rows and columns against where the evidence stands, and holds
the question against the kind of the program and against what the evidence calls its columns, rows and values.

What a proof cannot see: whether the evidence is true of the picture; whether it is complete, for it knows nothing but
what is cited (a line that was not read, a third dog that was not found; a row between others leaves a gap, one at the
end does not); that a page is no receipt of which it cites no
line that says what it is.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.text.question_words import WordingFile
from dcvlr.validation.each import each
from dcvlr.validation.proofs.asked import check_asked
from dcvlr.validation.proofs.evidence import UnprovenError, parsed, require
from dcvlr.validation.proofs.operations import ProofValue
from dcvlr.validation.proofs.phrasings import Phrasings
from dcvlr.validation.proofs.program import Evaluation, operations_in, parse

_ANSWER = re.compile(
    r"-?(?:[A-Z]{2,3} ?|S\$|[$€£])?\d[\d,]*(?:\.\d+)?(?:%| ?min(?:s|utes)?)?|\d{1,2}:\d\d(?: [AP]M)?"
    r"|\d{4}-\d\d-\d\d|\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{1,2} [A-Za-z]+ \d{4}"
)
_TIME = re.compile(r"\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{1,2} [A-Za-z]+ \d{4}")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Passes where the evidence alone leads to the answer.

    A QA that was not computed passes with value None and says so.
    """

    name: ClassVar[str] = "proof"

    wording: WordingFile

    @each
    def __call__(self, qa: Qa) -> Finding:
        writer, _, kind = qa.generator.partition("/")
        if writer != "computed":
            return Finding(name=self.name, passed=True, reason="not computed")
        try:
            self._prove(qa, kind)
        except UnprovenError as unproven:
            return Finding(name=self.name, passed=False, value="", threshold=qa.answer, reason=str(unproven))
        return Finding(name=self.name, passed=True, value=qa.answer, threshold=qa.answer)

    @cached_property
    def _named_words(self) -> dict[str, frozenset[str]]:
        """What belongs to a group of kinds, and by which words a page would say what it is asked for."""
        words = self.wording.words
        groups = {name: frozenset(members) for name, (members, _) in words.groups.items()}
        rows = {name: frozenset({name}) for names in words.absent_rows.values() for name in names}
        return {**rows, **groups, **{name: frozenset(called) for name, called in words.absent.items()}}

    @cached_property
    def _phrasings(self) -> Phrasings:
        return Phrasings(self.wording.words)

    def _prove(self, qa: Qa, kind: str) -> None:
        if not qa.program:
            raise UnprovenError("there is no program")
        program = parse(qa.program)
        evaluation = Evaluation(qa, program, self._named_words)
        value = evaluation.value(program.result)
        check_asked(qa, kind, program, evaluation, self._phrasings)
        loose = evaluation.cited.evidence.keys() - evaluation.reader.used
        if loose:
            raise UnprovenError(f"the program does not look at {', '.join(sorted(loose))}")
        require(qa.difficulty == len(qa.operations), "the difficulty is not the number of operations")
        _check_operations(Counter(qa.operations), list(operations_in(program.result)))
        self._check_answer(qa.answer, value)

    def _check_answer(self, answer: str, value: ProofValue) -> None:
        match value:
            case None:
                wanted = self.wording.words.phrases["not_stated"]
            case bool():
                wanted = self.wording.words.yes if value else self.wording.words.no
            case str() if value.startswith("weekday "):
                wanted = self.wording.words.weekdays[int(value[-1])]
            case str():
                wanted = value
            case tuple():
                wanted = self.wording.words.phrases["ordered"].join(value)
            case Fraction():
                require(_ANSWER.fullmatch(answer) is not None, f"{answer!r} is not one value")
                if not _is_shown(answer, value):
                    raise UnprovenError(f"the evidence leads to {float(value):g}, not to {answer!r}")
                return
            case _:
                raise UnprovenError("the program ends in more than one value")
        require(answer == wanted, f"the evidence leads to {wanted!r}, not to {answer!r}")


def _check_operations(given: Counter[str], done: Sequence[tuple[str, ast.expr]]) -> None:
    """What is done to the same twice may be named once."""
    most = Counter(op for op, _ in done)
    if given != most:
        least = Counter(op for op, _ in {(op, ast.unparse(where)) for op, where in done})
        require(least <= given <= most, "the operations are not those of the program")


def _is_shown(answer: str, value: Fraction) -> bool:
    """Whether `answer` is the value, or the value rounded to the digits that it shows."""
    if _TIME.search(answer):
        return parsed("time", answer) == value
    if _DAY.fullmatch(answer):
        return _is_day(answer, value)
    number = parsed("number", answer)
    if number == value:
        return True
    decimals = len(_DIGIT.findall(answer.partition(".")[2]))
    return abs(number - value) < Fraction(1, 2 * 10**decimals)


def _is_day(answer: str, value: Fraction) -> bool:
    """A day in the form of the evidence; where 03/04 may be two days, either may be meant."""
    try:
        return parsed("date", answer) == value
    except UnprovenError:
        first, second, year = re.findall(r"\d+", answer)
        both = (f"{year}-{int(m):02d}-{int(d):02d}" for d, m in ((first, second), (second, first)))
        return any(parsed("date", one) == value for one in both)
