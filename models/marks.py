"""Marks in endings: how folded words may have been written, for stemmers that know endings by their marks."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

_ENDINGS: Final = {
    "catalan": {"o": "ó"},
    "czech": {"a": "á", "e": "é", "i": "í", "u": "ů", "y": "ý"},
    "french": {"e": "éè"},
    "hungarian": {"a": "á", "e": "é", "o": "ő"},
    "polish": {"a": "ą", "c": "ć", "e": "ę", "l": "ł", "n": "ń", "o": "ó", "s": "ś"},
    "portuguese": {"a": "áã", "c": "ç", "e": "ê", "o": "õ"},
    "romanian": {"a": "ăâ", "s": "ș", "t": "ț"},
    "turkish": {"g": "ğ", "i": "\u0131", "s": "ş", "u": "ü"},
}
"""What letters of endings may be folded from, where that is worth it.

Others than these join more words that are none of one another's forms than words that are.
"""
_FOLDED: Final = str.maketrans(
    {mark: letter for letters in _ENDINGS.values() for letter, marks in letters.items() for mark in marks}
)
_ENDING: Final = 7
_MOST: Final = 2


def spellings(word: str, stemmer: str) -> Iterator[str]:
    """Yield a folded word, and how it may have been written, with one or two marks in its last seven letters.

    "finansow" may be "finansów" in Polish; nothing but the word itself where a language has no endings with marks.
    """
    yield word
    marks = _ENDINGS.get(stemmer, {})
    places = [place for place in range(max(len(word) - _ENDING, 0), len(word)) if word[place] in marks]
    for count in range(1, _MOST + 1):
        for some in combinations(places, count):
            for written in product(*(marks[word[place]] for place in some)):
                letters = list(word)
                for place, letter in zip(some, written, strict=True):
                    letters[place] = letter
                yield "".join(letters)


def folded(text: str) -> str:
    """Return a text without the marks that `spellings` writes."""
    return text.translate(_FOLDED)
