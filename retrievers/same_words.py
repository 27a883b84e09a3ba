"""Whether two queries say the same, word by word: what was taken for one is then taken for the other."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from rapidfuzz.distance import OSA

from ltrr.models.text import stem
from ltrr.models.wording import emphasis
from ltrr.retrievers.phrases.spelling import CUTOFF

_SHORT: Final = 3
_LETTERS_OF_AN_EDIT: Final = 4
_LITTLE: Final = 0.2
_NUMBER: Final = re.compile(r"\d+")


def contradict(query: str, other: str) -> bool:
    """Return whether both have numbers, and not the same, or each a short word that says something and is not there."""
    numbers = [sorted(_NUMBER.findall(text)) for text in (query, other)]
    if all(numbers) and numbers[0] != numbers[1]:
        return True
    words = [set(text.split()) for text in (query, other)]
    missing = [here - there for here, there in (words, words[::-1])]
    return all(any(len(word) <= _SHORT and emphasis(word) == 1.0 for word in some) for some in missing)


def rest(query: str, other: str) -> tuple[str, str]:
    """Return what each of two queries has to say, and the other has nothing like it; twice nothing where they agree.

    A word is like one that is inflected or spelt nearly alike, whichever place it has, and the last one of a query like
    what begins so, since it may be half typed. What is left of both is nothing where it is a matter of spaces.
    """
    words = query.split(), other.split()
    here, there = ([word for word in one if not _has_like(word, one, two)] for one, two in (words, words[::-1]))
    if here and there and OSA.normalized_similarity("".join(here), "".join(there)) >= CUTOFF:
        return "", ""
    return " ".join(_telling(here)), " ".join(_telling(there))


def is_little(left: tuple[str, str], query: str, other: str) -> bool:
    """Tell whether what is left of two queries is at most a fifth of the letters that each has to say."""
    return all(
        _letters(some.split()) <= _LITTLE * _letters(_telling(text.split()))
        for some, text in zip(left, (query, other), strict=True)
    )


def _has_like(word: str, words: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether some other words have one like it. words: those of its own query."""
    if any(stem(word) == stem(one) or _spelt_alike(word, one) for one in others):
        return True
    return (word == words[-1] and any(one.startswith(word) for one in others)) or word.startswith(others[-1])


def _spelt_alike(word: str, other: str) -> bool:
    longer = max(len(word), len(other))
    return longer >= _SHORT and OSA.distance(word, other) <= max(1, longer // _LETTERS_OF_AN_EDIT)


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if emphasis(word) == 1.0]


def _letters(words: Collection[str]) -> int:
    return sum(map(len, words))
