"""What the catalogue has of words that it has not: "LM339" of an order code "LM339DR", "Stuhl" of a "Gartenstuhl"."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ltrr.models.text import TELLING_HEAD, common_forms, has_digit, heads
from ltrr.retrievers.phrases.phrases import Phrases

_SHORTEST: Final = 4
_SHARE: Final = 0.4
_LONGEST: Final = 24
_FEW: Final = 5
_MISSPELT: Final = 0.85
_SELDOM: Final = 0.01
_RUN: Final = re.compile(r"\d+|[^\W\d_]+")


def cores(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[str, ...]:
    """Return the words, where the catalogue has not one of them, what it has of it in its place.

    Of a code that is the longest of its beginnings that is known or begins a name or word, and of the same behind a
    change of letters and digits ("74hc595" of "SN74HC595N") that is known: of four signs, two fifths of the code, and a
    digit at least. No number is cut, and one alone is none that many have, such as a year. Of a compound that is
    nothing known misspelt it is the longest of its ends of four letters that is known, see `heads`. stemmer: of the
    catalogue.
    """
    return tuple(word if phrases.having(word) else next(_known(phrases, word, stemmer), word) for word in words)


def _known(phrases: Phrases, word: str, stemmer: str) -> Iterator[str]:
    yield from _of_code(phrases, word)
    ends = [head for head in heads(word, stemmer) if len(head) >= TELLING_HEAD]
    if ends and not any(share > _MISSPELT for _, share in (*phrases.near(word, 1), *phrases.words_near(word, 1))):
        forms = (form for head in ends for form in (head, *common_forms(head, stemmer)) if len(form) >= TELLING_HEAD)
        yield from filter(phrases.having, forms)


def _of_code(phrases: Phrases, word: str) -> Iterator[str]:
    runs = list(_RUN.finditer(word))
    if len(runs) < 2 or len(word) > _LONGEST:  # noqa: PLR2004  # letters and digits
        return
    starts = [run.start() for run in runs]
    for length in range(len(word) - 1, max(_SHORTEST, round(_SHARE * len(word))) - 1, -1):
        for start in starts:
            core = word[start : start + length]
            cut = word[start + length - 1 : start + length + 1].isdigit() and start + length < len(word)
            if len(core) < length or cut or not has_digit(core):
                continue
            having = phrases.having(core)
            many = core.isdigit() and having > max(_FEW, _SELDOM * len(phrases))
            if (having and not many) or (not start and phrases.begun(core)):
                yield core
