"""Codes that say more than the catalogue's: the order code "LM339DR" of the part "LM339"."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ltrr.retrievers.phrases.phrases import Phrases

_SHORTEST: Final = 4
_SHARE: Final = 0.4
_LONGEST: Final = 24
_FEW: Final = 5
_SELDOM: Final = 0.01
_RUN: Final = re.compile(r"\d+|[^\W\d_]+")


def cores(phrases: Phrases, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words, where one is a code that the catalogue has not, what it has of it in its place.

    That is the longest of its beginnings that is known or begins a name or word, and of the same behind a change of
    letters and digits ("74hc595" of "SN74HC595N") that is known: of four signs, two fifths of the code, and a digit at
    least. No number is cut, and one alone is none that many have, such as a year.
    """
    return tuple(next(_known(phrases, word), word) for word in words)


def _known(phrases: Phrases, word: str) -> Iterator[str]:
    runs = list(_RUN.finditer(word))
    if len(runs) < 2 or len(word) > _LONGEST or phrases.having(word):  # noqa: PLR2004  # letters and digits
        return
    starts = [run.start() for run in runs]
    for length in range(len(word) - 1, max(_SHORTEST, round(_SHARE * len(word))) - 1, -1):
        for start in starts:
            core = word[start : start + length]
            cut = word[start + length - 1 : start + length + 1].isdigit() and start + length < len(word)
            if len(core) < length or cut or not any(map(str.isdigit, core)):
                continue
            having = phrases.having(core)
            many = core.isdigit() and having > max(_FEW, _SELDOM * len(phrases))
            if (having and not many) or (not start and phrases.begun(core)):
                yield core
