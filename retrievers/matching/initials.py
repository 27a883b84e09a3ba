"""Initials: "J. Austen" asks for a name that begins with J before Austen."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from ltrr.models.text import normalise

_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)+")

_NAME: Final = 2
"""Words of a name with one initial."""

Fits = Callable[[int, str], bool]


def initials(tokens: Sequence[str], typed: Iterable[str]) -> tuple[int, ...]:
    """Return the places of letters that were typed with a point behind them, before another word.

    typed: the query's words as they were typed.
    """
    letters = {letter for piece in typed if _INITIALS.fullmatch(piece) for letter in normalise(piece).split()}
    return tuple(place for place, token in enumerate(tokens[:-1]) if len(token) == 1 and token in letters)


def bare_initial(tokens: Sequence[str]) -> tuple[int, ...]:
    """Return the place of the letter of two words that may be an initial and a last name: "d white"."""
    is_one = len(tokens) == _NAME and len(tokens[0]) == 1 < len(tokens[1]) and tokens[0].isalpha()
    return (0,) if is_one else ()


def stood_for(
    tokens: Sequence[str], places: Sequence[int], parts: Iterable[Sequence[str]], fits: Fits
) -> Iterator[int]:
    """Yield the places of initials for which one of some texts has a word, right before what it has of the next token.

    fits: (place of a token, word) -> whether the word is what is asked for there.
    """
    pairs = [pair for part in parts for pair in pairwise(part)]

    def has(place: int, word: str) -> bool:
        return word.startswith(tokens[place]) if place in places else fits(place, word)

    yield from (
        place for place in places if any(one.startswith(tokens[place]) and has(place + 1, two) for one, two in pairs)
    )
